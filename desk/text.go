package desk

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"loket/internal/message"
)

// cleanText leaves a text as it was written but for what could harm whoever shows it: line ends become \n,
// control characters go, bytes that are not UTF-8 become U+FFFD.
func cleanText(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
}

// cleanLine is cleanText for what stands on one line, without space around it.
func cleanLine(s string) string {
	return strings.TrimSpace(strings.NewReplacer("\n", " ", "\t", " ").Replace(cleanText(s)))
}

const mostFileName = 150

// cleanFileName is a name to show and to offer for a download: no folders, nothing that hides its ending.
func cleanFileName(s string) string {
	s = cleanLine(s)
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = strings.Map(func(r rune) rune {
		// Cf has the marks that turn the direction of writing, which can make a program look like a picture.
		if unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, s)
	if strings.Trim(s, ". ") == "" {
		return "file"
	}
	if n := utf8.RuneCountInString(s); n > mostFileName {
		s = string([]rune(s)[n-mostFileName:]) // by its ending people know what it is
	}
	return s
}

// quoted is what the whole text of m has beyond what was said now.
func quoted(m *message.Message) string {
	return strings.Trim(strings.TrimPrefix(m.Whole, m.Text), "\n")
}
