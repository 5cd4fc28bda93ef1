package judge

import (
	"html"
	"strings"
	"unicode/utf8"

	"loket/connectors/email/mail"
	"loket/internal/lazy"
)

const (
	maxBounceText  = 16 << 10 // of a text that is read as a bounce; what is returned comes after it
	maxBounceLines = 200
)

// words is what people read in m: its text, else that of its page, else that of the first text which is a file.
func words(m *mail.Mail) string {
	if strings.TrimSpace(m.Text) != "" {
		return m.Text
	}
	if m.HTML != "" {
		return plainPage(head(m.HTML, maxBounceText*4))
	}
	for _, p := range m.Parts {
		if strings.HasPrefix(p.Type, "text/plain") && utf8.Valid(p.Data) {
			return head(string(p.Data), maxBounceText)
		}
	}
	return ""
}

var (
	hiddenTags = lazy.Compile(`(?is)<(style|script|head)\b.*?</(style|script|head)>`)
	anyTag     = lazy.Compile(`(?s)<[^<>]*>`)
	blockTag   = lazy.Compile(`(?i)</?(p|div|br|tr|li|h[1-6]|table|ul)\b[^<>]*>`)
)

// plainPage is the text of a page, a line for each block: good enough to look for words, not to be shown.
func plainPage(page string) string {
	page = hiddenTags.Get().ReplaceAllString(page, "")
	page = anyTag.Get().ReplaceAllString(blockTag.Get().ReplaceAllString(page, "\n"), "")
	return html.UnescapeString(page)
}

// unquoted is text without the lines that somebody quotes; servers begin lines with several > themselves.
func unquoted(text string) string {
	return quotedLine.Get().ReplaceAllString(text, "")
}

var quotedLine = lazy.Compile(`(?m)^>[^>\n][^\n]*$`)

// isAnswer tells whether a subject is that of an answer.
func isAnswer(subject string) bool { return answerSubject.MatchString(subject) }

var answerSubject = lazy.Compile(`(?i)^\s*(re|aw|antw|antwort|betr|sv|vs|rif|odp|r)\s*:`)

// ownWords is the text before the copy of our mail.
func ownWords(text string) string {
	text = head(text, maxBounceText)
	at := 0
	for range maxBounceLines {
		l, _, more := strings.Cut(text[at:], "\n")
		if len(l) <= maxLine && returnedLine.MatchString(l) {
			break
		}
		if !more {
			return text
		}
		at += len(l) + 1
	}
	return text[:at]
}
