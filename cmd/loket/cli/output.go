package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"loket/cmd/loket/cli/format"
)

// A page is a format.Page on which answers of the API are printed.
type page struct{ format.Page }

// page is an empty one, whose times are read where the daemon said last.
func (w *world) page() *page {
	p := &page{format.Page{Out: w.out, Colour: w.colour, Now: w.now(), Zone: time.UTC}}
	p.In(w.zone)
	return p
}

// printJSON prints a value as programs read it: indented, one value.
func (w *world) printJSON(v any) error { return w.writeJSON(v, "  ") }

// printJSONLine prints a value on a line of its own.
func (w *world) printJSONLine(v any) error { return w.writeJSON(v, "") }

func (w *world) writeJSON(v any, indent string) error {
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
