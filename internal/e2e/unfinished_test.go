package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
)

// signedIn gives a person a password, and what asks for pages as they do.
func (d *daemon) signedIn(name string, args ...string) *http.Client {
	d.tb.Helper()
	for _, command := range [][]string{append([]string{"people", "add", name}, args...), {"people", "passwd", name}} {
		if out, code := d.loket("correct horse battery\n", command...); code != 0 {
			d.tb.Fatal(out)
		}
	}
	return d.signIn(name)
}

// signIn is one more browser of somebody who has a password.
func (d *daemon) signIn(name string) *http.Client {
	d.tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.tb.Fatal(err)
	}
	c := &http.Client{Jar: jar, Timeout: 30 * time.Second}
	d.postForm(c, "/sign-in", url.Values{"name": {name}, "password": {"correct horse battery"}}, 200)
	return c
}

// postForm sends a form of a page and gives what it leads to.
func (d *daemon) postForm(c *http.Client, path string, form url.Values, status int) string {
	d.tb.Helper()
	res, err := c.PostForm(d.desk+path, form)
	if err != nil {
		d.tb.Fatal(err)
	}
	return d.body(res, status)
}

// read gives a page as somebody sees it.
func (d *daemon) read(c *http.Client, path string, status int) string {
	d.tb.Helper()
	res, err := c.Get(d.desk + path)
	if err != nil {
		d.tb.Fatal(err)
	}
	return d.body(res, status)
}

func (d *daemon) body(res *http.Response, status int) string {
	d.tb.Helper()
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		d.tb.Fatal(err)
	}
	if res.StatusCode != status {
		d.tb.Fatalf("%s answers %d, want %d:\n%s", res.Request.URL, res.StatusCode, status, text)
	}
	return string(text)
}

// begins signs somebody in by the first link.
func (b *browser) begins(d *daemon, name string) {
	b.tb.Helper()
	b.open(d.beginLink(), 200)
	b.fill("#name", name)
	b.fill("#password", "correct horse battery")
	b.follow("main form button", 200)
}

// press clicks what changes the page in place.
func (b *browser) press(css string) {
	b.tb.Helper()
	b.do(chromedp.Click(chromedp.CSS(css)))
}

// types presses keys at the end of a line.
func (b *browser) types(css, text string) {
	b.tb.Helper()
	b.do(chromedp.SendKeys(chromedp.CSS(css), kb.End+text))
}

// waitFor waits until an element says what is looked for.
func (b *browser) waitFor(d *daemon, css, what string) {
	b.tb.Helper()
	looked := regexp.MustCompile(what)
	d.await(css+" to say "+what, func() bool { return looked.MatchString(b.read(css)) })
}

