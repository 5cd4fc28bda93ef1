package e2e_test

import (
	"bytes"
	"fmt"
	"net/mail"
	"strings"
	"testing"

	"loket/connectors/email/mailbox/dovecottest"
	"loket/connectors/email/send/smtptest"
	"loket/desk/api"
	"loket/internal/soak"
)

// question is a customer's mail of its own; n tells them apart.
func question(n int) []byte {
	return letter(fmt.Sprintf("From: Kate Jansen <kate@example.com>\nTo: help@example.org\nSubject: Question %d\nMessage-ID: <%d@example.com>", n, n), fmt.Sprintf("Question %d.\n", n))
}

func TestKilledAtEveryStepOfAMail(t *testing.T) {
	t.Parallel()
	server, sink := dovecottest.Start(t), smtptest.Start(t, smtptest.Options{})
	for _, step := range soak.Pick([]string{"admitted", "put"}, []string{"admitted", "resolved", "placed", "put", "acked"}) { // TestKilledAtEveryStepOfIntake has all
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			box := strings.Replace(mailed(server, sink, ""), "//help:", "//"+step+":", 1)
			server.MakeFolder(step, "INBOX")
			d := newDaemon(t, box).start("LOKET_FAIL_AT=" + step + ":3")
			for n := range 6 {
				server.Deliver(step, "INBOX", question(n))
			}
			d.await("loket to kill itself", d.dead)
			d.start()
			d.await("six tasks", func() bool { return len(d.tasks("support")) >= 6 })
			d.settled()
			in := map[string]int{}
			for _, task := range d.tasks("support") {
				shown, err := d.client("anna").Task(t.Context(), task.ID)
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range shown.Messages {
					in[m.Text]++
				}
			}
			for n := range 6 {
				if text := fmt.Sprintf("Question %d.", n); in[text] != 1 {
					t.Errorf("%q is in %d tasks", text, in[text])
				}
			}
			if len(in) != 6 {
				t.Errorf("messages %v, want six", in)
			}
			d.healthy()
		})
	}
}

// TestKilledAtEveryStepOfAnAnswerByMail: what the mail server may have, is not sent again before somebody says so, and
// then as the same mail.
func TestKilledAtEveryStepOfAnAnswerByMail(t *testing.T) {
	t.Parallel()
	server := dovecottest.Start(t)
	for _, tt := range []struct {
		step  string
		state string // after the restart
		mails int    // at the mail server by then
	}{{"sending", "doubt", 0}, {"handed", "doubt", 1}, {"recorded", "doubt", 1}, {"settled", "sent", 1}} {
		t.Run(tt.step, func(t *testing.T) {
			t.Parallel()
			sink := smtptest.Start(t, smtptest.Options{})
			server.Deliver(tt.step, "INBOX", question(1))
			box := strings.Replace(mailed(server, sink, ""), "//help:", "//"+tt.step+":", 1)
			d := newDaemon(t, box).start("LOKET_FAIL_AT=" + tt.step)
			task := d.only("support", "the mail in a task", anyTask)
			answer := api.Answer{Text: "The one answer.", Key: "once"}
			_, _ = d.client("anna").Reply(t.Context(), task.ID, answer) // its answer may die with the process
			d.await("loket to kill itself", d.dead)
			d.start()
			if _, err := d.client("anna").Reply(t.Context(), task.ID, answer); err != nil {
				t.Fatalf("the same reply again: %v", err)
			}
			task = d.only("support", "the answer to be "+tt.state, func(task *api.Task) bool { return answerIs(task, tt.state) })
			if n := len(sink.Mails()); n != tt.mails {
				t.Errorf("%d mails at the server, want %d", n, tt.mails)
			}
			if tt.state == "doubt" {
				if _, err := d.client("anna").Resend(t.Context(), task.ID, task.Messages[1].Delivery.Reply); err != nil {
					t.Fatal(err)
				}
				d.only("support", "the answer to be sent", func(task *api.Task) bool { return answerIs(task, "sent") })
				sink.Wait(t, tt.mails+1)
			}
			wantOneMail(t, sink)
			d.healthy()
		})
	}
}

