package page

import (
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

// A Piece of a text is an address on the web, or what stands between two of them.
type Piece struct {
	Text string
	URL  string // "" for what is no address
}

// address is what may be one: as far as the next blank, quote or bracket that no address has.
var address = regexp.MustCompile("(?i)\\bhttps?://[^\\s<>\"`{}|\\\\^\\p{Cf}]+")

// maxLinks of a text are told apart; the rest stays text.
const maxLinks = 500

// Links takes a text apart, so that the addresses in it can be opened. The pieces together are the text. An address is one of http or
// https that stands there whole, so whoever opens it has read where it leads.
func Links(text string) (pieces []Piece) {
	done := 0
	for _, at := range address.FindAllStringIndex(text, maxLinks) {
		found := untrail(text[at[0]:at[1]])
		u, err := url.Parse(found)
		if err != nil || u.Hostname() == "" || u.User != nil { // https://bank.example@evil.example reads as another than it is
			continue
		}
		if at[0] > done {
			pieces = append(pieces, Piece{Text: text[done:at[0]]})
		}
		pieces = append(pieces, Piece{Text: found, URL: found})
		done = at[0] + len(found)
	}
	if done < len(text) {
		pieces = append(pieces, Piece{Text: text[done:]})
	}
	return pieces
}

// untrail leaves out what ends the sentence around an address, and brackets that were opened before it.
func untrail(s string) string {
	round, square := strings.Count(s, "(")-strings.Count(s, ")"), strings.Count(s, "[")-strings.Count(s, "]")
	for {
		last, n := utf8.DecodeLastRuneInString(s)
		switch {
		case last == ')' && round < 0:
			round++
		case last == ']' && square < 0:
			square++
		case !strings.ContainsRune(".,;:!?'*_~…»”’", last):
			return s
		}
		s = s[:len(s)-n]
	}
}
