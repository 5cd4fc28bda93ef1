package mail

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// An entity is a mail or a part of one: a header and a body.
type entity struct {
	fields      []rawField
	media       media
	disposition media
	encoding    string
	body        []byte // still encoded
}

// A rawField is unfolded, but not decoded: what is structure and what is text can still be told apart.
type rawField struct {
	name, value string
	guessed     bool // its bytes are no UTF-8, and others may read even its quotes otherwise
}

func (e entity) get(name string) string {
	for _, f := range e.fields {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

func (e entity) all(name string) []string {
	var values []string
	for _, f := range e.fields {
		if strings.EqualFold(f.name, name) {
			values = append(values, f.value)
		}
	}
	return values
}

// entity splits raw into header and body. fallback is the media type when none is given. Of a part, only the fields that
// tell about its content are kept.
func (r *reader) entity(raw []byte, fallback string, isPart bool) entity {
	h := header{limit: r.limits.Header, onlyContent: isPart}
	body := h.read(raw)
	h.decode(r.raw)
	e := entity{body: body, fields: h.fields}
	for _, p := range h.problems {
		r.mail.problem(p)
	}
	e.media = parseMedia(e.get("Content-Type"))
	e.disposition = parseMedia(e.get("Content-Disposition"))
	if e.media.name == "" {
		e.media.name = fallback
	}
	e.media.name = knownType(e, isPart)
	e.encoding, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(e.get("Content-Transfer-Encoding"))), " ")
	e.encoding = strings.Trim(e.encoding, `;"'`)
	return e
}

// A header is being read.
type header struct {
	limit       int
	onlyContent bool // keep only Content-…
	fields      []rawField
	problems    []string
}

// read takes the fields off the front of raw and gives the rest, the body. A line that is no field belongs to the field
// before it when another field follows, and begins the body when none does (somebody forgot the empty line).
func (h *header) read(raw []byte) (body []byte) {
	block, body := cutHeader(raw)
	if len(block) > h.limit {
		h.problems = append(h.problems, headerTooLong)
		block = block[:h.limit]
		block = block[:bytes.LastIndexByte(block, '\n')+1]
	}
	last := -2 // not looked for yet
	var name, value []byte
	flush := func() {
		if name != nil {
			h.add(name, value)
		}
		name, value = nil, nil
	}
	for rest, at := block, 0; len(rest) > 0; {
		line, after := cutLine(rest)
		here := at
		at += len(rest) - len(after)
		rest = after
		switch next := fieldName(line); {
		case line[0] == ' ' || line[0] == '\t':
			if name == nil {
				h.note(headerBroken)
			}
			value = appendFold(value, line)
		case next != nil:
			flush()
			name = next
			value = bytes.TrimSpace(line[bytes.IndexByte(line, ':')+1:])
			value = value[:len(value):len(value)] // what is folded onto it must not be written over the mail
		default:
			if last == -2 {
				last = lastField(block)
			}
			if here > last && !isMultipart(h.fields, name, value) {
				h.note(headerRunsOn)
				flush()
				return raw[here:]
			}
			h.note(headerBroken)
			if !isTrace(string(name)) { // nobody else's line becomes part of what our own server wrote
				value = appendFold(value, line)
			}
		}
	}
	flush()
	return body
}

func (h *header) note(problem string) {
	if !slices.Contains(h.problems, problem) {
		h.problems = append(h.problems, problem)
	}
}

func (h *header) add(name, value []byte) {
	const content = "Content-"
	if h.onlyContent && (len(name) < len(content) || !strings.EqualFold(string(name[:len(content)]), content)) {
		return
	}
	h.fields = append(h.fields, rawField{name: string(name), value: string(value)})
}

