package quote

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A knit is how a line hangs together with the one above it, where its first character says otherwise.
type knit uint8

const (
	knitNot   knit = iota
	knitPlain      // begins with the > of a broken address: it is no quote
	knitQuote      // the rest of a quoted line that was too long: it is quoted
)

// knitted finds the lines that were broken at a bad place. It looks at neighbours, so it is done before each round.
func knitted(lines []line) {
	for i := range lines {
		l := &lines[i]
		l.knit = knitNot
		if i == 0 || l.plain == "" || l.marks&earlier != 0 {
			continue
		}
		up := &lines[i-1]
		switch {
		case endsAddress(up, l):
			l.knit = knitPlain
		case i+1 < len(lines) && isRest(up, l, &lines[i+1]):
			l.knit = knitQuote
		}
	}
}

// endsAddress tells whether a line is the end of an attribution whose address was broken before its ">".
func endsAddress(up, l *line) bool {
	const most = 4
	if l.plain[0] != '>' || up.plain == "" || up.quoted() || !strings.ContainsAny(up.plain, "<@") || !strings.HasSuffix(l.plain, ":") {
		return false
	}
	words := strings.Fields(strings.ToLower(strings.TrimRight(l.plain[1:], ": ")))
	for _, w := range words {
		if !verbs[w] && !auxiliaries[w] && !connectors[w] {
			return false
		}
	}
	return len(words) <= most
}

// isRest tells whether a line is what a program broke off a long quoted line: the rest of a link, or words for which
// there was no room any more and no sentence had ended. The quote goes on below.
func isRest(up, l, down *line) bool {
	const width, most = 76, 60
	if !up.quoted() || !down.quoted() || up.plain == "" || l.plain[0] == '>' {
		return false
	}
	if opened, closed := strings.LastIndex(up.plain, "(http"), strings.LastIndexByte(up.plain, ')'); opened > closed {
		return !strings.Contains(l.plain, " ") && strings.HasSuffix(l.plain, ")")
	}
	if strings.HasPrefix(l.plain, "(http") && strings.HasSuffix(l.plain, " >") {
		return true
	}
	if l.text[0] == ' ' || len(l.plain) > most {
		return false
	}
	first, _ := utf8.DecodeRuneInString(l.plain)
	word, _, _ := strings.Cut(l.plain, " ")
	long := utf8.RuneCountInString(up.text)+1+utf8.RuneCountInString(word) > width
	return long && unicode.IsLower(first) && !strings.ContainsAny(up.plain[len(up.plain)-1:], ".?!:;")
}
