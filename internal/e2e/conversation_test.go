package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"loket/desk/api"
)

// A long conversation is shown a part at a time, and a long message whole on a page of its own, with scripts and without.
func TestLongConversationInABrowser(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	say := func(thread, text string) *api.TakenIn {
		in, err := d.client("joris").TakeIn(t.Context(), api.NewMessage{
			Channel: "email", Thread: thread, From: []string{"email:kate@example.org"}, Subject: "No signal", Text: text, Wait: 10 * time.Second,
		})
		if err != nil {
			t.Fatal(err)
		}
		return in
	}
	in := say("", "message 0")
	for i := 1; i < 53; i++ {
		say(in.Thread, fmt.Sprintf("message %d", i))
	}
	say(in.Thread, strings.Repeat("a very long story ", 190_000/18)+"the end")
	task := d.desk + "/tasks/" + in.Task

	b := newScriptedBrowser(t)
	b.begins(d, "joris")
	b.open(task, 200)
	if n := b.count(".said li"); n != 50 {
		t.Errorf("%d messages are shown, want the newest 50", n)
	}
	if size := len(b.property("html", "outerHTML")); size > 100_000 {
		t.Errorf("the page has %d bytes", size)
	}
	b.press("#said > p a")
	b.await("the older messages", `document.querySelectorAll(".said li").length === 4 && document.querySelector(".said .text").textContent === "message 0"`)
	b.fits()
	b.axe()
	b.scripts(false)
	b.open(task, 200)
	b.follow("#said > p a", 200)
	b.expect(".said li:first-child .text", "message 0")
	b.follow("#said > p a", 200)
	b.expect(".said li:first-child .text", "message 4")
	b.follow(".said li:last-child p > a", 200)
	if text := b.read("main .text"); !strings.HasSuffix(text, "the end") {
		t.Errorf("the whole message ends with %q", text[max(0, len(text)-40):])
	}
	b.fits()
	b.axe()
	out, code := d.loket("", "show", in.Task, "--all")
	if code != 0 || !strings.Contains(out, "message 0\n") {
		t.Errorf("loket show --all: %d, without the first message", code)
	}
	if out, code = d.loket("", "show", in.Task); code != 0 || strings.Contains(out, "message 0\n") || !strings.Contains(out, "--before ") {
		t.Errorf("loket show: %d, want the newest messages, and how the older ones are had", code)
	}
}
