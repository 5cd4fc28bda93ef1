package e2e_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"
)

// Browsers open six connections to one server: eight tabs share a stream, and each shows what happens. A task that stands open in one of them
// is kept, and colleagues see who looks.
func TestEightTabsShareOneStream(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	d.signedIn("nora", "--team", "network")
	b := newScriptedBrowser(t)
	b.resize(1440, 900)
	b.open(d.desk+"/sign-in", 200)
	b.fill("#name", "nora")
	b.fill("#password", "correct horse battery")
	b.follow("main form button", 200)
	b.choosesCalls(d)
	b.open(d.desk+"/desk?team=network", 200)
	b.js(`window.tabs = Array.from({ length: 7 }, () => open("/desk?team=network")); ""`)
	b.await("eight tabs", `window.tabs.every((w) => w?.document.getElementById("rows") && w.document.readyState === "complete")`)
	told := b.hearsCalls()
	page := d.page(d.say(t, "No signal"))
	b.await("the row in every tab", `[window, ...window.tabs].every((w) => w.document.querySelectorAll("#rows li").length === 1)`)
	if got := d.liveStreams(t); got != "1" {
		t.Errorf("eight tabs have %s streams, want one", got)
	}

	told("sound", "Er kwam een taak binnen "+d.tasks("network")[0].Number+" · network")
	b.looks(true)
	d.say(t, "No signal here either")
	b.await("the second row in every tab", `[window, ...window.tabs].every((w) => w.document.querySelectorAll("#rows li").length === 2)`)
	told() // whoever looks sees it
	b.looks(false)

	// One of them opens the task: others are told who looks, and its lease is renewed.
	b.js(`window.tabs[0].location = document.querySelector("#rows a").href; ""`)
	b.await("the task in one tab", `window.tabs[0].document.querySelector("#acts button.main") !== null`)
	b.js(`window.tabs[0].document.querySelector("#acts button.main").click(); ""`)
	b.await("that it is taken", `window.tabs[0].document.querySelector(".done") !== null`)
	anna := d.client("anna")
	task := d.tasks("network")[0]
	if task.Agent != "nora" {
		t.Fatalf("the task is held by %q", task.Agent)
	}

	// A colleague names her in it, and the customer writes: she is called for each, once.
	if _, err := anna.Note(t.Context(), task.ID, "@nora: the mast is down"); err != nil {
		t.Fatal(err)
	}
	told("sound", "U wordt in een notitie genoemd "+task.Number+" · network")
	res, err := http.PostForm(page, url.Values{"text": {"Anything yet?"}})
	if err != nil || res.StatusCode != http.StatusAccepted {
		t.Fatalf("writing back: %v, %v", res, err)
	}
	_ = res.Body.Close()
	told("sound", "Een klant schreef in een taak van u "+task.Number+" · network")
	mia := d.signedIn("mia", "--team", "network")
	d.await("that mia sees nora look", func() bool {
		return regexp.MustCompile(`nora (looks along|kijkt mee)`).MatchString(d.read(mia, "/desk?team=network", http.StatusOK))
	})
	until := task.LeaseUntil
	d.await("the lease to be renewed", func() bool {
		now, err := anna.Task(t.Context(), task.ID)
		return err == nil && now.Agent == "nora" && now.LeaseUntil.After(until.Time)
	})
	b.js(`window.tabs.forEach((w) => w.close()); ""`)
	b.quiet()

	// Half a minute after the page went the task is given back.
	b.do(chromedp.Navigate("about:blank"))
	d.await("the task to be given back", func() bool {
		now, err := anna.Task(t.Context(), task.ID)
		return err == nil && now.State == "queued"
	})
	d.healthy()
}

// liveStreams is how many browsers are told what happens.
func (d *daemon) liveStreams(t *testing.T) string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^loket_live_streams (\d+)$`).FindStringSubmatch(d.get(d.desk + "/metrics"))
	if m == nil {
		t.Fatal("no metric of streams")
	}
	return m[1]
}
