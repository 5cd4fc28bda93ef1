package quote

import (
	"strconv"
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
// bytes are read, the text ends at about MaxText with a line "[…]", and elements deeper than 256 count as part of the one around them.
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

// An element is one that is open.
type element struct {
	tag  string
	now  style
	hint hint

	ordered bool // of a list
	items   int
	cells   int // of a row: cells with text
	from    int // of a cell: the number of lines before it
}

// An anchor is the link that is open.
type anchor struct {
	href string
	text strings.Builder
}

func (w *walker) walk() {
	for !w.page.full() {
		switch w.z.Next() {
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

func (w *walker) push(tag string, a *attributes) {
	block := blocks[tag]
	if block > 0 {
		if tag == "table" || tag == "tr" {
			w.page.sep = false
		}
		if w.page.bullet != "" {
			block = 1
		}
		w.page.end(a.margin(block))
	}
	if len(w.open) == maxDepth {
		w.over++
		return
	}
	e := element{tag: tag, now: w.now().with(a), hint: a.hint(tag), from: len(w.page.lines)}
	switch tag {
	case "blockquote":
		w.page.endLine()
		if e.now.quote < maxQuoted {
			e.now.quote++
		}
	case "pre", "xmp", "plaintext", "listing", "textarea":
		e.now.pre = true
	case "svg", "math", "template", "xml", "select", "datalist", "canvas", "audio", "video":
		e.now.gone = true
	case "tr":
		w.page.newRow(e.now)
		e.from = len(w.page.lines)
	case "ul", "ol", "dir", "menu":
		e.ordered = tag == "ol"
		e.items = a.start
		if e.now.list < maxIndent {
			e.now.list++
		}
	case "li":
		w.bullet(e.now)
	case "td", "th":
		w.cell()
		e.from = len(w.page.lines)
	}
	w.enter(&e)
	w.count[tag]++
	w.open = append(w.open, e)
}

// enter applies what a mail program says with an element.
func (w *walker) enter(e *element) {
	h := &e.hint
	if *h == (hint{}) {
		return
	}
	w.page.endLine()
	if h.marks != 0 {
		e.now.marks |= h.marks
		if h.marks&earlier != 0 {
			e.now.quotedBy++
		}
	}
	if h.history {
		w.page.next |= history
	}
	if h.forward {
		w.page.next |= forwarded
	}
}

// bullet writes what stands before an item of a list.
func (w *walker) bullet(now style) {
	mark := "- "
	for i := len(w.open) - 1; i >= 0; i-- {
		e := &w.open[i]
		if e.tag == "ul" || e.tag == "ol" || e.tag == "dir" || e.tag == "menu" {
			if e.ordered {
				e.items++
				mark = strconv.Itoa(e.items) + ". "
			}
			break
		}
		if e.tag == "table" {
			break
		}
	}
	if !now.hidden() {
		w.page.bullet = mark
	}
}

// cell begins a cell of a table: on the line of the one before it, unless that has several lines.
func (w *walker) cell() {
	from := -1
	for i := len(w.open) - 1; i >= 0 && w.open[i].tag != "table"; i-- {
		if w.open[i].tag == "tr" {
			if w.open[i].cells > 0 {
				from = w.open[i].from
			}
			break
		}
	}
	if from >= 0 && w.page.begun() && len(w.page.lines) == from {
		w.page.separate()
		return
	}
	w.page.end(1)
}

// closeImplied closes what a start tag closes without saying so.
func (w *walker) closeImplied(tag string) {
	if w.over > 0 {
		return
	}
	switch tag {
	case "li":
		w.closeWithin("li", "ul", "ol", "table", "blockquote", "div")
	case "td", "th":
		w.closeWithin("td", "tr", "table")
		w.closeWithin("th", "tr", "table")
	case "tr":
		w.closeWithin("tr", "table")
	case "dt", "dd":
		w.closeWithin("dt", "dl", "table")
		w.closeWithin("dd", "dl", "table")
	}
	if blocks[tag] > 0 {
		w.closeWithin("p", "table", "td", "th", "div", "blockquote", "li", "button")
	}
}

// closeWithin closes the innermost open tag, if it stands inside all of the limits.
func (w *walker) closeWithin(tag string, limits ...string) {
	if w.count[tag] == 0 {
		return
	}
	for i := len(w.open) - 1; i >= 0; i-- {
		t := w.open[i].tag
		if t == tag {
			w.pop(i)
			return
		}
		for _, l := range limits {
			if t == l {
				return
			}
		}
	}
}

func (w *walker) end(tag string) {
	switch {
	case tag == "br":
		w.page.lineBreak(w.now())
		return
	case tag == "p" && w.count["p"] == 0 && w.over == 0:
		w.page.end(2)
		return
	case tag == "a":
		w.endLink()
	}
	if w.over > 0 {
		if tag != "html" && tag != "body" && tag != "head" {
			w.over--
			w.page.end(min(blocks[tag], 1))
		}
		return
	}
	if w.count[tag] == 0 {
		return
	}
	for i := len(w.open) - 1; i >= 0; i-- {
		t := w.open[i].tag
		if t == tag {
			w.pop(i)
			return
		}
		if bars(tag, t) {
			return
		}
	}
}

// bars tells whether an end tag finds nothing beyond an open element: the end of a font doesn't close a paragraph, nor
// that of a div the cell it is in.
func bars(ends, open string) bool {
	switch ends {
	case "table":
		return false
	case "tr", "tbody", "thead", "tfoot", "td", "th":
		return open == "table"
	}
	return open == "td" || open == "th" || open == "table" || blocks[ends] == 0 && blocks[open] > 0
}

// pop closes the elements from i on.
func (w *walker) pop(i int) {
	for n := len(w.open) - 1; n >= i; n-- {
		e := &w.open[n]
		if block := blocks[e.tag]; block > 0 {
			if e.tag == "table" || e.tag == "tr" {
				w.page.sep = false
			}
			w.page.end(min(block, e.now.margin))
		}
		if e.hint != (hint{}) || e.tag == "blockquote" {
			w.page.endLine()
		}
		if e.tag == "li" {
			w.page.bullet = ""
		}
		w.count[e.tag]--
		if w.count[e.tag] == 0 {
			delete(w.count, e.tag)
		}
		w.open = w.open[:n]
		if e.tag == "blockquote" {
			w.answered()
		}
	}
}

// answered ends the mark of a div around quotes at the end of its first quote: what comes after it there, outside of
// quotes, was written between them.
func (w *walker) answered() {
	for i := len(w.open) - 1; i >= 0; i-- {
		e := &w.open[i]
		if e.tag == "blockquote" {
			return
		}
		if !e.hint.around || e.now.marks&earlier == 0 {
			continue
		}
		for j := i; j < len(w.open); j++ {
			if n := &w.open[j].now; n.quotedBy > 0 {
				if n.quotedBy--; n.quotedBy == 0 {
					n.marks &^= earlier
				}
			}
		}
		e.hint.around = false
		return
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
