package mail

import (
	"html"
	"slices"
	"strings"
)

// A body is a piece of the mail that people read: as plain text, as HTML, or the same as both.
type body struct{ text, html string }

func (b body) empty() bool { return strings.TrimSpace(b.text) == "" && b.html == "" }

// walk reads e, which stands in a multipart of type in ("" for the whole mail): leaves that are no text become Parts, the
// others are given back in order.
func (r *reader) walk(e entity, in string, depth int) []body {
	if inner, ok := r.open(e); ok && depth < r.limits.Depth {
		return r.walk(inner, in, depth+1)
	}
	if !strings.HasPrefix(e.media.name, "multipart/") {
		return r.leaf(e, in)
	}
	if depth >= r.limits.Depth {
		r.mail.problem(tooDeep)
		r.part(e, in)
		return nil
	}
	if e.media.name == "multipart/encrypted" {
		r.mail.problem(notOpened)
	}
	pieces, problems := splitParts(e.body, e.media.params["boundary"], r.limits.Parts-r.entities)
	for _, p := range problems {
		r.mail.problem(p)
	}
	if pieces == nil {
		e.media.name = "text/plain"
		return r.leaf(e, in)
	}
	fallback := "text/plain"
	if e.media.name == "multipart/digest" {
		fallback = "message/rfc822"
	}
	kind := e.media.name
	var alternatives [][]body
	var all []body
	root := -1
	if kind == "multipart/related" {
		root = r.root(pieces, e.media.params["start"])
	}
	for i, piece := range pieces {
		if r.entities++; r.entities > r.limits.Parts {
			r.mail.problem(tooManyParts)
			break
		}
		part := r.entity(piece, fallback, true)
		boundary := part.media.params["boundary"]
		if strings.HasPrefix(part.media.name, "multipart/") && boundary != "" && boundary == e.media.params["boundary"] {
			r.mail.problem(boundaryShared) // its parts are ours: what follows is of its kind
			kind = part.media.name
			continue
		}
		around := kind
		if i == root && isWords(part) {
			around = "" // it is the mail itself, whatever name it has (RFC 2387 §3.2)
		}
		found := r.walk(part, around, depth+1)
		alternatives = append(alternatives, found)
		all = append(all, found...)
	}
	if kind == "multipart/alternative" {
		return choose(alternatives)
	}
	return all
}

// choose makes one body of several that say the same: the first that has text, the last that has HTML (RFC 2046 §5.1.4:
// the last is the richest).
func choose(alternatives [][]body) []body {
	var b body
	for _, bodies := range alternatives {
		text, html := join(bodies)
		if b.text == "" && strings.TrimSpace(text) != "" {
			b.text = text
		}
		if html != "" {
			b.html = html
		}
	}
	if b.empty() {
		return nil
	}
	return []body{b}
}

// root is the piece of a multipart/related that the others belong to: the one that start names, else the first.
func (r *reader) root(pieces [][]byte, start string) int {
	if start != "" {
		for i, piece := range pieces[:min(len(pieces), 20)] {
			h := header{limit: 16 << 10, onlyContent: true}
			h.read(piece)
			if id := (entity{fields: h.fields}).get("Content-ID"); strings.Trim(id, "<> ") == strings.Trim(start, "<> ") {
				return i
			}
		}
	}
	return 0
}

// open gives what is in a part that is signed and not encrypted.
func (r *reader) open(e entity) (inner entity, ok bool) {
	if !isCMS(e) || r.entities >= r.limits.Parts {
		return entity{}, false
	}
	data, cut, _ := decodeTransfer(e.body, e.encoding, r.left)
	content, ok := signedContent(data)
	if cut || !ok {
		return entity{}, false
	}
	r.left -= len(data)
	r.entities++
	r.mail.problem(notChecked)
	return r.entity(content, "text/plain", true), true
}

// leaf reads one that has no parts.
func (r *reader) leaf(e entity, in string) []body {
	if !isText(e, in) {
		if isWords(e) && r.aside == nil && e.disposition.name != "attachment" {
			r.aside, r.asideAt = &e, len(r.mail.Parts)
		}
		r.part(e, in)
		return nil
	}
	return r.text(e)
}

// onlyWords gives the first text that was taken for a file, when there is nothing else to read.
func (r *reader) onlyWords(bodies []body) []body {
	if r.aside == nil || slices.ContainsFunc(bodies, func(b body) bool { return !b.empty() }) {
		return bodies
	}
	r.mail.Parts = slices.Delete(r.mail.Parts, r.asideAt, r.asideAt+1)
	return r.text(*r.aside)
}

