package e2e_test

import (
	"bufio"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"loket/desk/api"
)

// The customer's page shows what is new by itself, and touches nothing of what is being written there.
func TestCustomersPageShowsWhatIsNewByItself(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	sent, err := d.post("", "No signal since this morning")
	if err != nil {
		t.Fatal(err)
	}
	d.settled()
	b := newScriptedBrowser(t)
	b.open(d.page(sent)+"?lang=en", 200)
	b.matter("^We have your message")
	b.fill("#text", "Still no signal")
	b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("text").focus(); document.getElementById("text").setSelectionRange(3, 8)`))

	anna := d.client("anna")
	task, err := anna.Claim(t.Context(), "network", 10*time.Second, "")
	if err != nil || task == nil {
		t.Fatalf("claim: %v, %v", task, err)
	}
	stands := func(how string) { // the page replaces what says so
		t.Helper()
		b.await("that it says "+how, fmt.Sprintf(`document.getElementById("state")?.textContent.startsWith(%q) === true`, how))
	}
	stands("Somebody is looking")
	for i, text := range []string{"A mast is down <script>alert(1)</script>", "It is up again: https://status.example.org"} {
		if _, err := anna.Reply(t.Context(), task.ID, api.Answer{Text: text}); err != nil {
			t.Fatal(err)
		}
		d.await("the answer on the page", func() bool { return b.count(".ours") == i+1 })
		b.expect(fmt.Sprintf(".said li:nth-child(%d) .text", i+2), text)
	}
	b.expect("#news", "A new message has come.")
	stands("We have answered")
	if got := ask(b, "selection", chromedp.Evaluate[string](`(() => { const t = document.getElementById("text");
		return [document.activeElement.id, t.value, t.selectionStart, t.selectionEnd].join("|") })()`)); got != "text|Still no signal|3|8" {
		t.Errorf("the box is now %s", got)
	}
	b.axe()
	if _, err := anna.Close(t.Context(), task.ID, "solved"); err != nil {
		t.Fatal(err)
	}
	stands("This is finished")

	// They say how it went, once; it counts for whoever answered.
	b.axe()
	b.follow(".rating button[value=good]", 200)
	b.expect("#rated", "You said that we helped you. Thank you!")
	b.expectNone(".rating")
	for rating, want := range map[string]int{"good": http.StatusOK, "bad": http.StatusConflict, "splendid": http.StatusUnprocessableEntity} {
		if res, err := http.PostForm(d.page(sent)+"/rating", url.Values{"rating": {rating}}); err != nil || res.StatusCode != want {
			t.Errorf("rating %s: %v, %v, want %d", rating, res, err, want)
		}
	}
	said, code := d.loket("", "kpi", "--by", "team,agent", "--json")
	if code != 0 || strings.Count(said, `"rated_good": 1`) != 2 {
		t.Errorf("kpi = %d: %s", code, said)
	}
	if now, err := anna.Task(t.Context(), task.ID); err != nil || now.Rating != "good" {
		t.Errorf("the task is rated %q, %v", now.Rating, err)
	}
	b.fill("#text", "Still no signal")

	// Written back, it begins a task of its own, whose answer comes to the same page.
	b.follow("form button", 200)
	d.settled()

	next, err := anna.Claim(t.Context(), "network", 10*time.Second, "")
	if err != nil || next == nil {
		t.Fatalf("claim: %v, %v", next, err)
	}
	if _, err := anna.Reply(t.Context(), next.ID, api.Answer{Text: "Have you tried it now?"}); err != nil {
		t.Fatal(err)
	}
	d.await("the answer in the next task", func() bool { return b.count(".ours") == 3 })
	b.quiet()
	d.healthy()
}

// A stranger without the link hears nothing; whoever has it opens so many streams and no more; stopping ends them.
func TestStreamsOfCustomersPagesAreBounded(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	sent, err := d.post("", "No signal")
	if err != nil {
		t.Fatal(err)
	}
	d.settled()
	if res, err := http.Get(d.public + "/t/" + strings.Repeat("a", 60) + "/live"); err != nil || res.StatusCode != http.StatusNotFound {
		t.Errorf("a link that is none: %v, %v", res, err)
	}
	const each = 10
	var open []*http.Response
	for range each {
		res, err := http.Get(d.page(sent) + "/live")
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%v, %v", res, err)
		}
		defer res.Body.Close()
		open = append(open, res)
	}
	if res, err := http.Get(d.page(sent) + "/live"); err != nil || res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
		t.Errorf("one more: %v, %v", res, err)
	}
	open[0].Body.Close()
	d.await("the place of the one that went", func() bool {
		res, err := http.Get(d.page(sent) + "/live")
		if err != nil {
			return false
		}
		open = append(open, res)
		return res.StatusCode == http.StatusOK
	})
	lines := bufio.NewScanner(open[1].Body)
	if !lines.Scan() || lines.Text() != "event: version" {
		t.Errorf("the stream begins with %q", lines.Text())
	}
	d.stop()
	for lines.Scan() { // to its end
	}
}
