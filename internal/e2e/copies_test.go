package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"loket/connectors/email/send/smtptest"
	"loket/desk/api"
)

// reported is a mail server's word that a mail did not reach one recipient.
func (h *mailHouse) reported(id, recipient, of string) {
	h.deliver("INBOX", "Return-Path: <>\nFrom: MAILER-DAEMON@example.com\nTo: help@example.org\nSubject: Undelivered\nMessage-ID: <"+id+"@example.com>\nMIME-Version: 1.0\n"+
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b",
		"--b\nContent-Type: text/plain\n\nsorry\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; example.com\n\nFinal-Recipient: rfc822; "+recipient+
			"\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 mailbox full\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: "+of+"\n\n--b--\n")
}

// answer runs loket reply, which must succeed, and gives the mail that goes out as the nth.
func (h *mailHouse) answer(n int, args ...string) (string, smtptest.Mail) {
	h.tb.Helper()
	out, code := h.loket("", append([]string{"reply", "--anyway"}, args...)...)
	if code != 0 {
		h.tb.Fatalf("loket reply %v: %d: %s", args, code, out)
	}
	return out, h.sink.Wait(h.tb, n)[n-1]
}

func TestCopiedPeopleAreShownAndAnsweredOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	h := newMailHouse(t, "authserv: [mx.example.org]\nalso: [info@example.org]")
	h.deliver("INBOX", attested+"From: Kate <kate@example.com>\nTo: help@example.org, Lee <lee@example.com>\n"+
		"Cc: pat@partner.example, LEE@example.com, info@example.org, Help+x@example.org\nSubject: No signal\nMessage-ID: <1@example.com>", "Since today.")
	task := h.only("support", "the mail in a task", anyTask)
	if want := []string{"email:lee@example.com", "email:pat@partner.example"}; !slices.Equal(task.Others, want) {
		t.Fatalf("others %q, want %q", task.Others, want)
	}
	if out, _ := h.loket("", "show", task.Number); !strings.Contains(out, "email:lee@example.com, email:pat@partner.example (a copy of the answer: loket reply --all)") {
		t.Errorf("show does not say who else got the mail:\n%s", out)
	}

	_, first := h.answer(1, task.Number, "--text", "To you alone.")
	if !slices.Equal(first.To, []string{"kate@example.com"}) {
		t.Fatalf("the answer went to %q, want kate alone", first.To)
	}
	out, sent := h.answer(2, task.Number, "--all", "--without", "pat@partner.example", "--cc", "email:Extra@other.example", "--cc", "lee@example.com", "--text", "To all.")
	header := headerOf(t, sent)
	if want := []string{"kate@example.com", "lee@example.com", "extra@other.example"}; !slices.Equal(sent.To, want) ||
		header.Get("To") != "<kate@example.com>" || header.Get("Cc") != "<lee@example.com>, <extra@other.example>" || header.Get("Bcc") != "" {
		t.Fatalf("the answer went to %q, want %q; header %v", sent.To, want, header)
	}
	if !strings.Contains(out, "to email:kate@example.com with a copy to email:lee@example.com, email:extra@other.example") {
		t.Errorf("reply says %q, want whom it goes to", out)
	}

	// Lee's mailbox is full. Kate has the answer all the same.
	h.reported("b1", "lee@example.com", header.Get("Message-ID"))
	task = h.only("support", "the lost copy to be told", func(task *api.Task) bool {
		return len(task.Messages) == 3 && task.Messages[2].Delivery != nil && len(task.Messages[2].Delivery.Missed) == 1 && task.Unattended == 1
	})
	if d := task.Messages[2].Delivery; task.State != "waiting" || d.State != "sent" || d.Missed[0].To != "email:lee@example.com" || task.Unattended != 1 || task.Failure != "" {
		t.Errorf("task is %s, %d unattended, failure %q, with delivery %+v; want it to wait, and one unattended", task.State, task.Unattended, task.Failure, d)
	}

	// Who had a copy answers: those are their words, and Kate stays whom the task is with.
	h.deliver("INBOX", "Authentication-Results: mx.example.org; dmarc=pass header.from=other.example\nFrom: Extra <extra@other.example>\nTo: help@example.org\nSubject: Re: No signal\nMessage-ID: <2@other.example>\nReferences: "+header.Get("Message-ID"), "I am only the neighbour.")
	task = h.only("support", "the neighbour's answer", func(task *api.Task) bool { return len(task.Messages) == 4 })
	if m := task.Messages[3]; !slices.Equal(m.From, []string{"email:extra@other.example"}) || !slices.Equal(m.Marks, []string{"had a copy of an answer"}) ||
		!slices.Equal(task.From, []string{"email:kate@example.com"}) || task.LastWriter == nil || task.LastWriter.Began {
		t.Errorf("message %+v in a task from %q, last writer %+v; want the neighbour's, marked", m, task.From, task.LastWriter)
	}
	// The next answer goes to Kate: that one of us brought the neighbour in makes nobody's answer theirs.
	if _, next := h.answer(3, task.Number, "--text", "We are on it."); !slices.Equal(next.To, []string{"kate@example.com"}) {
		t.Errorf("the answer went to %q, want kate", next.To)
	}

	// Her own mailbox is full: that is another matter.
	h.reported("b2", "kate@example.com", header.Get("Message-ID"))
	h.only("support", "the task to come back", func(task *api.Task) bool {
		return task.State == "queued" && task.Messages[2].Delivery.State == "failed"
	})
	h.healthy()
}

