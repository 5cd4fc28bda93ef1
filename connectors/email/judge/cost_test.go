package judge

import (
	"strings"
	"testing"

	"loket/connectors/email/mail"
)

// costly are mails that make the most of what is looked at.
func costly() map[string]string {
	fill := func(s string, n int) string { return strings.Repeat(s, n/len(s)) }
	const daemon = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: help@ours.example\nSubject: x\n"
	const text = 4 << 20
	return map[string]string{
		"letters":     daemon + "\n" + fill("a", text),
		"words":       daemon + "\n" + fill("user mailbox is not ", text),
		"addresses":   daemon + "\n" + fill("<a@b.example> ", text),
		"lines":       daemon + "\n" + fill("user a\n", text),
		"ids":         daemon + "\n" + fill("Message-ID: <loket.x@ours.example>\n", text),
		"dots":        daemon + "\n" + fill("5.1.1.", text),
		"at":          daemon + "\n" + fill("a.b@", text),
		"forwarded":   "From: a@b.example\nSubject: Fwd: x\n\n" + fill("From: a\n", text),
		"one line":    "From: a@b.example\nSubject: Fwd: x\n\n" + fill("From: a ", text),
		"references":  "From: a@b.example\nReferences: " + fill("<loket.x@ours.example> ", 200<<10) + "\n\nx",
		"results":     "Authentication-Results: mx.ours.example; " + fill("((", 200<<10) + "\nFrom: a@b.example\n\nx",
		"fields":      fill("Authentication-Results: mx.ours.example; dmarc=pass header.from=b.example\n", 200<<10) + "From: a@b.example\n\nx",
		"name":        "From: \"" + fill("a@b.example ", 100<<10) + "\" <a@b.example>\n\nx",
		"subject":     "From: a@b.example\nSubject: " + fill("is out of office ", 200<<10) + "\n\nx",
		"status":      dsn("", fill("Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 user a mailbox\n\n", text), returnedMessage),
		"status line": dsn("", "Final-Recipient: rfc822; a@b.example\nAction: failed\nDiagnostic-Code: smtp; "+fill("user mailbox ", text), returnedMessage),
	}
}

func BenchmarkJudge(b *testing.B) {
	for name, raw := range costly() {
		m := mail.Read([]byte(raw), mail.Limits{})
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				judge(m)
			}
		})
	}
	m := person(b, "Received: from x by mx.ours.example\nAuthentication-Results: mx.ours.example; dmarc=pass header.from=customer.example", strings.Repeat("An ordinary line of an ordinary mail.\n", 40))
	b.Run("ordinary", func(b *testing.B) {
		for b.Loop() {
			judge(m)
		}
	})
}

// judge does all that is done to one mail.
func judge(m *mail.Mail) {
	kind, _ := Automatic(m, ours)
	OwnMail(m, ours)
	MayAnswer(m, ours, kind)
	Bounce(m, ours)
	v := Trust(m, []string{"mx.ours.example"})
	Marks(m, ours, v)
	Identifiers(m, ours, v)
	Forwarded(m)
}
