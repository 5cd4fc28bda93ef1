package quote

import "strconv"

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
		if e.now.marks&earlier == 0 && (e.hint == (hint{}) || e.hint.unsure) {
			e.now.marks |= boxed
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
			if !h.unsure {
				e.now.marks &^= boxed
			}
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
