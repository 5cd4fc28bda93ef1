package mail

import (
	"strings"
)

// DecodeWords gives the text of a raw header value: encoded words (RFC 2047) decoded, also those that stand in quotes or
// break a letter in two, and control characters gone. What cannot be decoded stays as it is.
func DecodeWords(s string) string {
	text, _ := decodeValue(s)
	return text
}

func decodeValue(s string) (text, problem string) {
	if !strings.Contains(s, "=?") {
		return cleanLine(s), ""
	}
	var out strings.Builder
	var run []byte // decoded bytes of words that follow each other in one charset
	charset := ""
	flush := func() {
		if len(run) > 0 {
			t, p := decodeText(run, charset)
			out.WriteString(t)
			switch {
			case p == charsetGuessed && problem == "":
				problem = p
			case p != "" && p != charsetGuessed:
				problem = wordUnreadable
			}
		}
		run = nil
	}
	for s != "" {
		at := strings.Index(s, "=?")
		if at < 0 {
			break
		}
		w, n := word(s[at:])
		if n < 0 { // no word ends in what is left
			break
		}
		if n == 0 {
			flush()
			out.WriteString(s[:at+2])
			s = s[at+2:]
			continue
		}
		if between := s[:at]; len(run) == 0 || strings.TrimSpace(between) != "" {
			flush()
			out.WriteString(between)
		}
		if !strings.EqualFold(charset, w.charset) {
			flush()
			charset = w.charset
		}
		data, p := w.data()
		if p != "" {
			problem = wordUnreadable
		}
		run = append(run, data...)
		s = s[at+n:]
	}
	flush()
	out.WriteString(s)
	return cleanLine(out.String()), problem
}

// An encodedWord is =?charset?encoding?text?= taken apart.
type encodedWord struct {
	charset string
	base64  bool
	text    string
}

// word reads the encoded word that s begins with, and its length: 0 when s begins with none, -1 when no word can follow.
func word(s string) (w encodedWord, n int) {
	head := s[2:min(len(s), 2+64)]
	charset, rest, found := strings.Cut(head, "?")
	if !found || charset == "" || strings.ContainsAny(charset, " \t\"<>,") || len(rest) < 2 || rest[1] != '?' {
		return w, 0
	}
	charset, _, _ = strings.Cut(charset, "*") // RFC 2231 §5: the language
	w.charset = strings.ToLower(charset)
	switch rest[0] {
	case 'B', 'b':
		w.base64 = true
	case 'Q', 'q':
	default:
		return w, 0
	}
	start := len(head) - len(rest) + 2 + 2
	end := strings.Index(s[start:], "?=")
	if end < 0 {
		return w, -1
	}
	w.text = s[start : start+end]
	return w, start + end + 2
}

func (w encodedWord) data() (data []byte, problem string) {
	if w.base64 {
		data, _, problem = decodeBase64([]byte(w.text), len(w.text))
		return data, problem
	}
	data = make([]byte, 0, len(w.text))
	for i := 0; i < len(w.text); i++ {
		switch c := w.text[i]; c {
		case '_':
			data = append(data, ' ')
		case '=':
			if i+2 < len(w.text) {
				if b, ok := unhex(w.text[i+1], w.text[i+2]); ok {
					data = append(data, b)
					i += 2
					continue
				}
			}
			data = append(data, c)
		default:
			data = append(data, c)
		}
	}
	return data, ""
}
