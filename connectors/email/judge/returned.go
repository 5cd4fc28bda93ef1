package judge

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"loket/connectors/email/mail"
)

const (
	maxFields = 500
	maxBlock  = 64 << 10 // of a header that stands inside a mail
)

// fieldsOf reads the header at the beginning of data, unfolded but not decoded, and gives what stands after it. It
// never fails: what is no field is left out. Only the first maxBlock bytes are looked at, so a longer header is cut.
func fieldsOf(data []byte) (mail.Header, []byte) {
	var h mail.Header
	rest := data
	for looked := 0; len(rest) > 0 && looked < maxBlock && len(h) < maxFields; {
		line := rest
		if end := bytes.IndexByte(rest, '\n'); end >= 0 {
			line, rest = rest[:end], rest[end+1:]
		} else {
			rest = nil
		}
		looked += len(line) + 1
		line = bytes.TrimRight(line[:min(len(line), maxBlock)], "\r")
		if len(bytes.TrimSpace(line)) == 0 {
			return h, rest
		}
		text := plain(line)
		if line[0] == ' ' || line[0] == '\t' {
			if n := len(h); n > 0 && len(h[n-1].Value) < maxField {
				h[n-1].Value += " " + strings.TrimSpace(text)
			}
			continue
		}
		name, value, ok := strings.Cut(text, ":")
		if name = strings.TrimSpace(name); ok && name != "" && !strings.ContainsAny(name, " \t") {
			h = append(h, mail.Field{Name: name, Value: strings.TrimSpace(value)})
		}
	}
	return h, rest
}

// plain is valid UTF-8 without control characters.
func plain(b []byte) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n':
			return ' '
		case r < ' ' || r == utf8.RuneError || r >= 0x7f && r < 0xa0:
			return -1
		}
		return r
	}, string(b))
}
