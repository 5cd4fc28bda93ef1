package mail

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// maxGuess is how much of a text is looked at to guess its charset.
const maxGuess = 16 << 10

// guess reads b in the charset of East Asia that its bytes look like. ok is false when they look like none, and for UTF-8.
func guess(b []byte) (text string, ok bool) {
	c := looksLike(b)
	if c == nil {
		return "", false
	}
	return c.text(b)
}

// looksLike is the charset of East Asia that b seems to be in, nil for none: what stands alone between ASCII letters is of
// a western charset.
func looksLike(b []byte) *charset {
	if bytes.Contains(b, []byte("\x1b$")) && isASCII(b) {
		return &charset{decode: iso2022JP, seven: true}
	}
	if utf8.Valid(b) {
		return nil
	}
	var best encoding.Encoding
	most := 0
	for _, e := range eastern {
		if n := e.likeness(b[:min(len(b), maxGuess)]); n > most {
			best, most = e.encoding, n
		}
	}
	if best == nil {
		return nil
	}
	return charsetFrom(best)
}

// An eastAsian is a charset of one and two bytes, and what letters people use most.
type eastAsian struct {
	encoding encoding.Encoding
	single   func(c byte) bool    // a letter of one byte beyond ASCII
	pair     func(a, b byte) bool // a letter of two
	common   func(a, b byte) bool
	telling  func(a, b byte) bool // a letter that few texts are without; nil when there is none
}

func between(c, from, to byte) bool { return c >= from && c <= to }

func bothHigh(a, b byte) bool { return between(a, 0xa1, 0xfe) && between(b, 0xa1, 0xfe) }

// eastern are the charsets in the order in which one is preferred to the next.
var eastern = [...]eastAsian{
	{
		japanese.ShiftJIS,
		func(c byte) bool { return between(c, 0xa1, 0xdf) },
		func(a, b byte) bool {
			return (between(a, 0x81, 0x9f) || between(a, 0xe0, 0xfc)) && (between(b, 0x40, 0x7e) || between(b, 0x80, 0xfc))
		},
		func(a, b byte) bool { return between(a, 0x81, 0x83) || between(a, 0x88, 0x97) },
		func(a, b byte) bool {
			return a == 0x82 && between(b, 0x9f, 0xf1) || a == 0x83 && between(b, 0x40, 0x96)
		},
	},
	{
		japanese.EUCJP,
		func(c byte) bool { return false },
		func(a, b byte) bool { return bothHigh(a, b) || a == 0x8e && between(b, 0xa1, 0xdf) },
		func(a, b byte) bool { return a == 0xa1 || a == 0xa4 || a == 0xa5 || between(a, 0xb0, 0xcf) },
		func(a, b byte) bool { return (a == 0xa4 || a == 0xa5) && between(b, 0xa1, 0xf6) },
	},
	{
		korean.EUCKR,
		func(c byte) bool { return false },
		bothHigh,
		func(a, b byte) bool { return between(a, 0xb0, 0xc8) },
		func(a, b byte) bool { // endings and particles
			switch string([]byte{a, b}) {
			case "\xc0\xcc", "\xb4\xd9", "\xb4\xc2", "\xc0\xbb", "\xc0\xc7", "\xbf\xa1", "\xb0\xa1", "\xc7\xcf", "\xb0\xed", "\xc1\xf6", "\xb7\xce", "\xbd\xc0", "\xb4\xcf", "\xbf\xe4", "\xc0\xbd", "\xbe\xc8":
				return true
			}
			return false
		},
	},
	{
		simplifiedchinese.GBK,
		func(c byte) bool { return false },
		func(a, b byte) bool { return between(a, 0x81, 0xfe) && between(b, 0x40, 0xfe) && b != 0x7f },
		func(a, b byte) bool {
			return between(b, 0xa1, 0xfe) && (between(a, 0xb0, 0xd7) || between(a, 0xa1, 0xa3))
		},
		nil,
	},
	{
		traditionalchinese.Big5,
		func(c byte) bool { return false },
		func(a, b byte) bool {
			return between(a, 0xa1, 0xf9) && (between(b, 0x40, 0x7e) || between(b, 0xa1, 0xfe))
		},
		func(a, b byte) bool { return between(a, 0xa4, 0xc6) || a == 0xa1 },
		func(a, b byte) bool { return between(a, 0xa4, 0xaf) },
	},
}

// likeness tells how many letters of b are common ones of the charset; 0 when b cannot be in it, or does not look so:
// most of its letters are common, stand beside each other, and some are telling.
func (e eastAsian) likeness(b []byte) int {
	letters, beside, common, telling, run := 0, 0, 0, 0, 0
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			b, run = b[1:], 0
			continue
		}
		if len(b) > 1 && e.pair(b[0], b[1]) {
			letters++
			if run++; run == 2 {
				beside += 2
			} else if run > 2 {
				beside++
			}
			if e.common(b[0], b[1]) {
				common++
			}
			if e.telling != nil && e.telling(b[0], b[1]) {
				telling++
			}
			b = b[2:]
			continue
		}
		if !e.single(b[0]) && len(b) > 1 {
			return 0
		}
		b, run = b[1:], 0
	}
	if letters < 2 || beside*10 < letters*7 || common*10 < letters*7 || e.telling != nil && telling*6 < letters {
		return 0
	}
	return common
}
