package mail

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// cleanText gives s with line feeds as the only line ends and without other control characters than tabs.
func cleanText(s string) string {
	s = strings.TrimPrefix(s, "\uFEFF")
	if !needsCleaning(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	var b strings.Builder
	b.Grow(len(s))
	for i, c := range s {
		switch {
		case c == '\r':
			if !strings.HasPrefix(strings.TrimLeft(s[i:min(len(s), i+4)], "\r"), "\n") {
				b.WriteByte('\n')
			}
		case c == '\n' || c == '\t' || !unicode.IsControl(c):
			b.WriteRune(c)
		}
	}
	return b.String()
}

// cleanLine gives s as one line without control characters.
func cleanLine(s string) string {
	if !needsCleaning(s) && !strings.ContainsAny(s, "\n\t") {
		return strings.TrimSpace(s)
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\r' || c == '\t':
			return ' '
		case unicode.IsControl(c):
			return -1
		}
		return c
	}, s))
}

// cleanName is cleanLine for what is shown as a name: characters that turn the direction of writing go too.
func cleanName(s string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if turnsDirection(c) || c == '\u200B' || c == '\uFEFF' {
			return -1
		}
		return c
	}, cleanLine(s)))
}

func turnsDirection(c rune) bool {
	return c == '\u200E' || c == '\u200F' || c == '\u061C' || c >= '\u202A' && c <= '\u202E' || c >= '\u2066' && c <= '\u2069'
}

func needsCleaning(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\n' && c != '\t' || c == 0x7f || c == 0xc2 && i+1 < len(s) && s[i+1] < 0xa0 {
			return true
		}
	}
	return !utf8.ValidString(s)
}

// cutText cuts s to at most limit bytes, between letters.
func cutText(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
