package quote

import (
	"strings"

	"golang.org/x/net/html"
)

// FromHTML returns the text of an HTML mail for people to read, and what its writer says now (see Strip). The lines of
// said are lines of whole, in their order.
//
// Paragraphs, lines, lists ("- ", "1. "), table rows ("a | b"), quotes ("> ", at most eight levels) and rules are kept;
// a link is "text (address)" when the text is not its address, a picture is "[its alternative text]". Scripts, styles,
// titles and comments are left out, and so is what styles in the mark-up hide (display:none, visibility:hidden,
// opacity:0, font-size:0, max-height:0, mso-hide); style sheets are not looked at.
//
// What mail programs mark as earlier mail, attribution or signature counts more than the words. Only the first MaxHTML
// bytes are read, the text ends at about MaxText with a line "[…]", and elements deeper than 256 count as part of the one
// around them.
func FromHTML(source string) (whole, said string) {
	if len(source) > MaxHTML {
		source = source[:MaxHTML]
	}
	w := walker{z: html.NewTokenizer(strings.NewReader(source)), count: map[string]int{}}
	w.walk()
	if w.page.full() {
		w.page.add(newLine("[…]", 0))
	}
	lines := trim(w.page.lines)
	return join(lines), join(saidOf(lines))
}

// maxDepth bounds the elements that are open at the same time.
const maxDepth = 256

// A walker reads mark-up once from the front to the back. It builds no tree: nothing in it costs more for deep nesting.
type walker struct {
	z     *html.Tokenizer
	page  page
	open  []element
	count map[string]int // of the open elements, by tag
	over  int            // elements opened below maxDepth
	raw   bool           // the next text is the inside of a script or the like
	link  *anchor
}

// An anchor is the link that is open.
type anchor struct {
	href string
	text strings.Builder
}

func (w *walker) walk() {
	for !w.page.full() {
		kind := w.z.Next()
		if kind != html.TextToken {
			w.raw = false // an empty script has no text of its own to leave out
		}
		switch kind {
		case html.ErrorToken:
			w.endLink()
			w.page.flush()
			return
		case html.TextToken:
			w.text()
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start()
		case html.EndTagToken:
			name, _ := w.z.TagName()
			w.end(string(name))
		}
	}
}

func (w *walker) now() style {
	if len(w.open) == 0 {
		return style{}
	}
	return w.open[len(w.open)-1].now
}

func (w *walker) text() {
	text := w.z.Text()
	if w.raw {
		w.raw = false
		return
	}
	now := w.now()
	if now.hidden() {
		return
	}
	s := strings.ToValidUTF8(string(text), "\uFFFD")
	if w.link != nil && w.link.text.Len() < maxHref {
		w.link.text.WriteString(s)
	}
	if w.page.write(s, now) {
		w.atFirstLine()
	}
}

// atFirstLine is called when a line was begun, to count the cell it is in.
func (w *walker) atFirstLine() {
	for i := len(w.open) - 1; i >= 0 && w.open[i].tag != "table"; i-- {
		if w.open[i].tag == "tr" {
			w.open[i].cells++
			return
		}
	}
}

func (w *walker) start() {
	name, more := w.z.TagName()
	tag := string(name)
	var a attributes
	for more {
		var key, value []byte
		key, value, more = w.z.TagAttr()
		a.set(string(key), value)
	}
	switch tag {
	case "script", "style", "title", "iframe", "noembed", "noframes", "noscript":
		w.raw = true
		return
	case "br":
		if now := w.now(); !now.hidden() {
			w.page.lineBreak(now)
		}
		return
	case "hr":
		w.rule(&a)
		return
	case "img":
		w.picture(&a)
		return
	case "html", "head", "body", "meta", "link", "base", "col", "input", "wbr", "area", "source", "track", "embed", "param":
		w.hints(&a)
		return
	case "a":
		w.endLink()
		if href := shownHref(a.href); href != "" && !w.now().hidden() && !a.style().hidden() {
			w.link = &anchor{href: href}
		}
	}
	w.closeImplied(tag)
	w.push(tag, &a)
}

// hints takes up what an element that is not kept open says.
func (w *walker) hints(a *attributes) {
	if h := a.hint(""); h.history {
		w.page.endLine()
		w.page.next |= history
	}
}

func (w *walker) rule(a *attributes) {
	now := w.now()
	if now.hidden() || a.style().hidden() {
		return
	}
	w.hints(a)
	w.page.end(1)
	w.page.write(strings.Repeat("_", 32), now)
	w.page.end(1)
}

func (w *walker) picture(a *attributes) {
	now := w.now()
	if alt := strings.TrimSpace(a.alt); alt != "" && !now.hidden() && !a.style().hidden() {
		alt = strings.ToValidUTF8(alt, "\uFFFD")
		if w.link != nil && w.link.text.Len() < maxHref {
			w.link.text.WriteString(alt)
		}
		if w.page.write("["+alt+"]", now) {
			w.atFirstLine()
		}
	}
}

func (w *walker) endLink() {
	l := w.link
	if l == nil {
		return
	}
	w.link = nil
	if text := strings.TrimSpace(l.text.String()); text != "" && !sameLink(text, l.href) {
		w.page.suffix(l.href, w.now())
	}
}