// decode makes UTF-8 of fields that are none: in the charset that the mail names first when all can be in it, or that all
// together look like, else windows-1252 for each.
func (h *header) decode(mail []byte) {
	var all []byte
	for i, f := range h.fields {
		if !utf8.ValidString(f.value) || strings.Contains(f.value, "\x1b$") {
			h.fields[i].guessed = true
			all = append(append(all, f.value...), '\n')
		}
	}
	if all == nil {
		return
	}
	h.note(headerNotUTF8)
	named := charsetOf(firstCharset(mail))
	if named != nil && !named.western {
		if _, whole := named.text(all); !whole {
			named = nil
		}
	}
	if named == nil || named.western {
		named = looksLike(all)
	}
	if named != nil {
		h.note(charsetGuessed)
	}
	for i, f := range h.fields {
		if !f.guessed {
			continue
		}
		text, whole := "", false
		if named != nil {
			text, whole = named.text([]byte(f.value))
		}
		if !whole {
			text, _ = guessText([]byte(f.value))
		}
		h.fields[i].value, h.fields[i].guessed = text, named != nil && !named.single
	}
}

// firstCharset is the label that a mail names first, in lower case.
func firstCharset(mail []byte) string {
	mail = bytes.ToLower(mail[:min(len(mail), 64<<10)])
	_, after, found := bytes.Cut(mail, []byte("charset="))
	if !found {
		return ""
	}
	after = bytes.TrimLeft(after, `"' `)
	if end := bytes.IndexAny(after, "\"' ;\r\n\t"); end >= 0 {
		after = after[:end]
	}
	return string(after[:min(len(after), 64)])
}

func appendFold(value, line []byte) []byte {
	line = bytes.TrimSpace(line)
	if len(value) > 0 && len(line) > 0 {
		value = append(value, ' ')
	}
	return append(value, line...)
}

// isMultipart tells whether the header so far, with the field that is being read, says multipart: text before the first
// boundary would be lost, so a line that is no field stays in the header.
func isMultipart(fields []rawField, name, value []byte) bool {
	const multi = "multipart/"
	is := func(name, value string) bool {
		return strings.EqualFold(name, "Content-Type") && len(value) > len(multi) && strings.EqualFold(value[:len(multi)], multi)
	}
	for _, f := range fields {
		if is(f.name, f.value) {
			return true
		}
	}
	return is(string(name), string(value))
}

// cutHeader finds the first empty line. Without one, all is header.
func cutHeader(raw []byte) (block, body []byte) {
	for at := 0; at < len(raw); {
		line, rest := cutLine(raw[at:])
		if len(line) == 0 {
			return raw[:at], rest
		}
		at = len(raw) - len(rest)
	}
	return raw, nil
}

// lastField gives where the last line of block begins that is a field or folded, -1 when there is none.
func lastField(block []byte) int {
	last, inField := -1, false
	for at := 0; at < len(block); {
		line, rest := cutLine(block[at:])
		switch folded := line[0] == ' ' || line[0] == '\t'; {
		case fieldName(line) != nil:
			last, inField = at, true
		case folded && inField:
			last = at
		case !folded:
			inField = false
		}
		at = len(block) - len(rest)
	}
	return last
}

// cutLine cuts off the first line, without its end: LF, CR LF, or CR CR LF as some gateways write.
func cutLine(b []byte) (line, rest []byte) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		i = len(b)
	}
	line, rest = b[:i], b[min(i+1, len(b)):]
	for len(line) > 0 && line[len(line)-1] == '\r' {
		line = line[:len(line)-1]
	}
	return line, rest
}

// fieldName gives the name that line begins with, nil when it begins with none (RFC 5322 §2.2). White space before the colon
// is let through.
func fieldName(line []byte) []byte {
	colon := bytes.IndexByte(line[:min(len(line), 160)], ':')
	if colon <= 0 {
		return nil
	}
	name := line[:colon]
	for len(name) > 0 && (name[len(name)-1] == ' ' || name[len(name)-1] == '\t') {
		name = name[:len(name)-1]
	}
	for _, c := range name {
		if c <= ' ' || c > '~' {
			return nil
		}
	}
	if len(name) == 0 {
		return nil
	}
	return name
}
