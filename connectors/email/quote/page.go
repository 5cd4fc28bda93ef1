package quote

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxQuoted = 8    // levels of quotes that are written
	maxIndent = 8    // levels of lists that are written
	maxHref   = 2048 // bytes of an address that are written
	lineCost  = 8    // bytes that a line counts beyond its text, so that many short ones are bounded too
)

// A page takes up text and gives lines. Breaks wait until text follows, so that a table cell can undo the one before it.
type page struct {
	lines  []line
	cur    []byte
	at     style // of the current line
	size   int
	wait   int  // 1: a new line, 2: a blank line before the next text
	space  bool // before the next text
	sep    bool // a cell of a table ended before the next text
	filler bool // the current line has blanks that want to be seen
	bullet string
	next   mark // for the next line with text
}

func (p *page) full() bool  { return p.size >= MaxText }
func (p *page) begun() bool { return len(p.cur) > 0 }

// write adds text and tells whether a cell's or a line's first text was in it.
func (p *page) write(s string, now style) (first bool) {
	for _, r := range s {
		switch {
		case r == '\n' && now.pre:
			p.lineBreak(now)
		case r == '\t' && now.pre, r == ' ' && now.pre:
			if p.open(now) {
				first = true
			}
			p.put(r)
		case r == 0xa0:
			p.breakLine(now)
			p.filler, p.space = true, true
		case unicode.IsSpace(r):
			p.space = true
		case r == 0x200b, r == 0xfeff, r == 0xad, r == 0x034f, unicode.IsControl(r):
		default:
			if p.open(now) {
				first = true
			}
			p.put(r)
		}
	}
	return first
}

func (p *page) put(r rune) { p.cur = utf8.AppendRune(p.cur, r) }

// open makes ready for a character, and tells whether it is the first of a line or of a cell.
func (p *page) open(now style) (first bool) {
	p.breakLine(now)
	switch {
	case p.sep && len(p.cur) > 0:
		p.cur = append(p.cur, " | "...)
		first = true
	case len(p.cur) == 0:
		first = true
		p.at = now
		p.begin(now)
	case p.space && !now.pre:
		p.cur = append(p.cur, ' ')
	}
	p.sep, p.space = false, false
	return first
}

// breakLine makes the break that waits.
func (p *page) breakLine(now style) {
	if p.wait == 0 {
		return
	}
	blank := p.wait == 2
	p.flush()
	if blank {
		p.blank(min(p.at.quote, now.quote))
	}
}

// begin writes what stands before the first text of a line.
func (p *page) begin(now style) {
	for range now.quote {
		p.cur = append(p.cur, "> "...)
	}
	if now.list == 0 && p.bullet == "" {
		return
	}
	for range now.list - 1 {
		p.cur = append(p.cur, "  "...)
	}
	if p.bullet == "" {
		p.cur = append(p.cur, "  "...)
	}
	p.cur = append(p.cur, p.bullet...)
	p.bullet = ""
}

// end asks for a new line (1) or a blank one (2) before the next text.
func (p *page) end(kind int) {
	if !p.sep {
		p.wait = max(p.wait, kind)
	}
}

// endLine ends the line and keeps the break that waits.
func (p *page) endLine() {
	wait := p.wait
	p.flush()
	p.wait = wait
}

// newRow makes the break that waits and ends the line.
func (p *page) newRow(now style) {
	p.breakLine(now)
	p.flush()
}

// separate puts the next text into a new cell of the same row.
func (p *page) separate() { p.wait, p.sep, p.space, p.filler = 0, true, false, false }

// lineBreak ends the line, or gives a blank one when there is nothing on it.
func (p *page) lineBreak(now style) {
	if len(p.cur) > 0 && p.wait == 0 {
		p.flush()
		return
	}
	p.flush()
	p.blank(min(p.at.quote, now.quote))
}

// flush ends the current line.
func (p *page) flush() {
	filler, space := p.filler, p.space
	p.wait, p.space, p.sep, p.filler = 0, false, false, false
	if len(p.cur) == 0 {
		if filler {
			p.blank(p.at.quote)
		}
		return
	}
	text := strings.TrimRight(string(p.cur), " \t")
	if text == "--" && space {
		text = "-- "
	}
	p.cur = p.cur[:0]
	p.add(p.mark(newLine(text, p.at.marks|p.next)))
}

// mark takes a forwarded mail for what it is where a program marks it like an answered one.
func (p *page) mark(l line) line {
	p.next = 0
	if l.marks&earlier == 0 || separator(strings.TrimLeft(l.plain, "> ")) != turnsToForward {
		return l
	}
	if n := lastFilled(p.lines); n == 0 || p.lines[n-1].marks&earlier == 0 {
		l.marks = forwarded
	}
	return l
}

// blank adds a blank line, unless there is one.
func (p *page) blank(quote int) {
	if n := len(p.lines); n == 0 || p.lines[n-1].blank || strings.Trim(p.lines[n-1].text, "> ") == "" {
		return
	}
	p.add(newLine(strings.TrimRight(strings.Repeat("> ", quote), " "), 0))
}

func (p *page) add(l line) {
	p.size += len(l.text) + lineCost
	p.lines = append(p.lines, l)
}

// suffix puts the address of a link behind its text.
func (p *page) suffix(href string, now style) {
	if len(p.cur) == 0 {
		p.write(href, now)
		return
	}
	p.cur = append(p.cur, " ("...)
	p.cur = append(p.cur, href...)
	p.cur = append(p.cur, ')')
}

// shownHref is the address of a link as people see it; "" for one that leads nowhere or runs something.
func shownHref(href string) string {
	href = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.IsSpace(r) || !utf8.ValidRune(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(href, ""))
	scheme, rest, ok := strings.Cut(href, ":")
	if !ok || rest == "" {
		return ""
	}
	switch strings.ToLower(scheme) {
	case "mailto", "tel":
		href = rest
	case "http", "https":
	default:
		return ""
	}
	if len(href) > maxHref {
		href = strings.ToValidUTF8(href[:maxHref], "") + "…"
	}
	return href
}

// sameLink tells whether the text of a link is its address.
func sameLink(text, href string) bool {
	bare := func(s string) string {
		s = strings.ToLower(strings.TrimSpace(s))
		for _, p := range [...]string{"mailto:", "tel:", "https://", "http://", "www."} {
			s = strings.TrimPrefix(s, p)
		}
		return strings.TrimRight(s, "/")
	}
	t, h := bare(text), bare(href)
	if t == h {
		return true
	}
	digits := func(s string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(" -().", r) {
				return -1
			}
			return r
		}, s)
	}
	return t != "" && digits(t) == digits(h)
}
