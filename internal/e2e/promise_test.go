package e2e_test

import (
	"strings"
	"testing"
	"time"

	"loket/connectors/twilio/twiliotest"
	"loket/desk/api"
)

// What the customer writes while they wait moves nothing that was promised; only what is more pressing comes forward, by the
// task's own team. Reopening what nobody answered goes on with the wait that there was.
func TestARunningWaitKeepsItsPromiseThroughTheHouse(t *testing.T) {
	t.Parallel()
	server := twiliotest.Start(t)
	d := newDaemon(t, strings.NewReplacer(
		"reopen: 7d}", "reopen: 7d, targets: {urgent: {first_reply: 1h}}, aside: [wrong number]}\n  network: {first_reply: 10m}",
		"fallback_team:", `rules:
  - {name: outage, when: 'text matches "(?i)outage"', team: network, first_reply: 5m}
  - {name: fire, when: 'text matches "(?i)fire"', team: network, priority: urgent, first_reply: 2m}
fallback_team:`).Replace(phoned(server, "url: embedded"))).start()
	server.Point(d.public + "/in/phone")
	anna := d.client("anna")
	said := func(task *api.Task, text string) *api.Task {
		t.Helper()
		server.Receive(twiliotest.Message{From: "+31612340311", Body: text})
		d.settled()
		now, err := anna.Task(t.Context(), task.ID)
		if err != nil {
			t.Fatal(err)
		}
		return now
	}
	server.Receive(twiliotest.Message{From: "+31612340311", Body: "Waar blijft mijn pakket?"})
	begun := d.numbered(1)
	if in := begun.Due.Sub(begun.Wait.Since.Time); in != 4*time.Hour {
		t.Fatalf("promised in %s, want 4h", in)
	}
	if now := said(begun, "Of is het een outage?"); !now.Due.Equal(begun.Due.Time) || now.Team != "support" || now.Priority != "normal" {
		t.Errorf("due %s with %s, %s; want what was promised, %s", now.Due, now.Team, now.Priority, begun.Due)
	}
	d.run("transfer", begun.Number, "--team", "network")
	if now := said(begun, "Hallo?"); !now.Due.Equal(begun.Due.Time) {
		t.Errorf("passed on it is due %s, want what was promised, %s", now.Due, begun.Due)
	}
	d.run("transfer", begun.Number, "--team", "support")
	now := said(begun, "Er is fire!")
	fire := now.Messages[len(now.Messages)-1].Received
	if now.Priority != "urgent" || !now.Due.Equal(fire.Add(time.Hour)) {
		t.Errorf("%s, due %s; want urgent, and support's hour from %s", now.Priority, now.Due, fire)
	}
	if out := d.run("show", begun.Number); !strings.Contains(out, "priority urgent, was normal: the customer wrote") {
		t.Errorf("loket show does not say why:\n%s", out)
	}

	d.run("close", begun.Number, "--outcome", "stale")
	if f := d.figures(); f.Count("abandoned") != 1 || f.Count("counted") != 1 {
		t.Errorf("figures %+v, want one wait abandoned", f)
	}
	d.run("reopen", begun.Number)
	again, err := anna.Task(t.Context(), begun.ID)
	if err != nil || again.Wait.N != 1 || !again.Wait.Since.Equal(begun.Wait.Since.Time) || !again.Due.Equal(now.Due.Time) {
		t.Errorf("reopened: %+v, %v; want the wait that nobody answered", again, err)
	}
	d.run("close", begun.Number, "--outcome", "WRONG number")
	f, err := d.client("anna").Figures(t.Context(), api.FigureQuery{})
	if err != nil || f.Total.Count("abandoned") != 0 || f.Total.Count("unanswered") != 1 || f.Total.Count("aside") != 1 || f.Total.Count("resolved") != 1 || f.Total.Count("reopened") != 1 || f.Total.Count("counted") != 0 {
		t.Errorf("figures %+v, %v; want one wait, that ended without an answer and aside", f.Total, err)
	}
	d.healthy()
	d.stop()
}
