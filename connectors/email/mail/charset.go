package mail

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// A charset makes UTF-8 of bytes; what is no letter of it becomes U+FFFD.
type charset struct {
	decode  func([]byte) []byte
	single  bool // a byte is a letter, those of ASCII as they are there
	seven   bool // other letters are written with bytes of ASCII
	western bool // any bytes can be read in it, and letters beyond ASCII stand alone
}

func charsetFrom(enc encoding.Encoding) *charset {
	_, single := enc.(*charmap.Charmap)
	return &charset{single: single, seven: enc == simplifiedchinese.HZGB2312 || enc == japanese.ISO2022JP, western: enc == charmap.Windows1252 || enc == charmap.ISO8859_15, decode: func(b []byte) []byte {
		out, err := enc.NewDecoder().Bytes(b)
		if err != nil {
			return []byte(string(utf8.RuneError))
		}
		return out
	}}
}

// text gives b, and whether all of it are letters of c.
func (c *charset) text(b []byte) (text string, whole bool) {
	out := c.decode(b)
	return string(out), !bytes.ContainsRune(out, utf8.RuneError)
}

// decodeText gives b, written in the charset of that label, as UTF-8. Labels are read as browsers do (WHATWG Encoding:
// iso-8859-1 is windows-1252), and as mail programs spell them. Without a label, or when b cannot be in the charset that it
// names, b is UTF-8 if it can be, else what its bytes look like, else windows-1252.
func decodeText(b []byte, label string) (text, problem string) {
	label, _, _ = strings.Cut(strings.ToLower(strings.Trim(label, " \t\"'")), ";")
	label = strings.TrimSpace(label)
	if namesNothing(label) {
		return guessText(b)
	}
	if isUTF8(label) {
		return decodeUTF8(b)
	}
	c := charsetOf(label)
	if c == nil {
		if isASCII(b) && !lettersInASCII(label) {
			return guessText(b)
		}
		text, _ = guessText(b)
		return text, charsetUnknown
	}
	text, whole := c.text(b)
	if !whole || c.western || isASCII(b) && !c.seven {
		if better, ok := guess(b); ok {
			return better, charsetGuessed
		}
	}
	if !whole {
		return text, charsetWrong
	}
	return text, ""
}

func decodeUTF8(b []byte) (text, problem string) {
	text, problem = guessText(b)
	switch {
	case problem != "" || utf8.Valid(b):
		return text, problem
	case mostlyUTF8(b):
		return strings.ToValidUTF8(string(b), "\uFFFD"), charsetWrong
	}
	return text, charsetWrong
}

// namesNothing tells the labels of those who do not know.
func namesNothing(label string) bool {
	switch label {
	case "", "us-ascii", "ascii", "ansi_x3.4-1968", "unknown-8bit", "x-unknown", "unknown", "default", "8bit", "7bit", "binary", "none", "ansi":
		return true
	}
	return false
}

// lettersInASCII tells the charsets that write other letters with ASCII bytes, so that ASCII bytes are no proof.
func lettersInASCII(label string) bool {
	return strings.Contains(label, "2022") || strings.HasPrefix(label, "hz-") || strings.HasSuffix(label, "utf-7")
}

// guessText reads b as UTF-8, as one of the charsets of East Asia if it looks so (charsetGuessed), or as windows-1252.
func guessText(b []byte) (text, problem string) {
	if text, ok := guess(b); ok {
		return text, charsetGuessed
	}
	if utf8.Valid(b) {
		return string(b), ""
	}
	return windows1252(b), ""
}

func windows1252(b []byte) string {
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(out)
}

// mostlyUTF8 tells broken UTF-8, which has more good letters beyond ASCII than bad bytes, from another charset.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		b = b[n:]
	}
	return good > bad
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// metaCharset gives the charset that an HTML text names in its first kilobyte, "" when it names none.
func metaCharset(b []byte) string {
	b = bytes.ToLower(b[:min(len(b), 1024)])
	_, after, found := bytes.Cut(b, []byte("charset="))
	if !found || !bytes.Contains(b, []byte("<meta")) {
		return ""
	}
	after = bytes.TrimLeft(after, `"' `)
	if end := bytes.IndexAny(after, `"' ;/>`); end >= 0 {
		return string(after[:end])
	}
	return ""
}
