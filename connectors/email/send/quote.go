package send

import (
	"html"
	"strings"
	"time"
	"unicode/utf8"
)

// A Quote is the message that a letter answers, shown under the answer.
type Quote struct {
	// Attribution is the line above it: who wrote, and when. See Attribution.
	Attribution string
	Text        string // what stands beyond 16 KiB is left out, and said to be
}

const maxQuote = 16 << 10

// Attribution is the line above what is quoted, in Dutch for nl and else in English, in words that mail programs know
// as the beginning of a quote. name may be empty; sent is shown as it is zoned, and says so.
func Attribution(language, name string, sent time.Time) string {
	name = line(name, maxName)
	dutch := language == "nl" || strings.HasPrefix(language, "nl-")
	switch {
	case dutch && name == "":
		name = "u"
	case name == "":
		name = "you"
	}
	clock := sent.Format("15:04") + " (" + sent.Location().String() + ")"
	if dutch {
		if sent.IsZero() {
			return "Eerder schreef " + name + ":"
		}
		return "Op " + sent.Format("02-01-2006") + " om " + clock + " schreef " + name + ":"
	}
	if sent.IsZero() {
		return "Earlier, " + name + " wrote:"
	}
	return "On " + sent.Format("2 January 2006") + " at " + clock + ", " + name + " wrote:"
}

// plain is the text of the letter with the quote under it (RFC 3676 §4.5).
func (l *Outgoing) plain() string {
	text := lines(l.Text)
	if l.Quote == nil {
		return text
	}
	var b strings.Builder
	b.WriteString(text)
	if text != "" {
		b.WriteString("\n\n")
	}
	b.WriteString(line(l.Quote.Attribution, 3*maxName) + "\n")
	for said := range strings.SplitSeq(l.Quote.bounded(), "\n") {
		b.WriteString(">")
		if !strings.HasPrefix(said, ">") && said != "" {
			b.WriteString(" ")
		}
		b.WriteString(said + "\n")
	}
	return b.String()
}

// hypertext is the HTML of the letter with the quote under it.
func (l *Outgoing) hypertext() string {
	text := lines(l.HTML)
	if l.Quote == nil {
		return text
	}
	quote := `<div class="loket_quote"><p>` + html.EscapeString(line(l.Quote.Attribution, 3*maxName)) + "</p>\n" +
		`<blockquote type="cite" style="margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex">` + "\n" +
		strings.ReplaceAll(html.EscapeString(l.Quote.bounded()), "\n", "<br>\n") + "\n</blockquote></div>\n"
	if end := strings.LastIndex(lower(text), "</body"); end >= 0 {
		return text[:end] + quote + text[end:]
	}
	return text + "\n" + quote
}

func (q *Quote) bounded() string {
	text := strings.TrimRight(lines(q.Text), "\n ")
	if len(text) <= maxQuote {
		return text
	}
	text = text[:maxQuote]
	for !utf8.ValidString(text) {
		text = text[:len(text)-1]
	}
	if end := strings.LastIndexByte(text, '\n'); end > maxQuote/2 {
		text = text[:end]
	}
	return text + "\n[…]"
}

// lines is s in valid UTF-8 with \n as its only line end.
func lines(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}
