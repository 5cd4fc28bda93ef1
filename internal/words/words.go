// Package words brings texts to the form in which people look for words in them.
package words

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold brings a text to small letters without marks, its words parted by one space: digits and letters make words, an
// apostrophe parts none.
func Fold(text string) string {
	plain := strings.Map(func(c rune) rune {
		switch {
		case c <= unicode.MaxASCII: // most of what is said
			return ascii(c)
		case unicode.Is(unicode.Mn, c):
			return -1
		case unicode.IsLetter(c), unicode.IsDigit(c):
			return unicode.ToLower(c)
		case c == '’':
			return -1
		}
		return ' '
	}, norm.NFKD.String(text))
	return strings.Join(strings.Fields(plain), " ")
}

func ascii(c rune) rune {
	switch {
	case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		return c
	case 'A' <= c && c <= 'Z':
		return c + 'a' - 'A'
	case c == '\'':
		return -1
	}
	return ' '
}

// Has tells whether each of the words, folded ones, begins a word of the folded text.
func Has(folded string, words []string) bool {
	for _, w := range words {
		if !strings.HasPrefix(folded, w) && !strings.Contains(folded, " "+w) {
			return false
		}
	}
	return true
}