func TestAnAnswerToOthersIsNoneToTheCustomer(t *testing.T) {
	t.Parallel()
	h := newMailHouse(t, "also: [info@example.org]")
	h.deliver("INBOX", "From: Kate <kate@example.com>\nTo: help@example.org\nSubject: No signal\nMessage-ID: <1@example.com>", "Since today.")
	task := h.only("support", "the mail in a task", anyTask)
	h.refuseOddRecipients(task)
	since := task.Wait.Since
	out, sent := h.answer(1, task.Number, "--to", "mast@partner.example", "--text", "Is that mast down?")
	if !slices.Equal(sent.To, []string{"mast@partner.example"}) || !strings.Contains(out, "the customer has no answer by it") {
		t.Fatalf("went to %q: %s", sent.To, out)
	}
	task = h.only("support", "the question in the task", func(task *api.Task) bool {
		return len(task.Messages) == 2 && task.Messages[1].Delivery.State == "sent"
	})
	if task.State != "claimed" || task.Wait.Since != since || task.Replies != 0 {
		t.Errorf("task is %s, waiting %+v with %d replies; want that kate still waits for whoever holds it", task.State, task.Wait, task.Replies)
	}
	if last := task.History[len(task.History)-1]; last.Type != "to_others" || !slices.Equal(last.To, []string{"email:mast@partner.example"}) {
		t.Errorf("history ends with %+v, want to whom was written", last)
	}
	// What they say comes back into the conversation, as theirs; the next answer is Kate's.
	h.deliver("INBOX", "From: mast@partner.example\nTo: help@example.org\nSubject: Re: No signal\nMessage-ID: <2@partner.example>\nIn-Reply-To: "+headerOf(t, sent).Get("Message-ID"), "It is, until 18:00.")
	task = h.only("support", "what they say", func(task *api.Task) bool { return len(task.Messages) == 3 })
	if task.Wait.Since != since || !slices.Equal(task.From, []string{"email:kate@example.com"}) {
		t.Errorf("waiting %+v from %q; want kate, since she wrote", task.Wait, task.From)
	}
	_, sent = h.answer(2, task.Number, "--text", "The mast is down.")
	if !slices.Equal(sent.To, []string{"kate@example.com"}) {
		t.Errorf("the answer went to %q, want kate", sent.To)
	}
	task = h.only("support", "the answer", func(task *api.Task) bool { return task.State == "waiting" })
	if !task.Wait.Since.IsZero() || task.Replies != 1 {
		t.Errorf("waiting %+v with %d replies; want kate answered", task.Wait, task.Replies)
	}
	// A bounce of what went to others brings nothing of hers back.
	h.reported("b", "mast@partner.example", headerOf(t, h.sink.Mails()[0]).Get("Message-ID"))
	task = h.only("support", "the bounce", func(task *api.Task) bool { return task.Failure != "" })
	if task.State != "queued" || !task.Wait.Since.IsZero() || task.Replies != 1 {
		t.Errorf("task is %s, waiting %+v with %d replies; want it before its team, and kate answered", task.State, task.Wait, task.Replies)
	}
	h.healthy()
}

// refuseOddRecipients tries whom an answer may not go to. Nothing is sent.
func (h *mailHouse) refuseOddRecipients(task *api.Task) {
	h.tb.Helper()
	many := []string{}
	for i := range 50 {
		many = append(many, "--cc", fmt.Sprintf("p%d@many.example", i))
	}
	for _, tc := range []struct {
		want string
		args []string
	}{
		{"cc[0]", []string{"--cc", "info@example.org"}},
		{"to[0]", []string{"--to", "help+anything@example.org"}},
		{"cc[0]", []string{"--cc", "x@y.example\r\nBcc: z@evil.example"}},
		{"cc[1]", []string{"--cc", "a@y.example", "--cc", "Name <x@y.example>"}},
		{"without[0]", []string{"--without", "nobody@there.example"}},
		{"to", []string{"--without", "kate@example.com", "--cc", "lee@example.com"}},
		{"at most 50", many},
	} {
		out, code := h.loket("", append([]string{"reply", task.Number, "--text", "x"}, tc.args...)...)
		if code != 1 || !strings.Contains(out, tc.want) {
			h.tb.Errorf("reply %q: %d, %s; want it refused over %s", tc.args, code, out, tc.want)
		}
	}
	if n := len(h.sink.Mails()); n > 0 {
		h.tb.Errorf("%d mails went out", n)
	}
}
