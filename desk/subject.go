package desk

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"loket/internal/message"
)

// followSubject marks the messages whose subject is another than that of what was said before, and tells the one that a
// person of the other side gave last, where it is not the task's any more.
func (v *Task) followSubject() {
	before := v.Card.Subject
	for i := range v.Messages {
		m := &v.Messages[i]
		if m.Direction != message.In || m.Subject == "" || sameSubject(before, m.Subject) {
			continue
		}
		m.SubjectChanged = true
		if m.Automatic == message.ByPerson {
			before = m.Subject
		}
	}
	if !sameSubject(v.Card.Subject, before) {
		v.SubjectNow = before
	}
}

// sameSubject tells whether one subject is the other, but for what programs put before it (Re:, AW:, [list]) and for the end
// of a long one.
func sameSubject(a, b string) bool {
	a, b = bareSubject(a), bareSubject(b)
	if a == "" || b == "" {
		return true
	}
	if short, cut := strings.CutSuffix(a, "…"); cut && strings.Contains(b, short) {
		return true
	}
	return endsWith(a, b) || endsWith(b, a)
}

// bareSubject is a subject on one line in lower case; "" when nothing stands behind its prefix.
func bareSubject(s string) string {
	s = strings.ToLower(strings.Join(strings.Fields(s), " "))
	if strings.HasSuffix(s, ":") && !strings.Contains(s, " ") {
		return ""
	}
	return s
}

// endsWith tells whether s ends with the whole words of end.
func endsWith(s, end string) bool {
	before, ok := strings.CutSuffix(s, end)
	last, _ := utf8.DecodeLastRuneInString(before)
	return ok && (before == "" || !unicode.IsLetter(last) && !unicode.IsNumber(last))
}
