package e2e_test

import (
	"bytes"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/connectors/email/mailbox"
	"loket/connectors/email/mailbox/dovecottest"
	"loket/connectors/email/send/smtptest"
	"loket/desk/api"
)

// mailed is a configuration with one mailbox; what follows its settings may be added.
func mailed(server *dovecottest.Server, sink *smtptest.Sink, more string) string {
	return fmt.Sprintf(`
store: {url: embedded, data: ./data}
listen: {public: "127.0.0.1:0", desk: "127.0.0.1:0"}
teams:
  support: {first_reply: 4h, next_reply: 8h, lease: 30s, reopen: 7d}
connectors:
  - name: mail
    type: email
    settings:
      address: help@example.org
      name: Example Support
      imap: %q
      ca: %q
      poll: 1s
      smtp: {url: %q, ca: %q, plus: "+"}
      %s
fallback_team: support
log: {level: debug, format: json}
`, server.URL("help"), server.CAFile, sink.URL(), sink.CA(), strings.ReplaceAll(more, "\n", "\n      "))
}

// letter is a mail with CRLF line ends.
func letter(header, text string) []byte {
	return []byte(strings.ReplaceAll(header+"\n\n"+text, "\n", "\r\n"))
}

// only waits until the team has one task for which ok holds, and no other.
func (d *daemon) only(team, what string, ok func(*api.Task) bool) *api.Task {
	d.tb.Helper()
	var task *api.Task
	d.await(what, func() bool {
		tasks := d.tasks(team)
		if len(tasks) > 1 {
			d.tb.Fatalf("%d tasks, want one", len(tasks))
		}
		if len(tasks) == 0 {
			return false
		}
		shown, err := d.client("anna").Task(d.tb.Context(), tasks[0].ID)
		if err != nil {
			d.tb.Fatal(err)
		}
		task = shown
		return ok(task)
	})
	return task
}

