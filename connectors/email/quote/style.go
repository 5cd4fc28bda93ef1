package quote

import (
	"strconv"
	"strings"
)

// A style is what holds for text inside an element, inherited from those around it.
type style struct {
	gone, invisible, tiny bool // not to be seen, in three ways: only the first can't be undone further in
	pre                   bool // line ends and blanks as they stand
	quote, list           int  // levels
	quotedBy              int  // elements around it that are marked as earlier mail
	margin                int  // 2 when a block has blank lines around it, else 1
	marks                 mark
}

func (s style) hidden() bool { return s.gone || s.invisible || s.tiny }

// with is the style inside an element with these attributes.
func (s style) with(a *attributes) style {
	own := a.style()
	s.gone = s.gone || own.gone
	s.margin = 2
	if a.flat() {
		s.margin = 1
	}
	for name, value := range declarations(a.css) {
		switch name {
		case "visibility":
			s.invisible = value == "hidden" || value == "collapse"
		case "font-size":
			s.tiny = zero(value)
		case "white-space":
			s.pre = strings.HasPrefix(value, "pre") && value != "pre-line"
		}
	}
	return s
}

// attributes are those of a start tag that matter.
type attributes struct {
	class, id, name, css, kind, href, alt, marker string
	start                                         int
	hidden, cite                                  bool
}

func (a *attributes) set(key string, value []byte) {
	const longest = 4096
	v := string(value[:min(len(value), longest)])
	switch key {
	case "class":
		a.class = strings.ToLower(v)
	case "id":
		a.id = strings.ToLower(v)
	case "name":
		a.name = strings.ToLower(v)
	case "style":
		a.css = strings.ToLower(v)
	case "type":
		a.kind = strings.ToLower(v)
	case "href":
		a.href = v
	case "alt":
		a.alt = v
	case "data-marker":
		a.marker = v
	case "start":
		if n, err := strconv.Atoi(v); err == nil && n > 0 && n < 1e6 {
			a.start = n - 1
		}
	case "hidden":
		a.hidden = true
	case "cite":
		a.cite = v != ""
	}
}

// style is what the element's own attributes hide.
func (a *attributes) style() style {
	s := style{gone: a.hidden}
	for name, value := range declarations(a.css) {
		switch name {
		case "display":
			s.gone = s.gone || value == "none"
		case "mso-hide":
			s.gone = s.gone || value == "all"
		case "opacity", "max-height":
			s.gone = s.gone || zero(value)
		case "visibility":
			s.invisible = value == "hidden"
		case "font-size":
			s.tiny = zero(value)
		}
	}
	return s
}

// flat tells whether a paragraph has no blank lines around it.
func (a *attributes) flat() bool {
	if strings.HasPrefix(a.class, "mso") || strings.HasPrefix(a.class, "x_mso") {
		return true
	}
	for name, value := range declarations(a.css) {
		if (name == "margin" || name == "margin-top") && zero(strings.SplitN(value, " ", 2)[0]) {
			return true
		}
	}
	return false
}

// margin is 1 when a block begins on a new line, 2 when below a blank one.
func (a *attributes) margin(block int) int {
	if a.flat() {
		return 1
	}
	return block
}

// declarations goes over the declarations of a style attribute.
func declarations(css string) func(yield func(name, value string) bool) {
	return func(yield func(name, value string) bool) {
		for d := range strings.SplitSeq(css, ";") {
			name, value, ok := strings.Cut(d, ":")
			value = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "!important"))
			if ok && !yield(strings.TrimSpace(name), value) {
				return
			}
		}
	}
}

// zero tells whether a length or number is nothing.
func zero(value string) bool {
	digits := strings.TrimRight(value, "abcdefghijklmnopqrstuvwxyz%")
	n, err := strconv.ParseFloat(digits, 64)
	return err == nil && n == 0
}

// blocks are the elements that begin on a new line (1) or below a blank one (2).
var blocks = map[string]int{
	"div": 1, "section": 1, "article": 1, "header": 1, "footer": 1, "main": 1, "nav": 1, "aside": 1, "address": 1, "center": 1,
	"blockquote": 1, "ul": 1, "ol": 1, "dir": 1, "menu": 1, "li": 1, "dl": 1, "dt": 1, "dd": 1, "pre": 1, "xmp": 1, "listing": 1,
	"form": 1, "fieldset": 1, "legend": 1, "figure": 1, "figcaption": 1, "details": 1, "summary": 1, "table": 1, "caption": 1,
	"tr": 1, "plaintext": 1, "option": 1,
	"p": 2, "h1": 2, "h2": 2, "h3": 2, "h4": 2, "h5": 2, "h6": 2,
}
