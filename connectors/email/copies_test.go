package email

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/connectors/email/send"
	"loket/internal/message"
)

func TestWhoElseGotAMailIsBoundedAndNeverUs(t *testing.T) {
	ids := send.NewIDs(tokens{})
	answers, _ := ids.AnswerTo("help@example.org", "-", message.NewID([]byte("t")))
	forward, _ := ids.ForwardTo("help@example.org", "-", "01KBA0ZZZZ8Y9TQ1M3V5W7X9Z1")
	few := "lee@example.com, SALES@example.org, help+x@example.org, " + answers + ", " + forward
	many := few
	for i := range 60 {
		many += fmt.Sprintf(",\n p%d@many.example", i)
	}
	read := func(cc string) *message.Message {
		return newReader().read(letter("From: kate@example.com\nTo: help@example.org\nCc: " + cc + "\nMessage-ID: <1@example.com>\n\nhello")).Message
	}
	if m := read(strings.TrimSuffix(few, ", "+answers+", "+forward)); len(m.Cc) != 1 || m.Cc[0].Value != "lee@example.com" {
		t.Errorf("Cc = %v, want lee alone", m.Cc)
	}
	if m := read(many); len(m.Cc) != maxCc || !slices.Contains(m.Marks, MarkMany) || slices.ContainsFunc(m.Cc, func(id message.Identifier) bool { return strings.HasSuffix(id.Value, "example.org") }) {
		t.Errorf("%d in Cc with marks %q, want %d others, and that there are more", len(m.Cc), m.Marks, maxCc)
	}
}

func TestAReportNamesWhoDidNotGetIt(t *testing.T) {
	of := send.NewIDs(tokens{}).MessageID(send.Ref{Thread: message.NewID([]byte("t")), Message: message.NewID([]byte("m"))}, "example.org")
	report := func(blocks ...string) *message.Message {
		return newReader().read(letter("Return-Path: <>\nFrom: MAILER-DAEMON@example.com\nTo: help@example.org\nSubject: Undelivered\nMessage-ID: <b@example.com>\nMIME-Version: 1.0\n" +
			"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nsorry\n--b\nContent-Type: message/delivery-status\n\n" +
			"Reporting-MTA: dns; example.com\n\n" + strings.Join(blocks, "\n") + "\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <" + of + ">\n\n--b--\n")).Message
	}
	lee := "Final-Recipient: rfc822; Lee@example.com\nAction: failed\nStatus: 5.1.1\n"
	aliased := "Original-Recipient: rfc822; pat@example.com\nFinal-Recipient: rfc822; inner@example.com\nAction: failed\nStatus: 5.1.1\n"
	for _, tc := range []struct {
		blocks []string
		want   string
	}{
		{[]string{lee}, "lee@example.com"},
		{[]string{lee, aliased}, "lee@example.com pat@example.com"},
		{[]string{lee, "Final-Recipient: rfc822; kate@example.com\nAction: delivered\nStatus: 2.0.0\n"}, "lee@example.com"},
		{[]string{lee, "Final-Recipient: x-unknown; nobody\nAction: failed\nStatus: 5.1.1\n"}, ""},
	} {
		m := report(tc.blocks...)
		if m.Report == nil {
			t.Fatalf("%q is no report: %+v", tc.blocks, m)
		}
		var got []string
		for _, id := range m.Report.To {
			got = append(got, id.Value)
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%q is about %q, want %q", tc.blocks, got, tc.want)
		}
	}
}

func TestWhatAnswersAForwardedTaskIsInNoConversation(t *testing.T) {
	ids := send.NewIDs(tokens{})
	const task = "01KBA0ZZZZ8Y9TQ1M3V5W7X9Z1"
	thread := message.NewID([]byte("t"))
	forwarded := "<" + ids.ForwardID(send.Forwarded{Task: task, Message: message.NewID([]byte("f"))}, "example.org") + ">"
	answered := "<" + ids.MessageID(send.Ref{Thread: thread, Message: message.NewID([]byte("a"))}, "example.org") + ">"
	toTask, _ := ids.ForwardTo("help@example.org", "+", task)
	toThread, _ := ids.AnswerTo("help@example.org", "+", thread)
	for _, tc := range []struct{ header, thread, forward string }{
		{"To: help@example.org\nIn-Reply-To: " + forwarded, "", task},
		{"To: help@example.org\nReferences: " + forwarded + " <theirs@partner.example>\nIn-Reply-To: <theirs@partner.example>", "", task},
		{"To: help@example.org\nReferences: " + forwarded + " " + answered, thread, ""},
		{"To: help@example.org\nReferences: " + answered + " " + forwarded, "", task},
		{"To: " + toTask, "", task},
		{"To: kate@example.com, " + toTask + "\nIn-Reply-To: " + answered, "", task},
		{"To: " + toThread + ", " + toTask, "", task},
		{"To: " + toThread + "\nIn-Reply-To: " + forwarded, thread, ""},
		{"To: help@example.org\nIn-Reply-To: " + strings.Replace(forwarded, "loket-f.", "loket.", 1), "", ""},
	} {
		l := newReader().read(letter("Authentication-Results: mx.example.org; dmarc=pass header.from=partner.example\nFrom: mast@partner.example\n" + tc.header +
			"\nSubject: Re: Fwd: T-1042-8\nMessage-ID: <1@partner.example>\n\nIt is down."))
		m := l.Message
		if m.Thread != tc.thread || m.Forward != tc.forward {
			t.Errorf("%s\nleads to thread %q, task %q; want %q, %q", tc.header, m.Thread, m.Forward, tc.thread, tc.forward)
		}
		if m.Forward != "" && (len(m.References) > 0 || m.Ticket != "" || begins(m, m.Received.Add(time.Minute))) {
			t.Errorf("%s\nrefers to %q, names %q, or is acknowledged", tc.header, m.References, m.Ticket)
		}
	}
}
