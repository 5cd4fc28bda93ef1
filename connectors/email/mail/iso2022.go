package mail

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

const (
	escape   = 0x1b
	shiftOut = 0x0e
	shiftIn  = 0x0f
)

// iso2022KR reads RFC 1557, and iso2022CN the part of RFC 1922 that GB 2312 is.
func iso2022KR(b []byte) []byte { return shifted(b, 'C', korean.EUCKR) }
func iso2022CN(b []byte) []byte { return shifted(b, 'A', simplifiedchinese.GBK) }

// shifted reads what stands between shift out and shift in as letters of two bytes, which in enc have the high bit set.
// ESC $ ) and a letter choose them; what was chosen by another letter comes out as U+FFFD.
func shifted(b []byte, letter byte, enc encoding.Encoding) []byte {
	var high []byte // b as enc has it
	chosen, out := true, false
	for len(b) > 0 {
		c := b[0]
		switch {
		case c == escape && len(b) > 3 && b[1] == '$' && b[2] == ')':
			chosen = b[3] == letter
			b = b[3:]
		case c == shiftOut:
			out = true
		case c == shiftIn:
			out = false
		case c == '\n':
			out = false
			high = append(high, c)
		case out && c > ' ' && !chosen:
			high = append(high, 0xff) // no letter of enc
		case out && c > ' ':
			high = append(high, c|0x80)
		default:
			high = append(high, c)
		}
		b = b[1:]
	}
	return charsetFrom(enc).decode(high)
}

// iso2022JP reads RFC 1468 as browsers do, and the sets of its successors, which have their letters in the same places.
func iso2022JP(b []byte) []byte {
	for _, set := range [...]string{"\x1b$(O", "\x1b$(Q", "\x1b$(B", "\x1b$(@"} {
		b = bytes.ReplaceAll(b, []byte(set), []byte("\x1b$B"))
	}
	return charsetFrom(japanese.ISO2022JP).decode(b)
}

// utf7 reads RFC 2152: UTF-16 in base64 between + and -.
func utf7(b []byte) []byte {
	utf16 := charsetFrom(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM))
	var out []byte
	for len(b) > 0 {
		if b[0] != '+' {
			if b[0] >= utf8.RuneSelf {
				return append(out, string(utf8.RuneError)...)
			}
			out, b = append(out, b[0]), b[1:]
			continue
		}
		end := 1
		for end < len(b) && base64Value(b[end]) >= 0 && b[end] != '-' && b[end] != '_' {
			end++
		}
		if word, _, _ := decodeBase64(b[1:end], end); end == 1 {
			out = append(out, '+')
		} else {
			out = append(out, utf16.decode(word[:len(word)&^1])...)
		}
		if b = b[end:]; len(b) > 0 && b[0] == '-' {
			b = b[1:]
		}
	}
	return out
}
