// Package format prints for people: tables, times, sizes, and text that a terminal cannot obey.
package format

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// A Page is output for people. Every string that is printed on it is cleaned of what a terminal would obey;
// only its own styles reach the terminal.
type Page struct {
	Out    io.Writer
	Colour bool
	Now    time.Time
	Zone   *time.Location // in which times are read
	Said   string         // the zone that stands on the page already
}

// Colourful tells whether out is a terminal whose reader wants colours (no-color.org).
func Colourful(out io.Writer, env func(string) string) bool {
	f, ok := out.(*os.File)
	if !ok || env("NO_COLOR") != "" || env("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// A Style is how a word stands out.
type Style string

// The styles, by their number in ANSI X3.64.
const (
	Plain  Style = ""
	Bold   Style = "1"
	Faint  Style = "2"
	Red    Style = "31"
	Green  Style = "32"
	Yellow Style = "33"
)

// Styled is a text that stands out.
type Styled struct {
	Style Style
	Text  string
}

// Of is text in the style, made as Sprintf makes it.
func (s Style) Of(format string, args ...any) Styled { return Styled{s, fmt.Sprintf(format, args...)} }

// show is the clean text, in its style if the page has colours.
func (p *Page) show(s Styled) string {
	text := Clean(s.Text)
	if !p.Colour || s.Style == Plain || text == "" {
		return text
	}
	return "\x1b[" + string(s.Style) + "m" + text + "\x1b[0m"
}

// Printf prints like fmt.Printf: numbers by %d, all else, styled words too, by %s.
func (p *Page) Printf(format string, args ...any) {
	for i, a := range args {
		switch a := a.(type) {
		case Styled:
			args[i] = p.show(a)
		case int, int64:
		default:
			args[i] = Clean(fmt.Sprint(a))
		}
	}
	_, _ = fmt.Fprintf(p.Out, format, args...)
}

// Block prints a text of many lines, each behind prefix.
func (p *Page) Block(prefix, text string) {
	for line := range strings.Lines(strings.TrimRight(Clean(text), " \n\t")) {
		_, _ = fmt.Fprintln(p.Out, strings.TrimRight(prefix+strings.TrimRight(line, "\n"), " "))
	}
}

// Table prints rows of cells, strings or styled, in columns that stand under their heads. The last column is not filled up.
func (p *Page) Table(heads []string, rows [][]any) {
	all := make([][]Styled, 0, len(rows)+1)
	if len(heads) > 0 {
		line := make([]Styled, len(heads))
		for i, h := range heads {
			line[i] = Styled{Faint, h}
		}
		all = append(all, line)
	}
	widths := map[int]int{}
	for _, row := range rows {
		line := make([]Styled, len(row))
		for i, c := range row {
			s, ok := c.(Styled)
			if !ok {
				s = Styled{Plain, fmt.Sprint(c)}
			}
			s.Text = CleanLine(s.Text)
			line[i] = s
		}
		all = append(all, line)
	}
	for _, line := range all {
		for i, s := range line {
			widths[i] = max(widths[i], columns(s.Text))
		}
	}
	for _, line := range all {
		var b strings.Builder
		gap := 0 // spaces that wait for something behind them
		for i, s := range line {
			if s.Text != "" {
				b.WriteString(strings.Repeat(" ", gap) + p.show(s))
				gap = 0
			}
			gap += widths[i] - columns(s.Text) + 2
		}
		_, _ = fmt.Fprintln(p.Out, b.String())
	}
}

// Section is a table behind an empty line, if there is anything in it.
func (p *Page) Section(heads []string, rows [][]any) {
	if len(rows) > 0 {
		p.Printf("\n")
		p.Table(heads, rows)
	}
}

// Alarm is a number that should be 0.
func Alarm(n int64) Styled {
	if n == 0 {
		return Plain.Of("0")
	}
	return Red.Of("%d", n)
}

// Bar is a bar of at most eight places, exact to an eighth of one.
func Bar(share float64) string {
	eighths := int(max(0, min(1, share))*64 + 0.5)
	text := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		text += string([]rune(" ▏▎▍▌▋▊▉")[rest])
	}
	return text
}

// Size writes a number of bytes for people.
func Size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d kB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// IsTerminal tells whether somebody sits at a stream.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	nothing, err := os.Stat(os.DevNull) // a device of characters, and nobody sits at it
	return err != nil || !os.SameFile(info, nothing)
}
