package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// What happens shows by itself, and takes nothing from whoever writes: rows in their order, held back under the pointer, a conversation that
// goes on while text, caret, selection, an input method's composition and undo stay as they are; and it is said when it is not live.
func TestDeskIsLiveInABrowser(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	b := newScriptedBrowser(t)
	b.resize(1440, 900)
	b.open(d.beginLink(), 200)
	b.fill("#name", "joris")
	b.fill("#password", "correct horse battery")
	b.follow("main form button", 200)
	b.open(d.desk+"/myself", 200)
	b.fill("#regret", "99")
	b.follow("main form button", 422)
	b.expect("#problem", "De seconden moeten een heel getal van 0 tot 30 zijn.")
	if got := b.value("#regret"); got != "99" {
		t.Errorf("the seconds are now %q, want what was typed", got)
	}
	b.fits()
	b.axe()
	b.fill("#regret", "0")
	b.follow("main form button", 200)
	b.expect(".done", "Bewaard.")
	b.picture("desk-myself.png")
	if n := b.count("main li"); n != 1 {
		t.Errorf("signed in at %d places, want this one", n)
	}
	b.open(d.desk+"/desk?team=network", 200)
	b.expect("#empty", "Hier wacht niets.")

	// A row comes by itself.
	b.pointAt(1400, 800)
	first := d.say(t, "No signal <script>alert(1)</script>")
	b.await("the first row", `document.querySelectorAll("#rows li").length === 1`)
	b.await("nothing that says it is empty", `document.getElementById("empty").hidden`)

	// Under the pointer nothing moves; what is held back comes when it leaves.
	b.pointAt(500, 300)
	d.say(t, "No signal here either")
	b.await("the change that is held back", `!document.getElementById("held").hidden`)
	b.expect("#held", "1 wijziging")
	b.expect("#rows li .subject", "No signal <script>alert(1)</script>")
	b.axe()
	b.pointAt(1400, 800)
	b.await("the second row", `document.querySelectorAll("#rows li").length === 2 && document.getElementById("held").hidden`)

	// Keys outside of fields: the list, all keys, and what to do by its words.
	b.do(chromedp.KeyEvent("j"), chromedp.KeyEvent("j"), chromedp.KeyEvent("k"))
	b.await("the first row in focus", `document.activeElement === document.querySelector("#rows li:first-child a")`)
	b.do(chromedp.KeyEvent("?"))
	b.await("all keys", `document.querySelector("dialog[open] dl dt:first-of-type")?.textContent === "j k"`)
	b.axe()
	b.picture("desk-keys.png")
	b.do(chromedp.KeyEvent(kb.Escape))
	b.await("the dialog to be gone", `document.querySelector("dialog") === null`)
	b.do(chromedp.KeyEvent("k", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.await("the palette", `document.activeElement.matches("dialog input")`)
	b.insert("van mij")
	b.await("what is found", `document.querySelectorAll(".palette button").length === 1`)
	b.axe()
	b.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Enter))
	b.await("the list of one's own", `location.search.includes("view=mine")`)
	b.open(d.desk+"/desk?team=network", 200)
	b.js(`document.activeElement.blur(); ""`)

	// A task opens beside the list, under its own address.
	b.do(chromedp.Click(chromedp.CSS("#rows li:first-child a")))
	b.await("the task", `document.querySelector(".task h1") === document.activeElement && location.pathname.startsWith("/tasks/T-")`)
	b.await("the open row", `document.querySelector("#rows li.current a[aria-current=page]") !== null`)
	b.do(chromedp.Click(chromedp.CSS("#acts form button.main")))
	b.await("the task to be mine", `document.querySelector(".done")?.textContent === "De taak is van u."`)
	b.await("whose the row is", `document.querySelector("#rows li.current .holder").textContent === " · u"`)

	// Half an answer, the caret in its middle.
	b.do(chromedp.Click(chromedp.CSS("#text")), chromedp.SendKeys(chromedp.CSS("#text"), "A mast is down: back at 18:00"))
	b.js(`document.getElementById("text").setSelectionRange(2, 6)`)
	write := func(text string) {
		t.Helper()
		res, err := http.PostForm(d.page(first), url.Values{"text": {text}})
		if err != nil || res.StatusCode != http.StatusAccepted {
			t.Fatalf("writing back: %v, %v", res, err)
		}
		_ = res.Body.Close()
	}
	untouched := func(text string, from, to int) {
		t.Helper()
		got := b.js(`const t = document.getElementById("text"); [document.activeElement === t, t.value, t.selectionStart, t.selectionEnd].join("|")`)
		if want := fmt.Sprintf("true|%s|%d|%d", text, from, to); got != want {
			t.Errorf("the box has focus, text, selection %q, want %q", got, want)
		}
	}
	write("Is it solved?")
	b.await("what the customer wrote", `[...document.querySelectorAll(".theirs .text")].some((p) => p.textContent === "Is it solved?")`)
	untouched("A mast is down: back at 18:00", 2, 6)

	// An input method composes.
	b.js(`document.getElementById("text").setSelectionRange(29, 29)`)
	b.compose("に")
	write("Still nothing")
	b.await("what the customer wrote meanwhile", `[...document.querySelectorAll(".theirs .text")].some((p) => p.textContent === "Still nothing")`)
	b.compose("にほ")
	b.insert("日本")
	untouched("A mast is down: back at 18:00日本", 31, 31)
	b.do(chromedp.KeyEvent("z", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	if got := b.value("#text"); !strings.HasPrefix(got, "A mast is down") || strings.Contains(got, "日本") {
		t.Errorf("after undoing the box has %q", got)
	}

	// What came was not read when it was written: it is said, and what was written stays; then it goes.
	b.do(chromedp.Click(chromedp.CSS(".send > button")))
	b.await("the refusal", `document.getElementById("problem")?.textContent.startsWith("De klant schreef intussen opnieuw")`)
	if got := b.value("#text"); !strings.HasPrefix(got, "A mast is down") {
		t.Errorf("after the refusal the box has %q", got)
	}
	b.do(chromedp.Click(chromedp.CSS(".notes textarea")), chromedp.SendKeys(chromedp.CSS(".notes textarea"), "third time"))
	b.do(chromedp.Click(chromedp.CSS(".send > button")))
	b.await("the answer", `document.querySelector(".ours .text") !== null && document.getElementById("text").value === ""`)
	if got := b.value(".notes textarea"); got != "third time" {
		t.Errorf("the note that was begun is now %q", got)
	}
	b.fits()
	b.axe()
	b.picture("desk-live.png")
	b.do(chromedp.Click(chromedp.CSS(".notes button")))
	b.await("the note", `document.querySelector(".note .text")?.textContent === "third time" && document.querySelector(".notes textarea").value === ""`)

	// The session is over: one signs in over the page, and what was written goes out.
	b.js(`fetch("/sign-out", { method: "POST" }).then(() => { window.signedOut = true; }); ""`)
	b.await("the session to be over", `window.signedOut`)
	b.do(chromedp.Click(chromedp.CSS("#text")), chromedp.SendKeys(chromedp.CSS("#text"), "Still on it"), chromedp.Click(chromedp.CSS(".send > button")))
	b.await("where one signs in again", `document.querySelector("dialog[open] #password") !== null`)
	b.axe()
	b.fill("dialog #name", "joris")
	b.fill("dialog #password", "wrong horse battery")
	b.do(chromedp.Click(chromedp.CSS("dialog form button")))
	b.await("that they do not fit", `document.querySelector("dialog #problem") !== null`)
	b.fill("dialog #password", "correct horse battery")
	b.do(chromedp.Click(chromedp.CSS("dialog form button")))
	b.await("the second answer", `document.querySelectorAll(".ours .text").length === 2 && document.querySelector("dialog") === null`)
	b.quiet()

	// The daemon dies and comes back: the page says since when it is not live, and misses nothing.
	d.keepPorts()
	d.kill()
	b.await("the word that it is not live", `!document.getElementById("live").hidden && document.getElementById("live").textContent.startsWith("Geen verbinding sinds")`)
	d.start()
	d.say(t, "No signal after all")
	b.await("the row that came meanwhile", `document.getElementById("live").hidden && [...document.querySelectorAll("#rows .subject")].some((s) => s.textContent.startsWith("No signal after all"))`)
	b.axe()
	d.healthy()
}

// say sends the form, and waits until it stands in a task.
func (d *daemon) say(t *testing.T, text string) accepted {
	t.Helper()
	a, err := d.post("", text)
	if err != nil {
		t.Fatal(err)
	}
	d.settled()
	return a
}

// keepPorts has the next start listen where this one does.
func (d *daemon) keepPorts() {
	d.tb.Helper()
	ports := fmt.Sprintf("public: %q, desk: %q", strings.TrimPrefix(d.public, "http://"), strings.TrimPrefix(d.desk, "http://"))
	d.configure(strings.Replace(fmt.Sprintf(standard, embedded), `public: "127.0.0.1:0", desk: "127.0.0.1:0"`, ports, 1))
}

// js gives what an expression of the page's is, as text.
func (b *browser) js(expression string) string {
	b.tb.Helper()
	return ask(b, expression, chromedp.Evaluate[string]("String((() => { "+lastIsGiven(expression)+" })())"))
}

// lastIsGiven has the last statement be what is returned.
func lastIsGiven(statements string) string {
	cut := strings.LastIndex(statements, "; ") + 1
	return statements[:cut] + " return " + strings.TrimSpace(statements[cut:])
}

// await waits until a condition of the page's holds.
func (b *browser) await(what, condition string) {
	b.tb.Helper()
	// A page that is being loaded has not everything yet, and takes with it what looks at it.
	look := chromedp.Evaluate[bool]("(() => { try { return Boolean(" + condition + ") } catch { return false } })()")
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(30 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
		holds, err := chromedp.Run(ctx, look)
		cancel()
		if err == nil && holds {
			return
		}
	}
	at, _ := chromedp.Run(b.ctx, chromedp.Location())
	b.tb.Fatalf("waited too long for %s at %s; it shows:\n%s", what, at, b.js(`document.body.innerText.slice(0, 3000)`))
}

// pointAt moves the pointer.
func (b *browser) pointAt(x, y float64) {
	b.tb.Helper()
	b.do(chromedp.MouseEvent(chromedp.MouseMoved, x, y))
}

// compose has an input method show what it has so far at the caret, and insert settle on a text.
func (b *browser) compose(text string) {
	b.tb.Helper()
	n := int64(utf8.RuneCountInString(text))
	if _, err := chromedp.Call(b.ctx, input.ImeSetComposition, input.ImeSetCompositionParams{Text: text, SelectionStart: n, SelectionEnd: n}); err != nil {
		b.tb.Fatal(err)
	}
}

func (b *browser) insert(text string) {
	b.tb.Helper()
	if _, err := chromedp.Call(b.ctx, input.InsertText, input.InsertTextParams{Text: text}); err != nil {
		b.tb.Fatal(err)
	}
}
