package e2e_test

import (
	"net/url"
	"strings"
	"testing"

	"loket/connectors/twilio/twiliotest"
	"loket/desk/api"
)

// figures are those of everybody of these days.
func (d *daemon) figures() api.FigureSet {
	d.tb.Helper()
	f, err := d.client("anna").Figures(d.tb.Context(), api.FigureQuery{})
	if err != nil {
		d.tb.Fatal(err)
	}
	return f.Total
}

// run is loket, expected to do what it is asked.
func (d *daemon) run(args ...string) string {
	d.tb.Helper()
	out, code := d.loket("", args...)
	if code != 0 {
		d.tb.Fatalf("loket %s: %d: %s", strings.Join(args, " "), code, out)
	}
	return out
}

// numbered waits for the task with that number of the team.
func (d *daemon) numbered(n int64) *api.Task {
	d.tb.Helper()
	d.await("the task", func() bool { return len(d.tasks("support")) >= int(n) })
	for _, t := range d.tasks("support") {
		if strings.HasPrefix(t.Number, "T-"+string('0'+rune(n))+"-") {
			return t
		}
	}
	d.tb.Fatalf("no task %d", n)
	return nil
}

// Whoever rings back, and says how it ended, has answered; so has whoever answers by another way than loket.
func TestWhoWasAnsweredOtherwiseIsAnswered(t *testing.T) {
	t.Parallel()
	d, server := newPhone(t)
	missed := server.KeepCall(twiliotest.Call{From: "+31612340301", Seconds: 8})
	server.Ring(missed, nil)
	server.HangUp(missed)
	call := d.numbered(1)
	d.run("claim", call.Number)
	d.run("note", call.Number, "--text", "rang back, the router is restarted")
	d.run("close", call.Number, "--outcome", "rang back")

	d.run("intake", "--channel", "phone", "--from", "phone:+31612340302", "--text", "Where is my parcel?")
	d.run("close", d.numbered(2).Number, "--outcome", "told on the phone")

	server.Receive(twiliotest.Message{From: "+31612340303", Body: "Bel mij even"})
	sms := d.numbered(3)
	d.run("answered", sms.Number, "--by", "phone", "--text", "told why it is late", "--key", "k1")
	d.run("answered", sms.Number, "--by", "phone", "--text", "told why it is late", "--key", "k1")
	if out := d.run("show", sms.Number); !strings.Contains(out, "answered by phone") || !strings.Contains(out, "told why it is late") {
		t.Errorf("loket show: %s", out)
	}
	if now, err := d.client("anna").Task(t.Context(), sms.ID); err != nil || now.State != "waiting" || !now.Wait.Since.IsZero() || now.Replies != 1 {
		t.Errorf("task = %+v, %v; want it answered once", now, err)
	}

	d.run("intake", "--channel", "counter", "--from", "email:kate@example.org", "--text", "Nobody knows me")
	d.run("close", d.numbered(4).Number, "--outcome", "Spam")
	d.run("intake", "--channel", "letter", "--from", "email:bert@example.org", "--text", "Dear all")
	d.run("close", d.numbered(5).Number)

	f := d.figures()
	if f.Count("answered") != 3 || f.Count("abandoned") != 1 || f.Count("unanswered") != 1 || f.Count("aside") != 1 || f.Count("replies") != 3 || f.Count("in_time") != 3 || f.Count("counted") != 4 {
		t.Errorf("figures %+v, want 3 answered in time, the letter abandoned, and the spam aside", f)
	}

	// An answer that the channel says did not arrive answers nobody.
	server.Receive(twiliotest.Message{From: "+31612340306", Body: "Geen bereik"})
	lost := d.numbered(6)
	d.run("reply", lost.Number, "--text", "Het komt goed.", "--close")
	d.await("the answer", func() bool { return len(server.Sent()) == 1 })
	d.settled()
	if f := d.figures(); f.Count("answered") != 4 || f.Count("in_time") != 4 || f.Count("replies") != 4 {
		t.Errorf("figures %+v, want 4 answered in time", f)
	}
	server.Report(server.Sent()[0], "undelivered", 30003)
	d.settled()
	now, err := d.client("anna").Task(t.Context(), lost.ID)
	if err != nil || now.State != "queued" || now.Wait.N != 1 || !now.Wait.Since.Equal(lost.Wait.Since.Time) || now.Replies != 0 {
		t.Errorf("task = %+v, %v; want the first wait going on since %v", now, err, lost.Wait.Since)
	}
	if f := d.figures(); f.Count("answered") != 3 || f.Count("in_time") != 3 || f.Count("replies") != 3 || f.Count("backlog") != 1 {
		t.Errorf("figures %+v, want the answer gone and a customer who waits", f)
	}
	d.run("answered", lost.Number, "--by", "phone", "--text", "rang", "--close", "--outcome", "told")
	if f := d.figures(); f.Count("answered") != 4 || f.Times("first_response").Wall.Count != 4 || f.Count("backlog") != 0 {
		t.Errorf("figures %+v, want the wait answered once", f)
	}
	d.healthy()
	d.stop()
}

