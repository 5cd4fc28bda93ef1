package mail

import "strings"

// tokens knows where the things end in which separators mean nothing.
type tokens struct {
	s                 string
	noQuote, noParens bool // none is closed from here on
}

// skip gives the end of the quoted string, comment, bracketed address or encoded word that begins at i, or i.
func (t *tokens) skip(i int) int {
	switch t.s[i] {
	case '"':
		return t.quoted(i)
	case '(':
		return t.comment(i)
	case '<':
		if n := strings.IndexAny(t.s[i+1:], "<>"); n >= 0 && t.s[i+1+n] == '>' {
			return i + n + 2
		}
	case '=':
		if strings.HasPrefix(t.s[i:], "=?") {
			part := t.s[i:min(len(t.s), i+1000)]
			if _, n := word(part); n > 0 {
				return i + n
			}
		}
	}
	return i
}

// quoted wants a quote that opens at the start of a word and closes at an end: others are letters of a name.
func (t *tokens) quoted(i int) int {
	if t.noQuote || i > 0 && !strings.ContainsRune(" \t,;:<)", rune(t.s[i-1])) {
		return i
	}
	for j := i + 1; j < len(t.s); j++ {
		switch {
		case t.s[j] == '\\':
			j++
		case t.s[j] == '"' && (j+1 == len(t.s) || strings.IndexByte(" \t,;<@.()>", t.s[j+1]) >= 0):
			return j + 1
		}
	}
	t.noQuote = true
	return i
}

func (t *tokens) comment(i int) int {
	if t.noParens {
		return i
	}
	depth := 0
	for j := i; j < len(t.s); j++ {
		switch t.s[j] {
		case '\\':
			j++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return j + 1
			}
		}
	}
	t.noParens = true
	return i
}
