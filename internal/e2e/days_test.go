package e2e_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"loket/connectors/telegram/telegramtest"
	"loket/desk/api"
)

// begin signs somebody in by the one-time link that they were given, and has the browser speak English.
func (b *browser) begin(link string) {
	b.tb.Helper()
	b.open(link, 200)
	b.fill("#password", "correct horse battery")
	b.follow("main form button", 200)
	b.follow(`.bar button[lang="en"]`, 200)
}

// signsOut ends the day: nothing opens any more, not by going back either.
func (b *browser) signsOut(d *daemon) {
	b.tb.Helper()
	b.follow("form[action='/sign-out'] button", 200)
	b.await("the sign-in page", `document.querySelector("#password") !== null`)
	for _, path := range []string{"/desk", "/figures", "/operations"} {
		b.open(d.desk+path, 200)
		b.expect("h1", "Sign in")
	}
}

// invite adds somebody and gives their one-time link.
func (d *daemon) invite(name string, flags ...string) string {
	d.tb.Helper()
	link, code := d.loket("", append([]string{"people", "add", name}, flags...)...)
	if code != 0 {
		d.tb.Fatal(link)
	}
	return strings.TrimSpace(link)
}

// A manager's day, at a desk, in English, with scripts: from the one-time link by the figures to the tasks behind a number, the customer
// who wrote twice, the report, a template, and what came of a colleague's answers, to signing out.
func TestManagersDayInABrowser(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)+"managers_see_answers: true\n").start()
	register := func(name string, identifiers ...string) string {
		p, err := d.client("").Register(t.Context(), identifiers, name, api.Because{})
		if err != nil {
			t.Fatal(err)
		}
		return p.ID
	}
	kate := register("Kate de Vries", "email:kate@example.org", "cno:1042")
	register("K. de Vries", "phone:+31687654321")
	d.attested("email", "email", "kate@example.org", "No signal at home")
	d.attested("sms", "phone", "+31687654321", "Still no signal")
	d.say(t, "Where is my parcel")
	d.signedIn("anna")
	anna := d.client("anna")
	for range 2 {
		task, err := anna.Claim(t.Context(), "network", 10*time.Second, "")
		if err != nil || task == nil {
			t.Fatalf("claim: %v, %v", task, err)
		}
		if _, err := anna.AnsweredOtherwise(t.Context(), task.ID, api.Otherwise{By: "phone", Text: "A mast is down"}); err != nil {
			t.Fatal(err)
		}
	}
	b := newScriptedBrowser(t)
	b.resize(deskWidth, 900)
	b.begin(d.invite("mo", "--role", "manager"))

	// How it stands, and what is behind a number.
	b.open(d.desk+"/desk?team=support", 200)
	b.await("the task that waits", `document.querySelectorAll("#rows li").length === 1`)
	b.follow(`.bar nav a[href="/figures"]`, 200)
	b.js(`document.getElementById("last").value = "1d"; ""`)
	b.follow(".asked button.main", 200)
	b.expect(`.headlines div:has(a[href="#how-answered"]) .figure`, "2")
	b.fits()
	b.follow(`.headlines a[href*="figure=answered"]`, 200)
	b.expect("h1", "Answered")
	if n := b.count("tbody tr"); n != 2 {
		t.Errorf("%d tasks were answered, want 2", n)
	}
	b.follow("tbody tr:nth-child(1) th a", 200)
	b.await("the task", `document.querySelector(".task h1") !== null`)
	b.open(d.desk+"/figures?last=1d", 200)
	b.fill("#view", "Today")
	b.follow(".keep button", 200)
	b.follow(".views a", 200)
	b.follow(`.elsewhere a[href="/figures/report"]`, 200)
	b.fits()

	// A customer who wrote twice becomes one, becomes two again, and is looked at before anything is erased.
	b.fill("#q", "kate@example.org")
	b.arrive(200, submit(".search"))
	b.follow("main ul a", 200)
	b.expect("h1", "Kate de Vries")
	b.fill("#with", "phone:+31687654321")
	b.arrive(200, submit("form[action='/customers/compare']"))
	b.expect("h1", "Compare")
	b.fill("#reason", "they said so")
	b.follow("form[action='/customers/merge'] button", 200)
	if said := b.read(".said"); !strings.Contains(said, "at home") || !strings.Contains(said, "Still no") {
		t.Errorf("said on both channels: %s", said)
	}
	b.follow(".log form button", 200)
	b.open(d.desk+"/customers/"+kate+"/erase", 200)
	b.expect(".rows .subject", "No signal at home")
	b.follow(".acts a.button", 200) // left as it is

	// For colleagues: a template, a note, and how a colleague's answers went.
	b.follow(`.bar nav a[href="/canned"]`, 200)
	b.fill("#name", "Greeting")
	b.fill("#text", "Dear {{name}},")
	b.follow(".canned-form button", 200)
	b.expect(".canned-list li strong", "Greeting")
	b.open(d.desk+"/tasks/"+d.tasks("support")[0].Number, 200)
	b.types("#note", "look at this one, @anna")
	b.press(".notes p > button")
	b.await("the note", `document.querySelector(".note .text") !== null`)
	b.open(d.desk+"/answers?person=anna&last=1d", 200)
	if n := b.count("tbody tr"); n != 2 {
		t.Errorf("%d answers of anna's, want 2", n)
	}
	b.open(d.desk+"/board", 200)
	b.await("the board", `document.querySelectorAll("#board section").length === 2`)
	b.open(d.desk+"/people", 403)
	b.open(d.desk+"/desk", 200)
	b.quiet()
	b.signsOut(d)
	d.healthy()
}

