package e2e_test

import (
	"bytes"
	"fmt"
	"net/mail"
	"strings"
	"testing"
	"time"

	"loket/connectors/email/mailbox/dovecottest"
	"loket/connectors/email/send/smtptest"
	"loket/desk/api"
)

// The report of the month before goes out by the mailbox once, also when the daemon is killed and starts again; who answers it is heard.
func TestReportOfAMonthIsMailedOnce(t *testing.T) {
	t.Parallel()
	server, sink := dovecottest.Start(t), smtptest.Start(t, smtptest.Options{User: "help", Password: "secret"})
	due := min(time.Now().Day(), 28)
	d := newDaemon(t, strings.Replace(mailed(server, sink, ""), "fallback_team:", fmt.Sprintf(
		"zone: Europe/Amsterdam\nreports:\n  - {name: monthly, connector: mail, to: [head@example.org], language: nl, day: %d, at: \"00:00\"}\nfallback_team:", due), 1)).start()
	sent := sink.Wait(t, 1)[0]
	report, err := mail.ReadMessage(bytes.NewReader(sent.Data))
	if err != nil {
		t.Fatal(err)
	}
	if to, auto := report.Header.Get("To"), report.Header.Get("Auto-Submitted"); !strings.Contains(to, "head@example.org") || auto != "auto-generated" {
		t.Errorf("it is to %q, and is %q", to, auto)
	}
	for _, want := range []string{"support", "Berichten", "(daarvoor 0)"} {
		if !strings.Contains(string(sent.Data), want) {
			t.Errorf("it lacks %q:\n%s", want, sent.Data)
		}
	}
	d.await("it to be noted as sent", func() bool { return strings.Contains(d.log.String(), `"report sent"`) })
	d.kill()
	d.start()
	server.Deliver("help", "INBOX", letter("From: head@example.org\nTo: help@example.org\nSubject: Re: report\nMessage-ID: <1@example.org>\nReferences: "+report.Header.Get("Message-ID"), "Why so late?"))
	d.only("support", "the question about it in a task", func(task *api.Task) bool { return task.Messages[0].Text == "Why so late?" })
	if n := len(sink.Mails()); n != 1 {
		t.Errorf("%d mails went out, want 1", n)
	}
	d.healthy()
}