// What somebody writes is on the server within a second, in every browser of theirs, and survives a closed page, a killed loket and a
// lost task; what stands in a box is touched by nobody else.
func TestWhatIsWrittenIsKept(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	b := newScriptedBrowser(t)
	b.begins(d, "joris")
	if _, err := d.post("", "No signal"); err != nil {
		t.Fatal(err)
	}
	d.settled()
	number := d.tasks("network")[0].Number
	b.open(d.desk+"/tasks/"+number, 200)
	b.press("#acts form button")
	b.await("the task to be theirs", `document.querySelector(".done")?.textContent === "De taak is van u."`)
	const kept, box = ".reply [data-kept]", `(?s)<textarea id="text"[^>]*>`
	b.types("#text", "Dear <b>Anna")
	b.waitFor(d, kept, `^Bewaard om \d\d:\d\d$`)
	b.fits()
	b.axe()

	// Another browser of theirs has it, a colleague does not.
	joris, mia := d.signIn("joris"), d.signedIn("mia")
	if page := d.read(joris, "/tasks/"+number, 200); !regexp.MustCompile(box + `Dear &lt;b&gt;Anna</textarea>`).MatchString(page) {
		t.Errorf("the other browser shows:\n%s", page)
	}
	if page := d.read(joris, "/desk?team=network", 200); !strings.Contains(page, "<strong>draft</strong>") {
		t.Errorf("the list does not mark the task:\n%s", page)
	}
	if page := d.read(mia, "/tasks/"+number, 200); strings.Contains(page, "Dear") {
		t.Error("a colleague sees what is not sent")
	}

	// Written in both: the newest is kept, each box stays as it is, and both are told.
	save := func(form url.Values) map[string]any {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.desk+"/tasks/"+number+"/draft", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Accept", "application/json")
		res, err := joris.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var said map[string]any
		if err := json.Unmarshal([]byte(d.body(res, 200)), &said); err != nil {
			t.Fatal(err)
		}
		return said
	}
	if said := save(url.Values{"text": {"Dear all"}, "rev": {"0"}})["said"]; !strings.Contains(fmt.Sprint(said), "another window") {
		t.Errorf("the other browser is told %q", said)
	}
	if got := b.value("#text"); got != "Dear <b>Anna" {
		t.Errorf("in the box is now %q", got)
	}
	b.types("#text", " and Bob")
	b.waitFor(d, kept, "ander venster")

	// The page goes before a second has passed.
	b.types("#text", ", tomorrow")
	b.types("#note", "third call")
	b.open(d.desk+"/desk", 200)
	d.await("what was typed last", func() bool {
		return strings.Contains(d.read(joris, "/tasks/"+number, 200), "Dear &lt;b&gt;Anna and Bob, tomorrow")
	})
	b.open(d.desk+"/tasks/"+number, 200)
	got := []string{b.value("#text"), b.value("#note")}
	if diff := cmp.Diff([]string{"Dear <b>Anna and Bob, tomorrow", "third call"}, got); diff != "" {
		t.Errorf("the boxes after coming back (-want +got):\n%s", diff)
	}

	// While loket is away the browser keeps it, and says so; when it is back, so is the text.
	d.keepPorts()
	d.kill()
	b.types("#text", " 9:00")
	b.waitFor(d, kept, `^Niet bewaard sinds \d\d:\d\d`)
	d.start()
	b.waitFor(d, kept, "^Bewaard om")
	joris = d.signIn("joris")
	if page := d.read(joris, "/tasks/"+number, 200); !strings.Contains(page, "tomorrow 9:00") {
		t.Errorf("after the restart:\n%s", page)
	}

	// The browser goes while loket is away: it offers what it has, and leaves the box to its person.
	d.kill()
	b.types("#text", " or 10:00")
	b.waitFor(d, kept, `^Niet bewaard`)
	b.do(chromedp.Navigate("about:blank"))
	d.start()
	b.open(d.desk+"/tasks/"+number, 200)
	if got := b.value("#text"); got != "Dear <b>Anna and Bob, tomorrow 9:00" {
		t.Errorf("in the box is %q", got)
	}
	b.expect(".offer .text", "Dear <b>Anna and Bob, tomorrow 9:00 or 10:00")
	b.fits()
	b.axe()
	b.press(".offer button")
	b.waitFor(d, kept, "^Bewaard om")
	b.expectNone(".offer")

	// A colleague takes the task over: nothing is sent, and the text stays in the box, after a reload too.
	if _, err := d.client("mia").Assign(t.Context(), number, "mia"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.client("mia").Take(t.Context(), number); err != nil {
		t.Fatal(err)
	}
	b.press(".send > button")
	b.await("the refusal", `document.querySelector("#problem") !== null`)
	const whole = "Dear <b>Anna and Bob, tomorrow 9:00 or 10:00"
	if got := b.value("#text"); got != whole {
		t.Errorf("in the box is %q", got)
	}
	if _, err := d.client("mia").Return(t.Context(), number); err != nil {
		t.Fatal(err)
	}
	b.open(d.desk+"/tasks/"+number, 200)
	if got := b.value("#text"); got != whole {
		t.Errorf("in the box is %q", got)
	}

	// Sent, the text is gone from the box; the note is not.
	b.press(".send > button")
	b.await("the answer", `document.querySelector(".ours .text") !== null`)
	b.expect(".ours .text", whole)
	b.open(d.desk+"/tasks/"+number, 200)
	got = []string{b.value("#text"), b.value("#note")}
	if diff := cmp.Diff([]string{"", "third call"}, got); diff != "" {
		t.Errorf("the boxes after sending (-want +got):\n%s", diff)
	}
	b.expectNone(".draft")
	b.press(".notes p > button")
	b.await("the note", `document.querySelector(".note .text") !== null`)
	b.open(d.desk+"/tasks/"+number, 200)
	if got := b.value("#note"); got != "" {
		t.Errorf("the note's box has %q", got)
	}

	// Whoever signs out leaves nothing in this browser; what was typed last is on the server.
	b.types("#note", "a fourth call")
	b.js(`localStorage.setItem("loket-draft:joris:/tasks/T-9/draft", "text=secret"), ""`)
	b.press("form[action='/sign-out'] button")
	b.await("the sign-in page", `document.querySelector("#password") !== null`)
	if left := b.js(`Object.keys(localStorage).filter((name) => name.startsWith("loket-draft:")).join()`); left != "" {
		t.Errorf("the browser still has %s", left)
	}
	d.await("the note that was typed last", func() bool {
		return strings.Contains(d.read(joris, "/tasks/"+number, 200), "a fourth call")
	})
	b.fill("#name", "joris")
	b.fill("#password", "correct horse battery")
	b.follow("main form button", 200)

	// Without scripts a button keeps it.
	b.scripts(false)
	b.open(d.desk+"/tasks/"+number, 200)
	b.fill("#text", "one more thing")
	b.follow(".reply [data-keep-now]", 200)
	b.expect(".done", "Bewaard.")
	if got := b.value("#text"); got != "one more thing" {
		t.Errorf("in the box is %q", got)
	}
	d.healthy()
}
