package message

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// CleanText leaves a text as it was written but for what could harm whoever shows it: line ends become \n,
// control characters go, bytes that are not UTF-8 become U+FFFD.
func CleanText(s string) string {
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

// CleanLine is CleanText for what stands on one line, without space around it.
func CleanLine(s string) string {
	return strings.TrimSpace(strings.NewReplacer("\n", " ", "\t", " ").Replace(CleanText(s)))
}

const maxFileName = 150

// CleanFileName is a name to show and to offer for a download: no folders, nothing that hides its ending.
func CleanFileName(s string) string {
	s = CleanLine(s)
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = strings.Map(func(r rune) rune {
		// Cf has the marks that turn the direction of writing, which can make a program look like a picture.
		if unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	if strings.Trim(s, ".") == "" {
		return "file"
	}
	return shorten(s)
}

// shorten keeps the ending, by which people and programs know what a file is.
func shorten(name string) string {
	if utf8.RuneCountInString(name) <= maxFileName {
		return name
	}
	runes := []rune(name)
	end := runes[len(runes):]
	if dot := strings.LastIndexByte(name, '.'); dot > 0 {
		if ext := []rune(name[dot:]); len(ext) <= 20 {
			end = ext
		}
	}
	return string(runes[:maxFileName-len(end)]) + string(end)
}

// Head is the beginning of a text, at most that many bytes, without half a character at its end.
func Head(s string, bytes int) string {
	if len(s) <= bytes {
		return s
	}
	for bytes > 0 && !utf8.RuneStart(s[bytes]) {
		bytes--
	}
	return s[:bytes]
}

// Graphemes counts what people take for one letter: marks on a letter, parts of one emoji and the two halves of a flag count
// with what they stand on. Where the rules of a script go further (Unicode annex 29) it counts too many, never too few.
func Graphemes(s string) int {
	n, joined, half, on := 0, false, false, false // on: there is something before, on the same line
	for _, r := range s {
		regional := r >= 0x1F1E6 && r <= 0x1F1FF
		switch {
		case on && (r == '\u200d' || unicode.In(r, unicode.Mn, unicode.Me) || r >= 0x1F3FB && r <= 0x1F3FF):
			joined = r == '\u200d'
			continue
		case on && joined && unicode.Is(unicode.So, r), on && half && regional:
			joined, half = false, false
			continue
		}
		joined, half, on = false, regional, r != '\n'
		n++
	}
	return n
}
