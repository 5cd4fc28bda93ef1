package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"loket/desk/api"
)

// mostStops is how often Tab is pressed until something on a page must have been reached.
const mostStops = 150

// stop is where the focus is: what is wrong with that, and whether it is what is looked for.
const stop = `(css => {
	const at = document.activeElement;
	if (!at || at === document.body) return "";
	const style = getComputedStyle(at), box = at.getBoundingClientRect();
	const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 && box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
	return (seen ? "" : "not seen: " + at.outerHTML.slice(0, 200)) + "|" + (at.matches(css) ? "there" : "");
})`

// tabTo presses Tab until something has the focus, which is to be seen wherever it stops.
func (b *browser) tabTo(css string) {
	b.tb.Helper()
	var passed []string
	for range mostStops {
		b.do(chromedp.KeyEvent(kb.Tab))
		wrong, there, _ := strings.Cut(b.js(stop+fmt.Sprintf("(%q)", css)), "|")
		if wrong != "" {
			b.tb.Errorf("on the way to %s the focus is %s", css, wrong)
		}
		if there != "" {
			return
		}
		passed = append(passed, b.js(`document.activeElement.outerHTML.slice(0, 60)`))
	}
	b.tb.Fatalf("Tab does not reach %s in %d stops; the last were\n%s", css, mostStops, strings.Join(passed[len(passed)-30:], "\n"))
}

// enters goes to something by Tab and presses Enter.
func (b *browser) enters(css string) {
	b.tb.Helper()
	b.tabTo(css)
	b.do(chromedp.KeyEvent(kb.Enter))
}

// keysIn goes to a field by Tab and types.
func (b *browser) keysIn(css, text string) {
	b.tb.Helper()
	b.tabTo(css)
	b.do(chromedp.KeyEvent(text))
}

// done waits until something is said to be done, and the focus is at the heading.
func (b *browser) done(what string) {
	b.tb.Helper()
	b.await(what, fmt.Sprintf(`document.querySelector(".done")?.textContent === %q && document.activeElement.matches("h1")`, what))
}

// texts gives texts another size where a page does not say how large they are, in pixels; 16 is usual.
func (b *browser) texts(size int64) {
	b.tb.Helper()
	_, err := chromedp.Call(b.ctx, page.SetFontSizes, page.SetFontSizesParams{FontSizes: &page.FontSizes{Standard: size, Fixed: size}})
	if err != nil {
		b.tb.Fatal(err)
	}
}

// An agent's day by Tab, Enter and letters alone: from signing in by the queue to a task, an answer, a note, passing on, finishing, and signing
// out. The focus is always to be seen, and nothing keeps it. On the way each page fits a width of 320 pixels, and texts of twice the size.
func TestAnAgentsDayByKeysInABrowser(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	d.signedIn("nora", "--team", "network", "--team", "support")
	d.say(t, "No signal since this morning, in the centre of Utrecht")
	b := newScriptedBrowser(t)
	b.resize(1280, 800)
	b.open(d.desk+"/desk?team=network", 200)
	fits := func() {
		t.Helper()
		b.resize(320, 800)
		b.fits()
		b.cutsNothing()
		b.resize(1280, 800)
		b.texts(32)
		b.fits()
		b.cutsNothing()
		b.texts(16)
	}
	fits()
	b.keysIn("#name", "nora")
	b.keysIn("#password", "correct horse battery")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.await("the list", `document.querySelectorAll("#rows li").length === 1`)
	fits()
	b.enters("#rows a")
	b.await("the task", `document.querySelector(".task h1") === document.activeElement`)
	b.enters(`#acts form[action$="/claim"] button`)
	b.done("De taak is van u.")
	fits()
	b.expect(".said .text", "No signal since this morning, in the centre of Utrecht")
	b.keysIn("#text", "A mast is down: back at 18:00.")
	b.enters(".send > button.main")
	b.done("Verstuurd.")
	b.await("the answer", `document.querySelector(".ours .text")?.textContent === "A mast is down: back at 18:00."`)
	b.keysIn("#note", "The third one today")
	b.enters(".notes p > button:not([data-keep-now])")
	b.done("Genoteerd.")
	b.await("the note", `document.querySelector(".note .text")?.textContent === "The third one today"`)
	b.enters(`#acts details:has(form[action$="/transfer"]) summary`)
	fits()
	b.tabTo("#team")
	b.enters(`#acts form[action$="/transfer"] button`)
	b.done("Doorgezet.")
	b.enters(`#acts details:has(form[action$="/close"]) summary`)
	b.keysIn("#outcome", "solved")
	b.enters(`#acts form[action$="/close"] button`)
	b.done("Afgerond.")
	fits()
	b.enters("header a[href='/figures']")
	b.await("the figures", `document.querySelector(".headlines") !== null`)
	fits()
	b.enters("header .self")
	b.await("what is hers", `document.getElementById("devices") !== null`)
	fits()
	b.enters("form[action='/sign-out'] button")
	b.await("the sign-in page", `document.querySelector("#password") !== null`)
	b.quiet()
	task := d.only("support", "nothing", func(*api.Task) bool { return true })
	if task.State != "closed" || task.Outcome != "solved" || task.Replies != 1 || len(task.Notes) != 1 {
		t.Errorf("the task is %s with outcome %q, %d answers and %d notes", task.State, task.Outcome, task.Replies, len(task.Notes))
	}
	d.healthy()
}

// cutsNothing expects that no text is cut off but where dots say so.
func (b *browser) cutsNothing() {
	b.tb.Helper()
	cut := b.js(`[...document.body.querySelectorAll("*")].filter((e) => {
		const style = getComputedStyle(e);
		return e.checkVisibility() && e.scrollWidth > e.clientWidth + 1 && style.overflowX === "hidden" && style.textOverflow !== "ellipsis" && !e.matches(".unseen, .unseen *");
	}).map((e) => e.outerHTML.slice(0, 120)).join("\n")`)
	if cut != "" {
		b.tb.Errorf("cut off at %s: %s", b.js(`location.pathname`), cut)
	}
}
