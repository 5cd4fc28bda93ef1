package e2e_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"loket/connectors/telegram/telegramtest"
	"loket/desk/api"
)

// asked is a daemon with a bot that somebody asked something, and the number of the task.
func asked(t *testing.T, text string) (*daemon, *telegramtest.Server, string) {
	t.Helper()
	server := telegramtest.Start(t)
	d := newDaemon(t, chatted(server, telegramtest.Secret)).start()
	server.Point(d.public + "/in/bot/")
	if status := server.Post(telegramtest.Secret, server.Make("message", telegramtest.Said(58123, 7, map[string]any{"text": text}))); status != http.StatusOK {
		t.Fatalf("webhook: %d", status)
	}
	return d, server, d.only("support", "the question in a task", func(*api.Task) bool { return true }).Number
}

// An answer waits some seconds in which it can be taken back, with scripts and without, and then goes out.
func TestAnswerCanBeTakenBack(t *testing.T) {
	t.Parallel()
	d, server, number := asked(t, "Geen bereik in Delft")
	b := newScriptedBrowser(t)
	b.begins(d, "joris")
	regret := func(seconds string) {
		b.open(d.desk+"/myself", 200)
		b.fill("#regret", seconds)
		b.follow("main form button", 200)
	}
	regret("15") // a busy machine is slow
	b.open(d.desk+"/tasks/"+number, 200)
	b.press("#acts form button")
	b.await("the task to be mine", `document.querySelector(".done")?.textContent === "De taak is van u."`)

	// Managers keep templates; agents begin an answer with one, at the caret.
	b.open(d.desk+"/canned", 200)
	b.fill("#name", "Groet")
	b.fill("#text", "Beste {{nam}}")
	b.follow(".canned-form button", 422)
	b.expect("#problem", "Tekst: heeft een onbekende invulplek {{nam}}; er zijn {{name}}, {{number}}, {{subject}}, {{team}}, {{agent}}, {{due}}.")
	if got := b.value("#text"); got != "Beste {{nam}}" {
		t.Errorf("in the form is %q", got)
	}
	b.fits()
	b.axe()
	b.fill("#text", "Beste {{name}}, over {{number}}: ")
	b.follow(".canned-form button", 200)
	b.expect(".done", "Bewaard.")
	b.fits()
	b.axe()
	b.open(d.desk+"/tasks/"+number, 200)
	b.types("#text", "Hallo!")
	b.js(`document.getElementById("text").setSelectionRange(0, 0); 1`)
	b.press(".canned summary")
	b.press(".canned a")
	b.await("the template at the caret", `document.getElementById("text").value === "Beste Kate Jansen, over `+number+`:Hallo!"`)
	b.axe()

	// What would be refused is said while it is written.
	write := func(text string) {
		b.js(`const t = document.getElementById("text"); t.value = "` + text + `"; t.dispatchEvent(new Event("input", {bubbles: true}))`)
	}
	write(strings.Repeat("x", 5000))
	b.waitFor(d, ".preview strong", "4096")
	write("")
	b.await("the refusal to go", `document.querySelector(".preview strong").textContent === ""`)
	const answer = "Wij kijken <b>ernaar"
	b.types("#text", answer)
	b.press(".send > button")
	b.await("the answer to be held", `document.querySelector(".regret .text") !== null`)
	b.expect(".regret .text", answer)
	b.expect(".done", "Uw antwoord gaat zo weg.")
	b.waitFor(d, ".regret [role=timer]", `^over \d+ s$`)
	if got := b.value("#text"); got != "" {
		t.Errorf("in the box is still %q", got)
	}
	b.types("#text", "and more")
	b.follow("[data-undo]", 200)
	b.expect(".done", "Teruggenomen: het is niet verstuurd.")
	if got := b.value("#text"); got != answer+"\n\nand more" {
		t.Errorf("in the box is %q, want what was taken back, and what was written since", got)
	}
	b.expectNone(".regret")
	b.js(`document.getElementById("text").value = ""`)
	b.types("#text", answer)

	// The second time it goes out, while its author writes on; the page says so and leaves the box alone.
	b.press(".send > button")
	b.await("the answer to be held again", `document.querySelector(".regret .text") !== null && document.getElementById("text").value === ""`)
	b.types("#text", "and more")
	b.fits()
	b.axe()
	b.waitFor(d, "#became", "^Het is verstuurd.$")
	b.await("the answer in the conversation", `document.querySelector(".ours .text") !== null && document.querySelector(".regret") === null`)
	if got := b.value("#text"); got != "and more" {
		t.Errorf("in the box is %q", got)
	}
	d.await("the answer at the channel", func() bool { return len(server.Sent()) == 1 })
	if got := server.Sent()[0].Form.Get("text"); got != answer {
		t.Errorf("sent %q", got)
	}

	// Without scripts, at once.
	b.scripts(false)
	b.open(d.desk+"/tasks/"+number, 200)
	b.expect(".ours .text", answer)
	b.fill("#text", "at once")
	b.follow(".send > button", 200)
	b.expect(".regret .text", "at once")
	b.follow(".regret form:last-child button", 200)
	b.expectNone(".regret")
	d.await("the second answer at the channel", func() bool { return len(server.Sent()) == 2 })

	regret("10")
	b.open(d.desk+"/tasks/"+number, 200)

	// The customer is faster than the answer: it does not go out, and is in the box with the reason.
	b.fill("#text", "is it solved?")
	b.follow(".send > button", 200)
	if status := server.Post(telegramtest.Secret, server.Make("message", telegramtest.Said(58123, 8, map[string]any{"text": "Het werkt weer"}))); status != http.StatusOK {
		t.Fatalf("webhook: %d", status)
	}
	d.await("the answer to be refused", func() bool {
		b.reload(200)
		return b.count(".regret") == 0
	})
	if got := b.value("#text"); got != "is it solved?" {
		t.Errorf("in the box is %q", got)
	}
	if got := b.read("#problem"); !regexp.MustCompile(`^Uw antwoord is niet verstuurd \(.+\)\. De tekst staat in het vak\.$`).MatchString(got) {
		t.Errorf("the reason is %q", got)
	}
	b.fits()
	b.axe()
	if n := len(server.Sent()); n != 2 {
		t.Errorf("%d messages were sent, want 2", n)
	}
	b.follow(".send > button", 200)
	d.await("the third answer at the channel", func() bool { return len(server.Sent()) == 3 })
	b.open(d.desk+"/tasks/"+number, 200)
	b.expectNone("#problem, .draft")
	b.quiet()
	d.healthy()
}