func TestMailServerThatRefusesOrDrops(t *testing.T) {
	t.Parallel()
	server := dovecottest.Start(t)
	for _, tt := range []struct {
		name        string
		stage       smtptest.Stage
		fault       smtptest.Fault
		state, task string
		says        string
		mails       int
	}{
		{"busy", smtptest.Recipient, smtptest.Fault{Code: 451, Text: "4.7.1 greylisted, come back in 1 second"}, "sent", "waiting", "", 1},
		{"drops-early", smtptest.Data, smtptest.Fault{Drop: true}, "sent", "waiting", "", 1},
		{"refuses", smtptest.Recipient, smtptest.Fault{Code: 550, Text: "5.1.1 no such user here"}, "failed", "queued", "no such user here", 0},
		{"refuses-late", smtptest.End, smtptest.Fault{Code: 554, Text: "5.7.1 looks like spam"}, "failed", "queued", "looks like spam", 0},
		{"has-it-and-drops", smtptest.End, smtptest.Fault{Drop: true, Keep: true}, "doubt", "queued", "hear whether it has the mail", 1},
		{"drops-late", smtptest.End, smtptest.Fault{Drop: true}, "doubt", "queued", "hear whether it has the mail", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sink := smtptest.Start(t, smtptest.Options{})
			sink.Fail(tt.stage, tt.fault, 1)
			server.Deliver(tt.name, "INBOX", question(1))
			d := newDaemon(t, strings.Replace(mailed(server, sink, ""), "//help:", "//"+tt.name+":", 1)).start()
			task := d.only("support", "the mail in a task", anyTask)
			if _, err := d.client("anna").Reply(t.Context(), task.ID, api.Answer{Text: "The one answer."}); err != nil {
				t.Fatal(err)
			}
			task = d.only("support", "the answer to be "+tt.state, func(task *api.Task) bool {
				return answerIs(task, tt.state) && (tt.state == "sent" || task.Failure != "")
			})
			if task.State != tt.task || !strings.Contains(task.Failure, tt.says) || !strings.Contains(task.Messages[1].Delivery.Error, tt.says) {
				t.Errorf("task is %s with failure %q, delivery %+v; want %s and %q", task.State, task.Failure, task.Messages[1].Delivery, tt.task, tt.says)
			}
			if tt.state == "doubt" && task.Messages[1].Delivery.Error == "" {
				t.Error("nothing tells why it is in doubt")
			}
			if tt.state == "doubt" {
				d.kill() // nor does another process send it again by itself
				d.start()
				d.only("support", "the doubt to stay", func(task *api.Task) bool { return answerIs(task, "doubt") })
			}
			if n := len(sink.Mails()); n != tt.mails {
				t.Errorf("%d mails at the server, want %d", n, tt.mails)
			}
			if tt.state == "failed" { // somebody decides to try again
				if _, err := d.client("anna").Resend(t.Context(), task.ID, task.Messages[1].Delivery.Reply); err != nil {
					t.Fatal(err)
				}
				d.only("support", "the answer to be sent after all", func(task *api.Task) bool { return answerIs(task, "sent") })
			}
			if tt.state != "doubt" {
				wantOneMail(t, sink)
			}
			d.healthy()
		})
	}
}

func anyTask(*api.Task) bool { return true }

// answerIs tells whether the second message of the task, ours, is in that state.
func answerIs(task *api.Task, state string) bool {
	return len(task.Messages) == 2 && task.Messages[1].Delivery != nil && task.Messages[1].Delivery.State == state
}

// wantOneMail wants that all that the mail server has got is one mail, however often.
func wantOneMail(t *testing.T, sink *smtptest.Sink) {
	t.Helper()
	ids := map[string]bool{}
	for _, m := range sink.Mails() {
		ids[headerOf(t, m).Get("Message-ID")] = true
		if !strings.Contains(string(m.Data), "The one answer.") {
			t.Errorf("mail without the answer:\n%s", m.Data)
		}
	}
	if len(ids) != 1 {
		t.Errorf("mails %v, want one, however often", ids)
	}
}

func headerOf(t *testing.T, m smtptest.Mail) mail.Header {
	t.Helper()
	read, err := mail.ReadMessage(bytes.NewReader(m.Data))
	if err != nil {
		t.Fatal(err)
	}
	return read.Header
}
