package e2e_test

import (
	"fmt"
	"strings"
	"testing"
)

// Tasks are labelled and merged on their page, in Dutch; what is refused says why in Dutch, and keeps what was typed.
func TestActsKeepWhatWasTypedInABrowser(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	for _, text := range []string{"The bill is wrong", "My bill again"} {
		if _, err := d.postTo(d.public+"/in/website/", text, map[string]string{"text": text, "name": "Eve", "email": "eve@example.org"}); err != nil {
			t.Fatal(err)
		}
	}
	d.settled()
	numbers := map[string]string{}
	for _, task := range d.tasks("support") {
		numbers[task.Subject] = task.Number
	}
	stays, goes := numbers["The bill is wrong"], numbers["My bill again"]
	b := newBrowser(t)
	b.begins(d, "joris")
	b.open(d.desk+"/tasks/"+stays, 200)
	form := func(act string) string { return fmt.Sprintf("form[action$=%q]", "/"+act) }
	send := func(act string, status int64) {
		t.Helper()
		b.follow(form(act)+" button", status)
	}
	show := func(act string) { b.do(openDetails(".acts details:has(" + form(act) + ")")) }

	show("label")
	b.fill("#tags", "vip, twee woorden")
	b.fill("#priority", "urgent")
	send("label", 422)
	b.expect("#problem", `Labels (2): moet één woord zijn van hoogstens 40 tekens, niet "twee woorden".`)
	if tags, priority := b.value("#tags"), b.value("#priority"); tags != "vip, twee woorden" || priority != "urgent" {
		t.Errorf("the form has the tags %q and the priority %q, want what was typed", tags, priority)
	}
	b.axe()
	b.fill("#tags", "vip, twee")
	send("label", 200)
	if got := b.read("#facts"); !strings.Contains(got, "vip") || !strings.Contains(got, "twee") {
		t.Errorf("the task is %q, want both tags", got)
	}

	show("merge")
	b.fill("#other", "T-99-3")
	send("merge", 422)
	b.expect("#problem", `Taak: er is geen taak "T-99-3".`)
	if other := b.value("#other"); other != "T-99-3" {
		t.Errorf("the form has the task %q, want what was typed", other)
	}
	b.fill("#other", goes)
	send("merge", 200)
	if n := b.count(".theirs"); n != 2 {
		t.Errorf("the page shows %d messages of the customer, want those of both tasks", n)
	}

	show("forward")
	b.fill("#forward-to", "mast@partner.example, niemand")
	b.fill("#ask", "Is the mast down?")
	send("forward", 422)
	b.expect("#problem", "Aan (2): moet een e-mailadres zijn, zoals naam@example.org.")
	if to, ask := b.value("#forward-to"), b.value("#ask"); to != "mast@partner.example, niemand" || ask != "Is the mast down?" {
		t.Errorf("the form goes to %q and asks %q, want what was typed", to, ask)
	}
	b.quiet()
	if now, err := d.client("anna").Task(t.Context(), stays); err != nil || now.Priority != "urgent" || len(now.Notes) != 0 {
		t.Errorf("the task is %+v, %v; want it urgent, and nothing forwarded", now, err)
	}
	d.healthy()
}