// A day of whoever runs loket, in English, with scripts: from the one-time link by what was set aside, an answer that failed, the rules and
// somebody new, to signing out.
func TestOperationsDayInABrowser(t *testing.T) {
	t.Parallel()
	d, server, number := asked(t, "Is it solved?")
	server.Fail("sendMessage", telegramtest.Fault{Status: 400, Description: "Bad Request: message is too odd"})
	if _, err := d.client("anna").Reply(t.Context(), number, api.Answer{Text: "It is."}); err != nil {
		t.Fatal(err)
	}
	d.only("support", "the answer to fail", func(task *api.Task) bool { return task.Failure != "" })
	b := newScriptedBrowser(t)
	b.resize(deskWidth, 900)
	b.begin(d.invite("op", "--role", "admin"))
	b.follow(`.bar nav a[href="/operations"]`, 200)
	b.expect("h1", "Operations")
	if rows := b.read("main table tbody"); !strings.Contains(rows, "bot") {
		t.Errorf("connectors: %s", rows)
	}
	b.follow(`.counts a[href="/operations/answers"]`, 200)
	b.follow(`form[action$="/again"] button`, 200)
	b.await("the answer to be sent", `document.querySelector(".done") !== null`)
	d.await("the answer at the channel", func() bool { return len(server.Sent()) == 1 })

	b.follow(`.tabs a[href="/operations/try"]`, 200)
	b.fill("#from", "anna@example.org")
	b.fill("#text", "Where is it?")
	b.follow(".try button", 200)
	b.expect("#routed", "It would go to support")
	b.follow(`.tabs a[href="/operations/rules"]`, 200)
	b.follow(`.tabs a[href="/operations/configuration"]`, 200)
	if text := b.read("pre"); strings.Contains(text, telegramtest.Token) || strings.Contains(text, telegramtest.Secret) {
		t.Errorf("the configuration in force shows a secret:\n%s", text)
	}
	b.follow(`.tabs a[href="/operations/doctor"]`, 200)
	b.follow("main form button", 200)
	b.expect(".done", "Every invariant holds.")

	// Somebody new gets a link, begins in a browser of their own, and is shut out at the end.
	b.open(d.desk+"/people", 200)
	b.fill("#name", "zoe")
	b.do(setChecked("input[value=support]"))
	b.follow("main > form button", 200)
	link := b.read("#link")
	zoe := d.signedIn("yan", "--team", "support") // for a client that keeps cookies
	if res, err := zoe.PostForm(link, url.Values{"password": {"another horse battery"}}); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("zoe begins: %v, %v", res, err)
	}
	if got := [2]int{d.status(zoe, "/desk?team=support"), d.status(zoe, "/operations")}; got != [2]int{200, 403} {
		t.Errorf("zoe sees %v, want the desk and not operations", got)
	}
	b.follow(`form[action="/people/zoe/disable"] button`, 200)
	if got := d.asks(zoe, http.MethodGet, "/desk", "X-Loket-Region", "list"); got != http.StatusUnauthorized {
		t.Errorf("zoe, shut out, is answered %d", got)
	}
	b.quiet()
	b.signsOut(d)
	d.healthy()
}
