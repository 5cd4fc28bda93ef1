package quote

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A line is one line of a text and what the HTML it came from tells about it.
type line struct {
	text  string // as it stands
	plain string // for comparing: no white space around, single spaces, no marks of bold; "" when blank or very long
	blank bool
	marks mark
	role  role // of a header block
	knit  knit
	part  part
}

// A part tells whether a line was broken in two to look at what begins within it.
type part uint8

const (
	partHead part = iota + 1
	partTail      // what follows the head on the same line
)

type mark uint8

const (
	earlier     mark = 1 << iota // within what a mail program marks as the earlier mail
	attribution                  // within what it marks as an attribution
	signature                    // within what it marks as a signature
	history                      // from here on there is only history
	forwarded                    // from here on there is a forwarded mail
	boxed                        // within a quote that its writer may have made with a button of the editor
)

// maxPlain bounds the lines that are compared with anything: what programs add is short.
const maxPlain = 600

func split(text string) []line {
	if strings.ContainsRune(text, '\r') {
		text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	}
	lines := make([]line, 0, strings.Count(text, "\n")+1)
	for s := range strings.SplitSeq(text, "\n") {
		lines = append(lines, newLine(s, 0))
	}
	return lines
}

func newLine(s string, m mark) line {
	l := line{text: s, marks: m}
	first := strings.IndexFunc(s, visible)
	if first < 0 {
		l.blank = true
		return l
	}
	if len(s) <= maxPlain {
		l.plain = plain(s)
		l.role = header(l.plain)
	}
	return l
}

// join gives the lines back as a text.
func join(lines []line) string {
	n := 0
	for _, l := range lines {
		n += len(l.text) + 1
	}
	var b strings.Builder
	b.Grow(n)
	for i, l := range lines {
		if i > 0 && (l.part != partTail || lines[i-1].part != partHead) {
			b.WriteByte('\n')
		}
		b.WriteString(l.text)
	}
	return b.String()
}

// trim leaves out blank lines at both ends.
func trim(lines []line) []line {
	for len(lines) > 0 && lines[0].blank {
		lines = lines[1:]
	}
	return lines[:lastFilled(lines)]
}

// lastFilled is the length of lines without the blank ones at their end.
func lastFilled(lines []line) int {
	n := len(lines)
	for n > 0 && lines[n-1].blank {
		n--
	}
	return n
}

// quoted tells whether a line belongs to a quote.
func (l *line) quoted() bool {
	switch {
	case l.marks&earlier != 0:
		return !l.blank
	case l.knit != knitNot:
		return l.knit == knitQuote
	}
	t := l.text
	return strings.HasPrefix(t, ">") || strings.HasPrefix(t, " >")
}

// enough tells whether lines say something, so that they may stand alone: a letter, a digit or a sign is an answer.
func enough(lines []line) bool {
	for _, l := range lines {
		if strings.ContainsFunc(l.text, says) {
			return true
		}
	}
	return false
}

func says(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '?' || r == '!'
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.So, r)
}

func visible(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r > ' ' && r != 0x7f
	case r == 0x034f || unicode.Is(unicode.Cf, r):
		return false
	}
	return unicode.IsGraphic(r) && !unicode.IsSpace(r)
}

// plain makes a line comparable.
func plain(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return !visible(r) })
	if simple(s) {
		return unbold(s)
	}
	var b strings.Builder
	space := false
	for _, r := range s {
		switch {
		case r == '’' || r == '‘' || r == '´':
			r = '\''
		case r == '：':
			r = ':'
		case unicode.IsSpace(r):
			space = true
			continue
		case !visible(r):
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return unbold(b.String())
}

// simple tells whether s is ASCII with single spaces.
func simple(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c < ' ' || c == ' ' && s[i-1] == ' ' {
			return false
		}
	}
	return true
}

// unbold leaves out the asterisks that stand for bold type in the plain part of a mail.
func unbold(s string) string {
	if !strings.HasPrefix(s, "*") {
		return strings.TrimRight(s, "*")
	}
	return strings.TrimSpace(strings.ReplaceAll(s, "*", ""))
}
