package e2e_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"loket/desk/api"
)

// Who waits in a chat reads how many are before them; both sides see that the other is writing; files come along both ways of sending.
func TestChatTellsWhatGoesOn(t *testing.T) {
	t.Parallel()
	day := func(in int) string { return time.Now().AddDate(0, 0, in).Format(time.DateOnly) }
	d := newDaemon(t, strings.Replace(chatting("https://www.example.org", ""), "connectors:\n", fmt.Sprintf(`calendars:
  renovation: {zone: Europe/Amsterdam, week: {mon-sun: "09:00-17:00"}, dates: {%s..%s: closed}}
connectors:
  - {name: evening, type: chat, calendar: renovation, settings: {rate_per_minute: 0}}
`, day(-2), day(100)), 1)).start()
	nora := d.signedIn("nora", "--team", "network")
	d.chats(map[string]string{"text": "No signal, says who came first"})
	d.settled()
	b := newScriptedBrowser(t)
	b.open(d.public+"/in/chat/?lang=en", 200)
	kate, err := d.client("anna").Register(t.Context(), []string{"email:kate@vriesema.example"}, "Kate", api.Because{})
	if err != nil {
		t.Fatal(err)
	}
	b.js(`document.getElementById("email").value = "kate@vriesema.example"; document.getElementById("keep").click(); 1`)
	file := filepath.Join(t.TempDir(), "log.txt")
	if err := os.WriteFile(file, []byte("signal: none\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.choose("#attachments", file)
	b.says("No signal")
	b.await("their place", `document.getElementById("turn")?.textContent === "One is before you."`)
	b.await("what is promised", `document.querySelector("#state time") !== null`)
	b.await("their file", `document.querySelector("#said .files a")?.textContent === "log.txt"`)
	if got := d.get(b.property("#said .files a", "href")); got != "signal: none\n" {
		t.Errorf("the file is now %q", got)
	}
	b.axe()
	first := d.claims("network")
	if !strings.HasSuffix(first.Messages[0].Text, "who came first") {
		t.Fatalf("claimed %q", first.Messages[0].Text)
	}
	b.await("their turn", `document.getElementById("turn")?.textContent === "It is your turn next."`)

	// They type: the desk shows it. We type: the chat shows it, until the answer is there.
	task := d.taskOf("network", "No signal")
	d.postForm(nora, "/tasks/"+task.Number+"/claim", url.Values{}, http.StatusOK)
	d.await("that the customer is seen to write", func() bool {
		b.js(`document.getElementById("text").value += "?"; document.getElementById("text").dispatchEvent(new Event("input")); 1`)
		return regexp.MustCompile("the customer is writing|de klant schrijft").MatchString(d.read(nora, "/tasks/"+task.Number, http.StatusOK))
	})
	d.await("that we are seen to write", func() bool {
		d.postForm(nora, "/tasks/"+task.Number+"/draft", url.Values{"text": {"A mast"}, "base": {fmt.Sprint(0)}}, http.StatusOK)
		return b.js(`document.getElementById("typing").textContent`) == "Somebody is writing to you …"
	})
	if out, code := d.loket("A mast is down: http://192.168.1.300/", "reply", task.Number, "--agent", "nora"); code != 0 {
		t.Fatalf("reply: %d: %s", code, out)
	}
	b.sees("No signal", "us: A mast is down: http://192.168.1.300/") // which browsers take for no address
	b.await("that nobody writes", `document.getElementById("typing").textContent === ""`)

	b.quiet()

	// They ask to be forgotten, and go on: they are told that the conversation is over, and what they write begins another.
	d.settled()
	if _, err := d.client("anna").Erase(t.Context(), kate.ID, false, api.Because{Reason: "asked"}); err != nil {
		t.Fatal(err)
	}
	b.await("that it was erased", `document.getElementById("over").textContent !== "" && document.querySelector("#said > li") === null`)
	b.axe()
	b.says("No signal again")
	b.sees("No signal again")
	b.await("it to be taken", `document.getElementById("over").textContent === "" && document.querySelector("#said > li:not([id])") === null`)
	d.taskOf("network", "No signal again")

	// While nobody is there they read until when, and are asked for an address; what they write is taken all the same.
	b.open(d.public+"/in/evening/?lang=en", 200)
	b.await("that it is closed", `document.getElementById("closed").textContent.startsWith("We are closed until ") && document.getElementById("leave").open`)
	b.axe()
	b.fits()
	b.says("No signal in the evening")
	b.await("it to be taken", `document.querySelector("#said > li[id]") !== null`)
	d.healthy()
}
