package e2e_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"loket/connectors/email/send/smtptest"
)

// Tasks are labelled, merged, forwarded and answered again on their page, in Dutch; what is refused says why in Dutch, and keeps what was typed.
func TestActsOnATaskInABrowser(t *testing.T) {
	t.Parallel()
	h := newMailHouse(t, "authserv: [mx.example.org]")
	d := h.daemon
	for i, text := range []string{"The bill is wrong", "My bill again"} {
		h.deliver("INBOX", fmt.Sprintf("%sFrom: Eve <eve@example.com>\nTo: help@example.org\nSubject: %s\nMessage-ID: <%d@example.com>", attested, text, i), "It says "+text+".")
	}
	stays, goes := h.from("The bill is wrong").Number, h.from("My bill again").Number
	b := newBrowser(t)
	b.begins(d, "joris")
	b.open(d.desk+"/myself", 200)
	b.fill("#regret", "0")
	b.follow("main form button", 200)
	for _, pair := range [][2]string{{goes, stays}, {stays, goes}} { // each page tells of what she also wrote
		b.open(d.desk+"/tasks/"+pair[0], 200)
		if n := b.count(".customer a[href='/tasks/" + pair[1] + "']"); n != 1 {
			t.Errorf("beside %s the other task stands %d times", pair[0], n)
		}
	}
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
	b.fill("#forward-to", "mast@partner.example")
	send("forward", 200)
	b.expect(".done", "Doorgestuurd.")
	b.expect(".note .text", "Is the mast down?")
	forwarded := h.sink.Wait(t, 1)[0]
	if text := string(forwarded.Data); !slices.Equal(forwarded.To, []string{"mast@partner.example"}) || !strings.Contains(text, "Is the mast down?") || !strings.Contains(text, "My bill again") || strings.Contains(text, "eve@example.com") {
		t.Errorf("to %q went:\n%s", forwarded.To, text)
	}

	// An answer that the server refuses, and one of which nobody knows whether it has it: each is sent again from the page.
	send("claim", 200)
	h.sink.Fail(smtptest.Recipient, smtptest.Fault{Code: 550, Text: "5.1.1 no such user here"}, 1)
	answers := func(text, becomes string) {
		t.Helper()
		b.fill("#text", text)
		b.follow(".send > button", 200)
		h.await("the answer to be "+becomes, func() bool {
			b.reload(200)
			return b.count(form("resend")) == 1
		})
		if got := b.read("li:has(" + form("resend") + ") .delivery"); !regexp.MustCompile("^" + becomes + ` \d\d:\d\d: `).MatchString(got) {
			t.Errorf("the answer is %q, want %s, since when and why", got, becomes)
		}
	}
	answers("It is right now.", "Niet bezorgd")
	b.fits()
	b.axe()
	send("resend", 200)
	b.expect(".done", "Het wordt opnieuw verstuurd.")
	b.expectNone(form("resend"))
	h.sink.Wait(t, 2)

	send("claim", 200)
	h.sink.Fail(smtptest.End, smtptest.Fault{Drop: true, Keep: true}, 1)
	answers("And paid back.", "onzeker of het is aangekomen")
	task := h.from("The bill is wrong")
	doubt := task.Messages[len(task.Messages)-1].Delivery.Reply
	if _, err := d.client("anna").Resend(t.Context(), task.ID, doubt); err != nil {
		t.Fatal(err)
	}
	h.sink.Wait(t, 4)
	send("resend", 409) // a colleague did
	b.expect("#problem", "De taak is intussen veranderd. Kijk ernaar en probeer het opnieuw.")
	b.expectNone(form("resend"))
	b.quiet()
	d.await("both answers to be sent", func() bool {
		task, err := d.client("anna").Task(t.Context(), task.ID)
		return err == nil && len(task.Messages) == 4 && task.Messages[2].Delivery.State == "sent" && task.Messages[3].Delivery.State == "sent" && task.Priority == "urgent" && len(task.Notes) == 1
	})
	if n := len(h.sink.Mails()); n != 4 {
		t.Errorf("%d mails went out, want what was forwarded, the answer, and twice the one in doubt", n)
	}
	d.healthy()
}
