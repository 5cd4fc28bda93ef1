package format

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Clean makes text harmless for a terminal. What customers write may hold sequences that a terminal obeys: they
// could hide lines, forge output or type into the shell. Control characters come out as pictures of themselves, so
// that nothing is hidden; line ends and tabs stay.
func Clean(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\u2028' || r == '\u2029':
			return '\n'
		case r < ' ':
			return '\u2400' + r
		case r == 0x7f:
			return '\u2421'
		case unicode.IsControl(r), turns(r):
			return '\uFFFD'
		}
		return r
	}, text)
}

// turns tells whether a character turns the direction of writing for what follows it, beyond its own text.
func turns(r rune) bool { return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 }

// CleanLine is clean for what stands on one line.
func CleanLine(text string) string {
	return strings.TrimSpace(strings.NewReplacer("\n", " ", "\t", " ").Replace(Clean(text)))
}

// CleanJSON escapes in a JSON text what JSON lets stand and a terminal obeys. The value stays the same.
func CleanJSON(text []byte) []byte {
	if !bytes.ContainsFunc(text, obeyed) {
		return text
	}
	var b bytes.Buffer
	for _, r := range string(text) { // such characters stand only inside strings
		if obeyed(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.Bytes()
}

func obeyed(r rune) bool { return r >= 0x7f && r <= 0x9f || turns(r) }

// columns is how many columns of a terminal a clean text takes.
func columns(text string) int {
	n := 0
	for _, r := range text {
		n += columnsOf(r)
	}
	return n
}

func columnsOf(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Shorten cuts a clean line so that it takes at most so many columns.
func Shorten(line string, most int) string {
	if columns(line) <= most {
		return line
	}
	n := 1 // the sign that it was cut
	for i, r := range line {
		if n += columnsOf(r); n > most {
			return strings.TrimRight(line[:i], " ") + "…"
		}
	}
	return line
}