// text reads one that people read in the mail itself.
func (r *reader) text(e entity) []body {
	isHTML := e.media.name == "text/html"
	limit := &r.leftText
	if isHTML {
		limit = &r.leftHTML
	}
	data, cut, problem := decodeTransfer(e.body, e.encoding, min(*limit, r.left))
	r.left -= len(data)
	r.mail.problem(problem)
	charset, _, _ := strings.Cut(e.media.params["charset"], " ")
	if charset == "" && isHTML {
		charset = metaCharset(data)
	}
	text, problem := decodeText(data, charset)
	r.mail.problem(problem)
	text = cleanText(text)
	if cut || len(text) > *limit {
		r.mail.problem(textTooLong)
		text = cutText(text, *limit)
	}
	*limit -= len(text)
	if isHTML {
		return []body{{html: text}}
	}
	if strings.EqualFold(e.media.params["format"], "flowed") {
		text = unflow(text, strings.EqualFold(e.media.params["delsp"], "yes"))
	}
	return []body{{text: text}}
}

// maxShown is how large a text with a file's name may be to be read in the mail itself.
const maxShown = 64 << 10

// isText tells what people read in the mail itself from what they open: a text that is called an attachment, or has a
// file's name and is neither an alternative nor to be shown at once (RFC 2183 §2.1), is a file.
func isText(e entity, in string) bool {
	switch {
	case !isWords(e) || e.disposition.name == "attachment":
		return false
	case in == "multipart/alternative" || in == "" || givenName(e) == "":
		return true
	}
	return e.disposition.name == "inline" && in != "multipart/related" && len(e.body) <= maxShown
}

// isWords tells the types that people read.
func isWords(e entity) bool {
	switch e.media.name {
	case "text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown", "text/x-markdown":
		return true
	}
	return false
}

// part keeps a leaf as one of the mail's parts.
func (r *reader) part(e entity, in string) {
	switch e.media.name {
	case "text/x-amp-html", "text/watch-html":
		if in == "multipart/alternative" {
			return // the same once more, for programs that are not ours
		}
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		r.mail.problem(notOpened)
	case "message/partial", "message/external-body":
		r.mail.problem(partElsewhere)
	}
	data, cut, problem := decodeTransfer(e.body, e.encoding, r.left)
	r.left -= len(data)
	r.mail.problem(problem)
	if cut {
		r.mail.problem(tooLarge)
	}
	p := Part{Type: e.media.name, Params: e.media.params, Data: data}
	p.Name = r.partName(e, data)
	p.ContentID = strings.Trim(cleanLine(e.get("Content-ID")), "<> ")
	p.Inline = e.disposition.name == "inline" ||
		in == "multipart/related" && p.ContentID != "" && e.disposition.name != "attachment"
	r.mail.Parts = append(r.mail.Parts, p)
}

// compose makes Text and HTML of the bodies.
func (r *reader) compose(bodies []body) {
	m := r.mail
	m.Text, m.HTML = join(bodies)
	for _, b := range bodies {
		if strings.TrimSpace(b.text) == "" && showsText(b.html) {
			m.Text = "" // the plain parts are not all there is to read
		}
	}
	m.Text = strings.Trim(m.Text, "\n")
	if strings.TrimSpace(m.Text) == "" {
		m.Text = ""
	}
	if len(m.Text) > r.limits.Text {
		m.problem(textTooLong)
		m.Text = cutText(m.Text, r.limits.Text)
	}
	if len(m.HTML) > r.limits.HTML {
		m.problem(textTooLong)
		m.HTML = cutText(m.HTML, r.limits.HTML)
	}
}

// join gives the plain texts one after the other, and the HTML texts with the plain ones that stand beside them.
func join(bodies []body) (plain, rich string) {
	if len(bodies) == 1 {
		return bodies[0].text, bodies[0].html
	}
	var text, page strings.Builder
	sizeText, sizeHTML := 0, 0
	for _, b := range bodies {
		sizeText += len(b.text) + 1
		sizeHTML += len(b.html)
	}
	text.Grow(sizeText)
	page.Grow(sizeHTML)
	for _, b := range bodies {
		if strings.TrimSpace(b.text) != "" {
			if text.Len() > 0 && !strings.HasSuffix(text.String(), "\n") {
				text.WriteByte('\n')
			}
			text.WriteString(b.text)
		}
		switch {
		case b.html != "":
			page.WriteString(b.html)
		case sizeHTML > 0 && strings.TrimSpace(b.text) != "":
			page.WriteString("\n<pre>" + html.EscapeString(b.text) + "</pre>\n")
		}
	}
	return text.String(), page.String()
}

// showsText tells whether an HTML text has any letter outside its tags: Apple Mail puts empty pages between attachments.
func showsText(page string) bool {
	for page != "" {
		text, rest, found := strings.Cut(page, "<")
		for text = strings.TrimSpace(text); strings.HasPrefix(text, "&nbsp;"); text = strings.TrimSpace(text) {
			text = text[len("&nbsp;"):]
		}
		if text != "" {
			return true
		}
		if !found {
			return false
		}
		if _, page, found = strings.Cut(rest, ">"); !found {
			return false
		}
	}
	return false
}
