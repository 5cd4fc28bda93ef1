package e2e_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/connectors/email/mailbox/dovecottest"
	"loket/connectors/email/send/smtptest"
	"loket/connectors/twilio/twiliotest"
	"loket/connectors/x/xtest"
	"loket/desk/api"
	"loket/internal/soak"
)

// has tells whether a text was said in a task.
func (d *daemon) has(task, text string) bool {
	shown, err := d.client("anna").Task(d.tb.Context(), task)
	return err == nil && slices.ContainsFunc(shown.Messages, func(m api.Message) bool { return m.Text == text })
}

// wait polls until ok, for who may not end the test.
func wait(ok func() bool) bool {
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

// taskOf waits for the task of the team in which a text was said.
func (d *daemon) taskOf(team, text string) *api.Task {
	d.tb.Helper()
	var found *api.Task
	d.await("the task with "+text, func() bool {
		for _, t := range d.tasks(team) {
			if d.has(t.ID, text) {
				found = t
				return true
			}
		}
		return false
	})
	return found
}

// reply answers a task, once everything is in it and was looked at, and wants its answer settled. What is shown of a task
// before it is put in there counts as unseen still.
func (d *daemon) reply(task *api.Task, text string, args ...string) {
	d.tb.Helper()
	d.settled()
	if _, err := d.client("anna").Task(d.tb.Context(), task.ID); err != nil {
		d.tb.Fatal(err)
	}
	if out, code := d.loket(text+"\n", append([]string{"reply", task.Number}, args...)...); code != 0 {
		d.tb.Fatalf("loket reply: %d: %s", code, out)
	}
	d.await("the answer to be settled", func() bool {
		shown, err := d.client("anna").Task(d.tb.Context(), task.ID)
		return err == nil && slices.ContainsFunc(shown.Messages, func(m api.Message) bool {
			return m.Text == text && m.Delivery != nil && slices.Contains([]string{"sent", "delivered"}, m.Delivery.State)
		})
	})
}

// A customer who is faster than the channel's word that it took our answer is in the same task, whatever they refer to.
func TestAnswerBeforeTheChannelHasTakenOurs(t *testing.T) {
	t.Parallel()
	server, f := twiliotest.Start(t), xtest.Start(t)
	d := newDaemon(t, strings.Replace(phoned(server, "url: embedded"), "fallback_team:", fmt.Sprintf(
		"  - {name: care, type: x, settings: {%s, %s}}\nfallback_team:", f.Settings("v1.1"), byWebhook), 1)).start()
	server.Point(d.public + "/in/phone")
	tell := func(body []byte) {
		if status, err := xtest.Deliver(d.public+"/in/care/", body); err != nil || status != http.StatusOK {
			t.Errorf("delivery = %d, %v; want 200", status, err)
		}
	}
	in := func(task *api.Task, text string) {
		if !wait(func() bool { return d.has(task.ID, text) }) {
			t.Errorf("%q is not in the task of what it answers", text)
		}
	}

	// We answer a call by SMS: nothing went between the two numbers that way before. The report is faster, too.
	missed := server.KeepCall(twiliotest.Call{From: "+31612345678", Seconds: 3})
	server.HangUp(missed)
	call := d.taskOf("support", "Missed call, 3s")
	server.Fail(twiliotest.Fault{Meanwhile: func(m twiliotest.Message) {
		server.Report(m, "delivered", 0)
		server.Receive(twiliotest.Message{From: m.To, Body: "by SMS"})
		in(call, "by SMS")
	}})
	d.reply(call, "You called?")

	// On WhatsApp she points at our answer.
	const whatsApp = "whatsapp:" + twiliotest.Number
	server.Receive(twiliotest.Message{From: "whatsapp:+31612345679", To: whatsApp, Body: "Hello?"})
	chat := d.taskOf("support", "Hello?")
	server.Fail(twiliotest.Fault{Meanwhile: func(m twiliotest.Message) {
		server.Receive(twiliotest.Message{From: m.To, To: whatsApp, Body: "by WhatsApp", Form: url.Values{"OriginalRepliedMessageSid": {m.SID}}})
		in(chat, "by WhatsApp")
	}})
	d.reply(chat, "Here we are.")

	// Her answer refers to our post alone, whose id X has not told us yet. It is put off until X has.
	post := f.Add(xtest.Post{Text: "@example no signal", Names: true})
	tell(f.PostCreated(post))
	public := d.taskOf("support", "@example no signal")
	f.Fail("/1.1/statuses/update.json", xtest.Fault{Meanwhile: func() {
		own := f.Posts()[0]
		tell(f.PostCreated(f.Add(xtest.Post{Text: "in public", ReplyTo: own.ID, ReplyToUser: xtest.Self})))
		if !wait(func() bool {
			return strings.Contains(d.get(d.desk+"/metrics"), `loket_walk_seconds_count{result="early"}`)
		}) {
			t.Error("her answer was not put off")
		}
	}}, 1)
	d.reply(public, "We are on it.")
	in(public, "in public")

	// In private we begin the conversation.
	f.Fail("/1.1/direct_messages/events/new.json", xtest.Fault{Meanwhile: func() {
		tell(f.DirectCreated(f.AddDirect(xtest.Direct{Text: "in private"})))
		in(public, "in private")
	}}, 1)
	d.reply(public, "Which number?", "--via", "private")

	d.settled()
	if n := len(d.tasks("support")); n != 3 {
		t.Errorf("%d tasks, want three: what answers ours begins none", n)
	}
	if n := len(server.Sent()) + len(f.Posts()) + len(f.Directs()); n != 4 {
		t.Errorf("%d answers went out, want four", n)
	}
	d.healthy()
	d.stop()
}

// The same by mail: her program answers the address that we gave her, or refers to our mail.
func TestMailBeforeItsServerHasTakenOurs(t *testing.T) {
	t.Parallel()
	server, sink := dovecottest.Start(t), smtptest.Start(t, smtptest.Options{User: "help", Password: "secret"})
	d := newDaemon(t, mailed(server, sink, "")).start()
	server.Deliver("help", "INBOX", question(1))
	task := d.taskOf("support", "Question 1.")
	sink.Fail(smtptest.End, smtptest.Fault{Meanwhile: func(m smtptest.Mail) {
		h := headerOf(t, m)
		server.Deliver("help", "INBOX", letter("From: Kate Jansen <kate@example.com>\nTo: help@example.org\nSubject: Re\nMessage-ID: <a@example.com>\nIn-Reply-To: "+h.Get("Message-ID"), "by reference"))
		server.Deliver("help", "INBOX", letter("From: Kate Jansen <kate@example.com>\nTo: "+h.Get("Reply-To")+"\nSubject: Re\nMessage-ID: <b@example.com>", "by address"))
		for _, text := range []string{"by reference", "by address"} {
			if !wait(func() bool { return d.has(task.ID, text) }) {
				t.Errorf("the answer %s is not in the task of what it answers", text)
			}
		}
	}}, 1)
	d.reply(task, "We are on it.")
	d.settled()
	if n := len(d.tasks("support")); n != 1 {
		t.Errorf("%d tasks, want one", n)
	}
	d.healthy()
	d.stop()
}

// Wherever loket dies while it sends, the answer goes out once, and what the customer says to it at once is in its task.
func TestAnswerFindsItsTaskWhereverLoketDies(t *testing.T) {
	t.Parallel()
	for _, step := range soak.Pick([]string{"bound", "handed", "settled"}, []string{"bound", "sending", "handed", "recorded", "settled"}) {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			server := twiliotest.Start(t)
			d := newDaemon(t, phoned(server, "url: embedded")).start("LOKET_FAIL_AT=" + step)
			server.Point(d.public + "/in/phone")
			server.HangUp(server.KeepCall(twiliotest.Call{From: "+31612345678", Seconds: 3}))
			task := d.taskOf("support", "Missed call, 3s")
			// They are faster than Twilio's word; no webhook is answered by a loket that is dead, and Twilio tries again.
			answers := make(chan twiliotest.Message, 1)
			server.Fail(twiliotest.Fault{Meanwhile: func(m twiliotest.Message) {
				server.Report(m, "delivered", 0)
				kept, _ := server.Receive(twiliotest.Message{From: m.To, Body: "Yes, about the outage"})
				answers <- kept
			}})
			d.loket("You called?\n", "reply", task.Number) // its answer may die with the process
			d.await("loket to kill itself", d.dead)
			d.start()
			server.Point(d.public + "/in/phone")
			server.Deliver(<-answers)
			d.await("his answer in the same task, and ours settled", func() bool {
				shown, err := d.client("anna").Task(t.Context(), task.ID)
				return err == nil && len(shown.Messages) == 3 && shown.State == "queued" && shown.Messages[1].Delivery != nil &&
					shown.Messages[1].Delivery.State == "delivered" && shown.Messages[2].Text == "Yes, about the outage"
			})
			d.settled()
			if n := len(d.tasks("support")); n != 1 || len(server.Sent()) != 1 {
				t.Errorf("%d tasks and %d answers sent, want one of each", n, len(server.Sent()))
			}
			d.healthy()
		})
	}
}
