package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loket/connectors/twilio/twiliotest"
	"loket/desk/api"
)

// visitor signs in as somebody who was just added with those flags, as a program does that keeps cookies.
func (d *daemon) visitor(name string, flags ...string) *http.Client {
	d.tb.Helper()
	for _, args := range [][]string{append([]string{"people", "add", name}, flags...), {"people", "passwd", name}} {
		if out, code := d.loket("correct horse battery\n", args...); code != 0 {
			d.tb.Fatal(out)
		}
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.tb.Fatal(err)
	}
	c := &http.Client{Jar: jar}
	res, err := c.PostForm(d.desk+"/sign-in", url.Values{"name": {name}, "password": {"correct horse battery"}})
	if err != nil || res.StatusCode != 200 {
		d.tb.Fatalf("sign in as %s: %v, %v", name, res, err)
	}
	_ = res.Body.Close()
	return c
}

// status is what a visitor's look at a page is answered.
func (d *daemon) status(c *http.Client, path string) int {
	d.tb.Helper()
	res, err := c.Get(d.desk + path)
	if err != nil {
		d.tb.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// Somebody runs loket from a phone: how it stands, what was set aside, answers that did not arrive, what the rules make of a message,
// what holds, whether all is well.
func TestOperationsInABrowser(t *testing.T) {
	t.Parallel()
	server := twiliotest.Start(t)
	const secret = "a-token-that-nobody-may-see"
	d := newDaemon(t, strings.Replace(fmt.Sprintf(standard, embedded), "connectors:\n", fmt.Sprintf(`connectors:
  - name: phone
    type: twilio
    settings: {account_sid: %s, auth_token: %s, number: "%s", poll: 1s, api_url: "%s"}
`, twiliotest.Account, twiliotest.Token, twiliotest.Number, server.URL), 1)+"tokens:\n  - {name: script, token: "+secret+"}\n").start()
	server.Point(d.public + "/in/phone")
	b := newBrowser(t)
	b.open(d.beginLink(), 200)
	b.fill("#name", "joris")
	b.fill("#password", "correct horse battery")
	b.follow("main form button", 200)
	b.follow(`.bar nav a[href="/operations"]`, 200)
	b.expect("h1", "Beheer")
	if rows := b.read("main table:first-of-type tbody"); !strings.Contains(rows, "phone") || !strings.Contains(rows, "geen sinds loket startte") {
		t.Errorf("connectors: %s", rows)
	}

	// What a honeypot caught is looked at, sent on its way, or dropped after a question.
	for _, text := range []string{"Buy <b>gold</b> now", "No signal at all"} {
		res, err := http.PostForm(d.public+"/in/website/", url.Values{"text": {text}, "email": {"kate@example.org"}, "homepage": {"http://x.example"}})
		if err != nil || res.StatusCode != http.StatusAccepted {
			t.Fatalf("form: %v, %v", res, err)
		}
	}
	d.await("two messages in quarantine", func() bool {
		b.open(d.desk+"/operations/quarantine", 200)
		return b.count(".things li") == 2
	})
	b.fits()
	b.axe()
	b.follow(".things li:nth-child(1) a", 200)
	b.expect("main > .text", "Buy <b>gold</b> now")
	b.follow(`.acts a[href$="?drop=1"]`, 200)
	b.expect("#drop-hint", "Dit bericht en zijn bestanden voorgoed weggooien? Wie het stuurde hoort daar niets van.")
	b.fits()
	b.axe()
	b.follow(".problem form button", 200)
	b.expect(".done", "Weggegooid.")
	b.follow(".things li:nth-child(1) a", 200)
	b.expect("main > .text", "No signal at all")
	gone := b.attribute(".acts form", "action")
	b.follow(".acts form button", 200)
	b.expect(".done", "Het is weer onderweg.")
	d.only("network", "the message in a task", func(task *api.Task) bool { return task.Messages[0].Text == "No signal at all" })
	b.open(d.desk+strings.TrimSuffix(gone, "/retry"), 404)

	// Two answers that the channel refuses: one is sent again, the other arrived by what a colleague knows.
	for _, from := range []string{"+31612345678", "+31612345679"} {
		server.Receive(twiliotest.Message{From: from, Body: "Is it solved?"})
	}
	d.await("two tasks", func() bool { return len(d.tasks("support")) == 2 })
	server.Fail(twiliotest.Fault{Status: 400, Code: 21612}, twiliotest.Fault{Status: 400, Code: 21612})
	for _, task := range d.tasks("support") {
		if _, err := d.client("joris").Reply(t.Context(), task.ID, api.Answer{Text: "It is <i>solved</i>."}); err != nil {
			t.Fatal(err)
		}
	}
	d.await("two answers that did not arrive", func() bool {
		b.open(d.desk+"/operations/answers", 200)
		return b.count(".things > li") == 2
	})
	b.fits()
	b.axe()
	b.expect(".things > li:nth-child(1) details .text", "It is <i>solved</i>.")
	b.follow(`.things > li:nth-child(1) form[action$="/again"] button`, 200)
	b.expect(".done", "Het wordt nog eens verstuurd.")
	d.await("the answer to be sent", func() bool { return len(server.Sent()) == 1 })
	b.follow(`.things > li form[action$="/arrived"] button`, 200)
	b.expect(".done", "Genoteerd: het is aangekomen.")
	b.expectNone(".things li")
	d.await("both customers to have their answer", func() bool {
		for _, listed := range d.tasks("support") {
			task, err := d.client("joris").Task(t.Context(), listed.ID)
			if err != nil || task.State != "waiting" || task.Failure != "" || len(task.Messages) != 2 || task.Messages[1].Delivery == nil || task.Messages[1].Delivery.State == "failed" {
				return false
			}
		}
		return true
	})
	if n := len(server.Sent()); n != 1 {
		t.Errorf("%d answers were sent, want the one that was sent again", n)
	}
	b.open(d.desk+"/operations", 200)
	if rows := b.read("main table:first-of-type tbody"); !strings.Contains(rows, "phone") || strings.Contains(rows, "geen sinds loket startte") {
		t.Errorf("connectors after messages by both: %s", rows)
	}
	b.fits()
	b.axe()
	b.picture("operations.png")

	// Rules, and what they make of a mail and of what was typed.
	b.follow(`.tabs a[href="/operations/rules"]`, 200)
	b.expect("tbody tr:nth-child(1) td:nth-child(2) code", `text matches "(?i)no signal"`)
	b.expect("tbody tr:nth-child(1) td:nth-child(5)", "1")
	b.expect("tbody tr:nth-child(2) td:nth-child(5)", "2")
	b.fits()
	b.axe()
	b.follow(`.tabs a[href="/operations/try"]`, 200)
	b.fill("#from", "anna@example.org")
	b.fill("#text", "There is NO SIGNAL here")
	b.follow(".try button", 200)
	b.expect("#routed", "Het zou gaan naar network")
	b.expect("section tbody tr:nth-child(1) td:nth-child(2)", "ja")
	if got := b.value("#text"); got != "There is NO SIGNAL here" {
		t.Errorf("in the box is now %q", got)
	}
	b.fits()
	b.axe()
	b.fill("#from", "nobody at all")
	b.follow(".try button", 422)
	if got := b.value("#from"); got != "nobody at all" || b.read("#problem") == "" {
		t.Errorf("after a mistake the sender is %q", got)
	}
	mail := filepath.Join(t.TempDir(), "a.eml")
	if err := os.WriteFile(mail, []byte("From: anna@example.org\r\nTo: help@example.org\r\nSubject: hi\r\n\r\nWhere is my parcel?\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.fill("#from", "anna@example.org")
	b.choose("#file", mail)
	b.follow(".try button", 422) // there is no mailbox here that could read it
	if why := b.read("#problem"); !strings.Contains(why, "mailbox") {
		t.Errorf("a mail where no mailbox is: %s", why)
	}

	// What holds, without secrets; whether all is well.
	b.follow(`.tabs a[href="/operations/configuration"]`, 200)
	if text := b.read("pre"); strings.Contains(text, secret) || strings.Contains(text, twiliotest.Token) || !strings.Contains(text, "auth_token: '***'") || !strings.Contains(text, "fallback_team: support") {
		t.Errorf("the configuration in force:\n%s", text)
	}
	b.fits()
	b.axe()
	b.follow(`.tabs a[href="/operations/doctor"]`, 200)
	b.expectNone(".done")
	b.follow("main form button", 200)
	b.expect(".done", "Alles klopt.")
	b.fits()
	b.quiet()

	// Who answers sees none of it, a manager all but the configuration.
	nora, mo := d.visitor("nora", "--team", "support"), d.visitor("mo", "--role", "manager")
	for _, page := range []string{"", "/quarantine", "/answers", "/rules", "/try", "/doctor", "/configuration"} {
		want := 200
		if page == "/configuration" {
			want = 403
		}
		if got := [2]int{d.status(nora, "/operations"+page), d.status(mo, "/operations"+page)}; got != [2]int{403, want} {
			t.Errorf("/operations%s gives who answers and a manager %v, want 403 and %d", page, got, want)
		}
	}
	d.healthy()
}
