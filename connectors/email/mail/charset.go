package mail

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
)

// decodeText gives b, written in the charset of that label, as UTF-8. Labels are read as browsers do (WHATWG Encoding:
// iso-8859-1 is windows-1252). Without a label, or when b cannot be in the charset that it names, b is UTF-8 if it can
// be, else windows-1252.
func decodeText(b []byte, label string) (text, problem string) {
	switch label = strings.ToLower(strings.Trim(label, " \t\"'")); label {
	case "", "us-ascii", "ascii", "ansi_x3.4-1968", "unknown-8bit", "x-unknown", "unknown", "default", "8bit", "7bit", "binary":
		text, _ := guessText(b)
		return text, ""
	case "utf-8", "utf8", "unicode-1-1-utf-8", "cp65001", "utf-8mb4", "utf8mb4":
		if utf8.Valid(b) {
			return string(b), ""
		}
		if mostlyUTF8(b) {
			return strings.ToValidUTF8(string(b), "\uFFFD"), charsetWrong
		}
		return windows1252(b), charsetWrong
	}
	enc := charsetOf(label)
	if enc == nil {
		text, _ := guessText(b)
		if isASCII(b) && !lettersInASCII(label) {
			return text, ""
		}
		return text, charsetUnknown
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		text, _ := guessText(b)
		return text, charsetWrong
	}
	return string(out), ""
}

// lettersInASCII tells the charsets that write other letters with ASCII bytes, so that ASCII bytes are no proof.
func lettersInASCII(label string) bool {
	return strings.HasPrefix(label, "iso-2022-") || strings.HasPrefix(label, "hz-") || strings.HasSuffix(label, "utf-7")
}

func charsetOf(label string) encoding.Encoding {
	if enc, err := htmlindex.Get(label); err == nil && enc != encoding.Replacement {
		return enc
	}
	if rest, ok := strings.CutPrefix(label, "cp"); ok {
		label = "ibm" + strings.TrimPrefix(rest, "-")
		if enc, err := htmlindex.Get("windows-" + strings.TrimPrefix(rest, "-")); err == nil {
			return enc
		}
	}
	if enc, err := ianaindex.IANA.Encoding(label); err == nil && enc != nil && enc != encoding.Replacement {
		return enc
	}
	return nil
}

// guessText reads b as UTF-8, or as windows-1252 (ok false) when it is not.
func guessText(b []byte) (text string, ok bool) {
	if utf8.Valid(b) {
		return string(b), true
	}
	return windows1252(b), false
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
