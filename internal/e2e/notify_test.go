package e2e_test

import (
	"bytes"
	"io"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/connectors/email/mailbox/dovecottest"
	"loket/connectors/email/send/smtptest"
	"loket/desk/api"
)

// Who left an address in the form is told that there is an answer, with the link and nothing else: once an hour, not when they refused,
// and what they answer by mail does not stand on a page that whoever typed their address has the link of.
func TestWhoLeftAnAddressIsToldOfTheAnswer(t *testing.T) {
	t.Parallel()
	server, sink := dovecottest.Start(t), smtptest.Start(t, smtptest.Options{User: "help", Password: "secret"})
	d := newDaemon(t, strings.Replace(mailed(server, sink, ""), "connectors:\n", `connectors:
  - name: website
    type: webform
    settings: {min_fill_time: 0s, languages: [en], notify: [mail]}
`, 1)+"organisation: {name: Voorbeeld}\n").start()
	anna := d.client("anna")
	asked := func(from, text string) (accepted, *api.Task) {
		t.Helper()
		sent, err := d.postTo(d.public+"/in/website/", "", map[string]string{"email": from, "text": text})
		if err != nil {
			t.Fatal(err)
		}
		d.settled()
		task, err := anna.Claim(t.Context(), "support", 10*time.Second, "")
		if err != nil || task == nil {
			t.Fatalf("claim: %v, %v", task, err)
		}
		return sent, task
	}
	answer := func(task *api.Task, text string) {
		t.Helper()
		if _, err := anna.Reply(t.Context(), task.ID, api.Answer{Text: text}); err != nil {
			t.Fatal(err)
		}
	}

	page, task := asked("kate@example.com", "What is my balance?")
	answer(task, "It is 100 euro")
	told := sink.Wait(t, 1)[0]
	m, err := mail.ReadMessage(bytes.NewReader(told.Data))
	if err != nil {
		t.Fatal(err)
	}
	if len(told.To) != 1 || told.To[0] != "kate@example.com" || m.Header.Get("Subject") != "You have an answer" || m.Header.Get("Auto-Submitted") != "auto-replied" {
		t.Errorf("told %v with %v", told.To, m.Header)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		t.Fatal(err)
	}
	text := string(body)
	if !strings.Contains(text, d.page(page)) || !strings.HasPrefix(text, "Voorbeeld has answered you.") || strings.Contains(text, "100 euro") || strings.Contains(text, "balance") {
		t.Errorf("told:\n%s", text)
	}

	// Another answer within the hour, and one to somebody who refused, tell nothing; one to somebody else does.
	answer(task, "It is 120 euro by now")
	if out, code := d.loket("", "customer", "register", "email:quiet@example.com", "--name", "Quiet"); code != 0 {
		t.Fatalf("register: %d: %s", code, out)
	}
	if out, code := d.loket("", "customer", "consent", "email:quiet@example.com", "email:quiet@example.com", "service", "--refuse"); code != 0 {
		t.Fatalf("consent: %d: %s", code, out)
	}
	_, quiet := asked("quiet@example.com", "And mine?")
	answer(quiet, "It is 50 euro")
	_, other := asked("joe@example.com", "And mine?")
	answer(other, "It is 70 euro")
	all := sink.Wait(t, 2)
	if len(all) != 2 || all[1].To[0] != "joe@example.com" {
		t.Errorf("told %d times, at last %v", len(all), all[len(all)-1].To)
	}

	server.Deliver("help", "INBOX", letter("From: Kate <kate@example.com>\nTo: help@example.org\nSubject: Re: You have an answer\nMessage-ID: <2@example.com>\nReferences: "+m.Header.Get("Message-ID"), "Thank you"))
	d.await("her mail in a task of its own", func() bool {
		return slices.ContainsFunc(d.tasks("support"), func(o *api.Task) bool { return o.ID != task.ID && o.Channel == "email" })
	})
	if got := d.get(d.page(page)); strings.Contains(got, "Thank you") || !strings.Contains(got, "100 euro") {
		t.Errorf("on the page stands\n%s", got)
	}
	d.healthy()
}
