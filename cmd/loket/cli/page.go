package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// A page is output for people. Every string that is printed on it is cleaned of what a terminal would obey;
// only its own styles reach the terminal.
type page struct {
	out    io.Writer
	colour bool
	now    time.Time
	zone   *time.Location // in which times are read
	said   string         // the zone that stands on the page already
}

// page is an empty one, whose times are read where the daemon said last.
func (w *world) page() *page {
	p := &page{out: w.out, colour: w.colour, now: w.now(), zone: time.UTC}
	p.in(w.zone)
	return p
}

// colourful tells whether out is a terminal whose reader wants colours (no-color.org).
func colourful(out io.Writer, env func(string) string) bool {
	f, ok := out.(*os.File)
	if !ok || env("NO_COLOR") != "" || env("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// A style is how a word stands out.
type style string

const (
	plain  style = ""
	bold   style = "1"
	faint  style = "2"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
)

// styled is a text that stands out.
type styled struct {
	style style
	text  string
}

func (s style) of(format string, args ...any) styled { return styled{s, fmt.Sprintf(format, args...)} }

// show is the clean text, in its style if the page has colours.
func (p *page) show(s styled) string {
	text := clean(s.text)
	if !p.colour || s.style == plain || text == "" {
		return text
	}
	return "\x1b[" + string(s.style) + "m" + text + "\x1b[0m"
}

// printf prints like fmt.Printf: numbers by %d, all else, styled words too, by %s.
func (p *page) printf(format string, args ...any) {
	for i, a := range args {
		switch a := a.(type) {
		case styled:
			args[i] = p.show(a)
		case int, int64:
		default:
			args[i] = clean(fmt.Sprint(a))
		}
	}
	_, _ = fmt.Fprintf(p.out, format, args...)
}

// block prints a text of many lines, each behind prefix.
func (p *page) block(prefix, text string) {
	for line := range strings.Lines(strings.TrimRight(clean(text), " \n\t")) {
		_, _ = fmt.Fprintln(p.out, strings.TrimRight(prefix+strings.TrimRight(line, "\n"), " "))
	}
}

// table prints rows of cells, strings or styled, in columns that stand under their heads. The last column is not filled up.
func (p *page) table(heads []string, rows [][]any) {
	all := make([][]styled, 0, len(rows)+1)
	if len(heads) > 0 {
		line := make([]styled, len(heads))
		for i, h := range heads {
			line[i] = styled{faint, h}
		}
		all = append(all, line)
	}
	widths := map[int]int{}
	for _, row := range rows {
		line := make([]styled, len(row))
		for i, c := range row {
			s, ok := c.(styled)
			if !ok {
				s = styled{plain, fmt.Sprint(c)}
			}
			s.text = cleanLine(s.text)
			line[i] = s
		}
		all = append(all, line)
	}
	for _, line := range all {
		for i, s := range line {
			widths[i] = max(widths[i], columns(s.text))
		}
	}
	for _, line := range all {
		var b strings.Builder
		gap := 0 // spaces that wait for something behind them
		for i, s := range line {
			if s.text != "" {
				b.WriteString(strings.Repeat(" ", gap) + p.show(s))
				gap = 0
			}
			gap += widths[i] - columns(s.text) + 2
		}
		_, _ = fmt.Fprintln(p.out, b.String())
	}
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
	_, err := w.out.Write(cleanJSON(b.Bytes()))
	return err
}
