package e2e_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// A shown page is one page in one state. It can be reached again and again.
type shown struct {
	name  string
	as    *http.Client // who looks; nil is nobody who is signed in
	reach func(b *browser)
	has   string // what is on the page in this state only
}

// Every page in every state keeps nobody out, fits a phone, a tablet and a desk, and has all its words, in both languages, in light and in dark.
// Each day it has its words in both languages and fits a phone; axe looks at it in Dutch. In make soak all combinations are looked at.
func TestEveryPageInEveryState(t *testing.T) {
	t.Parallel()
	everything := os.Getenv("LOKET_SOAK") != ""
	for _, look := range []struct {
		lang   string
		axe    bool
		widths []int64
	}{{"nl", true, []int64{deskWidth, phoneWidth}}, {"en", false, []int64{phoneWidth}}} {
		if everything {
			look.axe, look.widths = true, []int64{phoneWidth, 768, deskWidth}
		}
		t.Run(look.lang, func(t *testing.T) {
			t.Parallel()
			h := fullHouse(t)
			b := newBrowser(t)
			b.speaks(look.lang)
			for _, page := range h.pages() {
				t.Run(page.name, func(t *testing.T) {
					b.tb, h.t, h.tb = t, t, t
					b.is(h.daemon, page.as)
					page.reach(b)
					b.whole(look.lang, page)
					for i, width := range look.widths {
						b.resize(width, phoneHeight)
						b.fits()
						if look.axe && (everything || i == len(look.widths)-1) {
							b.axe()
						}
					}
				})
				b.tb, h.t, h.tb = t, t, t
			}
			b.quiet()
			for line := range strings.Lines(h.log.String()) {
				if strings.Contains(line, `"page failed"`) || strings.Contains(line, `"page not made"`) {
					t.Errorf("a page went wrong: %s", line)
				}
			}
		})
	}
}

const deskWidth = 1440

// speaks has the browser ask for a language.
func (b *browser) speaks(lang string) {
	b.tb.Helper()
	if _, err := chromedp.Call(b.ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": lang}}); err != nil {
		b.tb.Fatal(err)
	}
}

// is has the browser be signed in as a visitor is, or as nobody.
func (b *browser) is(d *daemon, c *http.Client) {
	b.tb.Helper()
	_, err := chromedp.Call(b.ctx, network.ClearBrowserCookies, cdp.Empty{})
	if err != nil {
		b.tb.Fatal(err)
	}
	if c == nil {
		return
	}
	at, err := url.Parse(d.desk)
	if err != nil {
		b.tb.Fatal(err)
	}
	for _, cookie := range c.Jar.Cookies(at) {
		if _, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: cookie.Name, Value: cookie.Value, URL: d.desk}); err != nil {
			b.tb.Fatal(err)
		}
	}
}

// looksWhole gives what is wrong with the words of a page: what a template or a format left, names of things that are
// empty, people's text that turns the direction of what stands beside it, and words of the other language in what is not people's own text.
const looksWhole = `(foreign => {
	const wrong = [], html = document.documentElement.outerHTML;
	for (const left of html.match(/\{\{\s*(?:[.$]|if|range|end|template|with|else|index)|%!\w?[(]?|&lt;no value&gt;|\[object |undefined|\bNaN\b/g) || []) wrong.push("left over: " + left);
	for (const e of document.querySelectorAll("h1, h2, h3, th, dt, label, legend, summary, button, option, caption, a, title")) {
		const named = e.textContent.trim() || e.getAttribute("aria-label") || e.querySelector("img[alt]")?.alt;
		if (!named && !(e.id === "held" && e.hidden)) wrong.push("without words: " + e.outerHTML.slice(0, 200));
	}
	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (texts.nextNode()) {
		const at = texts.currentNode.parentElement;
		if (/[\u202a-\u202e\u2066-\u2069]/.test(texts.currentNode.data) && !at.closest("bdi, [dir], textarea, option, pre")) wrong.push("turns what stands beside it: " + at.outerHTML.slice(0, 200));
	}
	const page = document.documentElement.cloneNode(true);
	page.querySelectorAll("head, bdi, [dir], code, pre, textarea, [lang]:not(html), datalist, script, .organisation, #problem").forEach(e => e.remove());
	for (const word of page.textContent.match(foreign) || []) wrong.push("in another language: " + word);
	return wrong;
})`

// foreign are words of the other language that no page in this one has.
var foreign = map[string]string{
	"nl": `/\b(the|your|you|and|this|with|from|not|are|has|have|which|who|when|tasks?|queue|customers?|messages?|answer(ed)?|since|waiting|queued|claimed|closed|high|nothing)\b/gi`,
	"en": `/\b(het|een|niet|voor|klant(en)?|taak|wachtrij|antwoord|bericht(en)?|sinds|wacht|hoog|met|zijn|uw|geen|naar|wordt|deze)\b/gi`,
}

// whole expects that a page is in the state that is meant and has all its words.
func (b *browser) whole(lang string, page shown) {
	b.tb.Helper()
	b.unfold()
	b.scripts(true) // of the tests: the page was loaded without
	defer b.scripts(false)
	wrong := ask(b, page.name, chromedp.Evaluate[[]string](looksWhole+"("+foreign[lang]+")"))
	if len(wrong) > 0 {
		b.tb.Errorf("%s, in %s:\n  %s", page.name, lang, strings.Join(wrong, "\n  "))
	}
	if page.has != "" && b.count(page.has) == 0 {
		b.tb.Errorf("%s, in %s, has no %s; it shows:\n%s", page.name, lang, page.has, b.read("body"))
	}
	if got := b.attribute("html", "lang"); got != lang {
		b.tb.Errorf("%s is in %s, want %s", page.name, got, lang)
	}
	if dir := os.Getenv("LOKET_SCREENSHOTS"); dir != "" && os.Getenv("LOKET_SOAK") != "" {
		b.picture(fmt.Sprintf("%s-%s.png", strings.ReplaceAll(page.name, " ", "-"), lang))
	}
}

// forgive forgets complaints that have a word in them.
func (b *browser) forgive(word string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complain = slices.DeleteFunc(b.complain, func(c string) bool { return strings.Contains(c, word) })
}

// unfold opens what is folded, all of it.
func (b *browser) unfold() {
	b.tb.Helper()
	b.scripts(true)
	defer b.scripts(false)
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach(d => d.open = true)`))
}
