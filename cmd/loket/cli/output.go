package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

// A page is a format.Page on which answers of the API are printed.
type page struct{ format.Page }

// page is an empty one, whose times are read where the daemon said last.
func (w *streams) page() *page {
	p := &page{format.Page{Out: w.out, Colour: w.colour, Now: w.now(), Zone: time.UTC}}
	p.In(w.zone)
	return p
}

// printJSON prints a value as programs read it: indented, one value.
func (w *streams) printJSON(v any) error { return w.writeJSON(v, "  ") }

// printJSONLine prints a value on a line of its own.
func (w *streams) printJSONLine(v any) error { return w.writeJSON(v, "") }

func (w *streams) writeJSON(v any, indent string) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	_, err := w.out.Write(format.CleanJSON(b.Bytes()))
	return err
}

// answer makes one call of the API and prints what it gives: as JSON, or for people by show.
func answer[T any](w *streams, d *daemon, how outputFlags, call func(*api.Client) (T, error), show func(*page, T)) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	v, err := call(client)
	return how.result(w, v, err, func(p *page) { show(p, v) })
}

// result prints what a call gave, or gives its error.
func (c outputFlags) result(w *streams, v any, err error, show func(*page)) error {
	switch {
	case err != nil:
		return err
	case c.JSON:
		return w.printJSON(v)
	}
	show(w.page())
	return nil
}