// STOP is noted and marked; nobody waits for an answer that nobody may send.
func TestStopStartsNoWaitAndReopensNothing(t *testing.T) {
	t.Parallel()
	d, server := newPhone(t)
	server.Receive(twiliotest.Message{From: "+31612340401", Body: "STOP", Form: url.Values{"OptOutType": {"STOP"}}})
	first := d.numbered(1)
	if first.State != "closed" || !first.Wait.Since.IsZero() {
		t.Errorf("a first STOP = %+v, want it noted, with no clock", first)
	}
	if out := d.run("show", first.Number); !strings.Contains(out, "STOP") || !strings.Contains(out, "wants no more messages") {
		t.Errorf("loket show: %s", out)
	}
	server.Receive(twiliotest.Message{From: "+31612340402", Body: "Where is my parcel?"})
	d.run("reply", d.numbered(2).Number, "--text", "It comes today.", "--close", "--outcome", "solved")
	d.await("the answer", func() bool { return len(server.Sent()) == 1 })
	d.settled()
	const app = "whatsapp:"
	server.Receive(twiliotest.Message{From: "+31612340402", Body: "stop"})
	server.Receive(twiliotest.Message{From: app + "+31612340403", To: app + twiliotest.Number, Body: "Hoi, is het al klaar?"})
	d.run("reply", d.numbered(3).Number, "--text", "Ja!", "--close")
	d.await("the answer by WhatsApp", func() bool { return len(server.Sent()) == 2 })
	d.settled()
	server.Receive(twiliotest.Message{From: app + "+31612340403", To: app + twiliotest.Number, Body: "👍", Form: url.Values{
		"MessageType": {"reaction"}, "OriginalRepliedMessageSid": {server.Sent()[1].SID},
	}})
	server.Receive(twiliotest.Message{From: app + "+31612340404", To: app + twiliotest.Number, Body: "👍", Form: url.Values{
		"MessageType": {"reaction"}, "OriginalRepliedMessageSid": {twiliotest.SID("SM")}, // to nothing that we know
	}})
	d.settled()
	for n, mark := range map[int64]string{2: "wants no more messages", 3: "reaction: 👍"} {
		task, err := d.client("anna").Task(t.Context(), d.numbered(n).ID)
		if err != nil || task.State != "closed" || task.Reopened != 0 || len(task.Messages) != 3 || !strings.Contains(strings.Join(task.Messages[2].Marks, ","), mark) {
			t.Errorf("task %d = %+v, %v; want it closed, and marked %q", n, task, err, mark)
		}
	}
	if n := len(d.tasks("support")); n != 3 {
		t.Errorf("%d tasks, want 3", n)
	}
	if f := d.figures(); f.Count("messages") != 2 || f.Count("answered") != 2 || f.Count("abandoned") != 0 || f.Count("backlog") != 0 || f.Count("reopened") != 0 {
		t.Errorf("figures %+v, want two messages and two answers", f)
	}
	// What she asks afterwards is a matter of its own.
	server.Receive(twiliotest.Message{From: "+31612340401", Body: "Hello? I have a question"})
	if asked := d.numbered(4); asked.State != "queued" || asked.Wait.Since.IsZero() || asked.Reopened != 0 {
		t.Errorf("a question after STOP = %+v", asked)
	}
	d.healthy()
	d.stop()
}
