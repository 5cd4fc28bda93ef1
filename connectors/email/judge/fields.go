package judge

import (
	"strings"
	"unicode/utf8"

	"loket/connectors/email/mail"
)

const (
	maxLine  = 1 << 10 // of a subject or a name that is looked at
	maxField = 16 << 10
)

// head is the first n bytes of s, or a little less where a character would be cut.
func head(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func hasAny(list []string, words ...string) bool {
	for _, v := range list {
		for _, w := range words {
			if v == w {
				return true
			}
		}
	}
	return false
}

// says tells whether a field is there and does not say no.
func says(h mail.Header, name string) bool {
	for _, v := range h.All(name) {
		switch keyword(v) {
		case "no", "false", "0", "none":
		default:
			return true
		}
	}
	return false
}

// autoSubmitted is the keyword of RFC 3834 §5 in lower case, without parameters and comments; "" for no, for an empty
// field and when there is none. Of several, the first that is not no counts.
func autoSubmitted(h mail.Header) string {
	for _, v := range h.All("Auto-Submitted") {
		if k := keyword(v); k != "" && k != "no" {
			return k
		}
	}
	return ""
}

func precedences(h mail.Header) []string {
	var out []string
	for _, name := range [...]string{"Precedence", "X-Precedence"} {
		for _, v := range h.All(name) {
			switch k := strings.ReplaceAll(keyword(v), "-", "_"); k {
			case "bulk", "junk", "list", "auto_reply":
				out = append(out, k)
			}
		}
	}
	return out
}

// keyword is the first word of a field in lower case, comments left out.
func keyword(v string) string {
	v, err := uncomment(head(v, maxField))
	if err != nil {
		v, _, _ = strings.Cut(v, "(")
	}
	end := strings.IndexAny(v, ";,")
	if end >= 0 {
		v = v[:end]
	}
	words := strings.Fields(v)
	if len(words) == 0 {
		return ""
	}
	return strings.ToLower(words[0])
}

// suppression is what X-Auto-Response-Suppress asks for.
type suppression int

const (
	suppressNone  suppression = iota
	suppressSome              // nothing that concerns us: receipts only
	suppressReply             // no out of office, or no other automatic replies
	suppressAll
)

func suppress(h mail.Header) suppression {
	most := suppressNone
	for _, v := range h.All("X-Auto-Response-Suppress") {
		for word := range strings.FieldsFuncSeq(strings.ToLower(head(v, maxLine)), func(r rune) bool { return strings.ContainsRune(",; \t", r) }) {
			switch word {
			case "none", "0":
			case "all", "-1":
				most = suppressAll
			case "oof", "autoreply":
				most = max(most, suppressReply)
			default:
				most = max(most, suppressSome)
			}
		}
	}
	return most
}
