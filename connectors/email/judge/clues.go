package judge

import (
	"slices"
	"strings"

	"loket/connectors/email/mail"
	"loket/internal/lazy"
)

// clues are what stands in a mail that may be a bounce.
type clues struct {
	plainly bool // only mail systems begin a subject so
	subject bool
	says    bool // sentences of a bounce
	because bool // a reason, as mail systems give it
	code    bool // a line with a server's answer
	back    bool // our mail came back with it
	ours    bool // it answers, or names, a mail of ours
	names   bool // an address that is neither ours nor the sender's, beside words of mail: parcels are not delivered either
	replies bool // the subject is that of an answer
}

func look(m *mail.Mail, own Own, o Outcome) clues {
	subject := head(m.Subject, maxLine)
	text := ownWords(words(m))
	said := unquoted(text)
	c := clues{
		plainly: bounceSubject.MatchString(subject), says: failPhrase.MatchString(said) || delayPhrase.MatchString(said),
		because: gone.MatchString(said) || full.MatchString(said), code: hasAnswer(said),
		back: len(text) < len(head(words(m), maxBounceText)) || slices.ContainsFunc(m.Parts, func(p mail.Part) bool { return slices.Contains(returnedMail[:], p.Type) }),
		ours: own.answered(m) || len(candidates(m, own, nil)) > 0, names: o.Recipient != "" && ofMail.MatchString(said), replies: isAnswer(subject),
	}
	c.subject = c.plainly || failSubject.MatchString(subject)
	return c
}

// bounces weighs the clues: the less plainly a mail system wrote, the more of them it takes.
func (c clues) bounces(who machine, replied bool) bool {
	anything := c.code || c.back || c.ours || c.names
	switch {
	case who == daemon:
		return c.subject || c.says || c.because || anything
	case replied: // receipts of desks and of people who are away say so, and talk of mail too
		return c.says && (c.back || c.code || c.plainly)
	case who == nullPath:
		return c.plainly || (c.subject || c.says || c.code && c.names) && anything || c.because && (c.code || c.back)
	case who == postmaster && c.replies && !c.code && !c.back:
		return false
	case who == postmaster:
		return c.plainly && (c.says || c.because || anything) || c.says && (c.code || c.back || c.subject && anything) || c.because && (c.code || c.back)
	case who == submitted:
		return c.plainly && (c.says || c.because || c.code) && anything || c.says && (c.back || c.subject && anything)
	}
	return c.says && c.back || c.plainly && (c.says || c.because || c.code) && c.names
}

var (
	serverCode = lazy.Compile(`\b[45][0-5]\d([ -]|['"]?\s*$)`)
	// answerLead is what stands before a server's answer: nothing, or where it comes from.
	answerLead = lazy.Compile(`(?i)^\W*$|^\W*([a-z]+ ){0,3}(said|response|responded|returned|error|reason|diagnostic[- ]code|status|received|out|smtp|code|answer|antwort|grund|antwoord|reden)\b.{0,60}$|(@|\d\.\d|\b(host|server) ).*([:;>\])"']|(^|\s)\S*[@.]\S*\w)\s*$`)
)

// hasAnswer tells whether text has a line with a server's answer, not only a sentence that mentions a number.
func hasAnswer(text string) bool {
	for _, l := range strings.SplitN(text, "\n", maxBounceLines+1) {
		l = head(l, maxLine)
		if at := serverCode.Get().FindStringIndex(l); at != nil && at[0] <= 160 && answerLead.MatchString(l[:at[0]]) {
			return true
		}
	}
	return false
}