// Killed at any moment between the button and the channel, the answer goes out once.
func TestKilledWhileAnAnswerIsHeld(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"held", "held-going", "held-given"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			d, server, number := asked(t, "Geen bereik in Delft")
			d.signedIn("joris")
			d.kill()
			d.start("LOKET_FAIL_AT=" + step)
			joris := d.signIn("joris")
			answer := url.Values{"text": {"Wij kijken ernaar."}, "key": {"once"}, "rev": {"0"}}
			if res, err := joris.PostForm(d.desk+"/tasks/"+number+"/reply", answer); err == nil { // its answer may die with the process
				_ = res.Body.Close()
			}
			d.await("loket to kill itself", d.dead)
			d.start()
			joris = d.signIn("joris")
			d.postForm(joris, "/tasks/"+number+"/reply", answer, 200)
			d.await("the answer at the channel", func() bool { return len(server.Sent()) > 0 })
			d.only("support", "the answer to be settled", func(task *api.Task) bool {
				return task.State == "waiting" && len(task.Messages) == 2 && task.Messages[1].Delivery != nil && task.Messages[1].Delivery.State == "sent"
			})
			d.await("nothing to be held any more", func() bool {
				return !regexp.MustCompile(`class="regret"`).MatchString(d.read(joris, "/tasks/"+number, 200))
			})
			if n := len(server.Sent()); n != 1 {
				t.Errorf("sent %d times, want once", n)
			}
			d.healthy()
		})
	}
}
