package mail

import (
	"io"
	"mime"
	netmail "net/mail"
	"slices"
	"strings"
)

// fromUnclear takes net/mail as a second opinion on From: two readers that agree leave nothing to choose. A server that
// checked the mail before us read it with a parser of its own, and who writes the mail may try for a value that both read,
// each its own way.
func fromUnclear(top entity, m *Mail) bool {
	values := top.all("From")
	if len(values) != 1 || len(m.From) != 1 || len(values[0]) > 2000 {
		return true
	}
	if slices.ContainsFunc(top.fields, func(f rawField) bool { return f.guessed && strings.EqualFold(f.name, "From") }) {
		return true // in some charsets a letter ends with a byte that is a quote or a backslash in others
	}
	if slices.Contains(m.Problems, headerBroken) || slices.Contains(m.Problems, headerTooLong) {
		return true
	}
	words := mime.WordDecoder{CharsetReader: func(_ string, r io.Reader) (io.Reader, error) { return r, nil }}
	list, err := (&netmail.AddressParser{WordDecoder: &words}).ParseList(strings.TrimSuffix(values[0], ","))
	if err != nil || len(list) != 1 {
		return true
	}
	return list[0].Address != strings.ReplaceAll(m.From[0].Addr, `"`, "")
}