func TestMailInTaskAnswerOutAnswerBack(t *testing.T) {
	t.Parallel()
	server, sink := dovecottest.Start(t), smtptest.Start(t, smtptest.Options{User: "help", Password: "secret"})
	server.MakeFolder("help", "Sent")
	d := newDaemon(t, mailed(server, sink, "sent: Sent")).start()
	server.Deliver("help", "INBOX", letter("From: Kate Jansen <kate@example.com>\nTo: help@example.org\nSubject: No signal\nMessage-ID: <1@example.com>\nDate: Sun, 22 Nov 2026 10:29:00 +0100",
		"Since this morning.\n\n-- \nKate"))
	task := d.only("support", "the mail in a task", func(*api.Task) bool { return true })
	if m := task.Messages[0]; m.Text != "Since this morning." || m.From[0] != "email:kate@example.com" || m.Name != "Kate Jansen" || task.Subject != "No signal" {
		t.Fatalf("message = %+v", m)
	}

	if out, code := d.loket("We are on it.\n", "reply", task.Number); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	sent := sink.Wait(t, 1)[0]
	answer, err := mail.ReadMessage(bytes.NewReader(sent.Data))
	if err != nil {
		t.Fatal(err)
	}
	h := answer.Header
	if len(sent.To) != 1 || sent.To[0] != "kate@example.com" || h.Get("Subject") != "Re: No signal" || h.Get("In-Reply-To") != "<1@example.com>" ||
		!strings.Contains(string(sent.Data), "We are on it.") || !strings.Contains(string(sent.Data), "> Since this morning.") {
		t.Fatalf("answer to %v:\n%s", sent.To, sent.Data)
	}
	d.only("support", "the answer to be sent", func(task *api.Task) bool {
		return task.State == "waiting" && len(task.Messages) == 2 && task.Messages[1].Delivery != nil && task.Messages[1].Delivery.State == "sent"
	})

	// She answers from another address of hers, and her program keeps only the reference.
	server.Deliver("help", "INBOX", letter("From: Kate <kate@home.example>\nTo: help@example.org\nSubject: AW: something else\nMessage-ID: <2@example.com>\nReferences: "+h.Get("Message-ID"),
		"Still nothing.\n\nOn Sun, 22 Nov 2026 at 10:31, Example Support <help@example.org> wrote:\n> We are on it."))
	task = d.only("support", "her answer in the same task", func(task *api.Task) bool { return len(task.Messages) == 3 && task.State == "queued" })
	if m := task.Messages[2]; m.Text != "Still nothing." || strings.Join(m.Marks, ",") != "new participant" {
		t.Errorf("message %+v, want her answer, marked as a newcomer's", m)
	}
	// And to the address that we gave her, without any reference.
	to, err := h.AddressList("Reply-To")
	if err != nil || len(to) != 1 {
		t.Fatalf("Reply-To: %v, %v", to, err)
	}
	server.Deliver("help", "INBOX", letter("From: kate@example.com\nTo: "+to[0].Address+"\nSubject: hello?\nMessage-ID: <3@example.com>", "Anybody there?"))
	d.only("support", "her mail to our address for answers", func(task *api.Task) bool { return len(task.Messages) == 4 })

	// A colleague answers in their own mail program.
	server.Deliver("help", "Sent", letter("From: help@example.org\nTo: kate@example.com\nSubject: Re: hello?\nMessage-ID: <s@example.org>\nIn-Reply-To: <3@example.com>\nDate: "+
		time.Now().Add(time.Second).Format(time.RFC1123Z), "Back on."))
	task = d.only("support", "the answer from elsewhere", func(task *api.Task) bool { return len(task.Messages) == 5 && task.State == "waiting" })
	if m := task.Messages[4]; m.Direction != "out" || m.Text != "Back on." {
		t.Errorf("message %+v, want the colleague's", m)
	}

	// A thumb up is no question.
	server.Deliver("help", "INBOX", letter("From: kate@example.com\nTo: help@example.org\nSubject: Re: hello?\nMessage-ID: <r@example.com>\nIn-Reply-To: "+h.Get("Message-ID")+
		"\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b",
		"--b\nContent-Type: text/plain; charset=utf-8\n\n👍\nKate reacted via Gmail\n--b\nContent-Type: text/vnd.google.email-reaction+json; charset=utf-8\n\n{\"emoji\":\"👍\",\"version\":1}\n--b--\n"))
	task = d.only("support", "the reaction", func(task *api.Task) bool { return len(task.Messages) == 6 })
	if m := task.Messages[5]; task.State != "waiting" || strings.Join(m.Marks, ",") != "reaction: 👍" || len(m.Attachments) != 0 {
		t.Errorf("after a reaction the task is %s, message %+v", task.State, m)
	}

	// Her mailbox is full: the bounce of our answer brings the task back.
	server.Deliver("help", "INBOX", letter("Return-Path: <>\nFrom: MAILER-DAEMON@example.com\nTo: help@example.org\nSubject: Undelivered\nMessage-ID: <b@example.com>\nMIME-Version: 1.0\n"+
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b",
		"--b\nContent-Type: text/plain\n\nsorry\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; example.com\n\nFinal-Recipient: rfc822; kate@example.com\nAction: failed\n"+
			"Status: 5.2.2\nDiagnostic-Code: smtp; 552 mailbox full\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: "+h.Get("Message-ID")+"\n\n--b--\n"))
	task = d.only("support", "the bounce", func(task *api.Task) bool {
		return task.State == "queued" && task.Messages[1].Delivery != nil && task.Messages[1].Delivery.State == "failed"
	})
	if !strings.Contains(task.Messages[1].Delivery.Error, "mailbox full") {
		t.Errorf("delivery %+v, want the reason", task.Messages[1].Delivery)
	}
	d.await("every mail to be marked as taken", func() bool {
		return !slices.ContainsFunc(server.Files("help", "INBOX"), func(f dovecottest.File) bool { return !slices.Contains(f.Keywords, mailbox.Keyword) })
	})
	d.healthy()
	d.stop()
}

func TestAMailboxThatIsNotReadSaysSo(t *testing.T) {
	t.Parallel()
	server, sink := dovecottest.Start(t), smtptest.Start(t, smtptest.Options{})
	configuration := mailed(server, sink, "")
	d := newDaemon(t, strings.Replace(configuration, "%2Fword", "%2Fwrong", 1)).start()
	d.await("the status to say that the password is refused", func() bool {
		out, _ := d.loket("", "status")
		return strings.Contains(out, "in trouble") && strings.Contains(out, "folder INBOX")
	})
	if metrics := d.get(d.desk + "/metrics"); !strings.Contains(metrics, `loket_connector_up{connector="mail"} 0`) {
		t.Error("the metrics do not say that the connector is down")
	}
	server.Deliver("help", "INBOX", letter("From: kate@example.com\nSubject: x\nMessage-ID: <1@example.com>", "hello"))
	d.stop()
	d.configure(configuration)
	d.start()
	d.only("support", "the mail that came meanwhile", func(*api.Task) bool { return true })
	if out, _ := d.loket("", "status"); strings.Contains(out, "in trouble") {
		t.Errorf("status says\n%s", out)
	}
}
