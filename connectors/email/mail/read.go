package mail

import (
	"bytes"
	"strings"
)

// Read reads a mail as it came, within limits. It never fails: what could not be read stands in Problems, and Lost tells
// when the original shows more. The same bytes always give the same Mail. Parts may share memory with raw, which
// must not be changed afterwards. Mails within a mail (message/rfc822) are parts and not descended into.
//
// Time and memory grow in proportion to the length of raw, whatever it holds: with DefaultLimits, a mail of 30 MB makes it
// allocate less than 100 MB.
func Read(raw []byte, limits Limits) *Mail {
	r := &reader{limits: limits.orDefaults(), mail: &Mail{}, raw: raw}
	r.left, r.leftText, r.leftHTML = r.limits.Decoded, r.limits.Text, r.limits.HTML
	top := r.entity(startOfMail(raw), "text/plain", false)
	if len(top.fields) == 0 {
		r.mail.problem(noHeader)
	}
	r.describe(top)
	r.compose(r.onlyWords(r.walk(top, "", 0)))
	r.markInline()
	return r.mail
}

// A reader is one call of Read.
type reader struct {
	limits   Limits
	mail     *Mail
	raw      []byte
	entities int
	left     int // decoded bytes that still may come
	leftText int // bytes of plain text that still may come
	leftHTML int
	aside    *entity // the first text that was taken for a file, and where it stands in the mail's parts
	asideAt  int
}

// startOfMail leaves out what stands before the first field: byte order mark, empty lines, the line of an mbox. A mail
// that knows no line feeds (old Macs) gets them.
func startOfMail(raw []byte) []byte {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(raw, '\n') < 0 && bytes.IndexByte(raw, '\r') >= 0 {
		raw = bytes.Clone(raw)
		for i, c := range raw {
			if c == '\r' {
				raw[i] = '\n'
			}
		}
	}
	raw = bytes.TrimLeft(raw, "\r\n")
	if bytes.HasPrefix(raw, []byte("From ")) || bytes.HasPrefix(raw, []byte(">From ")) {
		if line, rest := cutLine(raw); fieldName(line) == nil {
			raw = rest
		}
	}
	return raw
}

// describe fills in what the header of the whole mail says.
func (r *reader) describe(top entity) {
	m := r.mail
	m.Type, m.Params = top.media.name, top.media.params
	m.Header = make(Header, 0, len(top.fields))
	for _, f := range top.fields {
		value, problem := decodeValue(f.value)
		if isTrace(f.name) {
			value, problem = cleanLine(f.value), ""
		}
		m.problem(problem)
		m.Header = append(m.Header, Field{Name: f.name, Value: value})
	}
	m.Subject = m.Header.Get("Subject")
	m.From = r.addresses(top, "From")
	m.Sender = r.addresses(top, "Sender")
	m.ReplyTo = r.addresses(top, "Reply-To")
	m.To = r.addresses(top, "To")
	m.Cc = r.addresses(top, "Cc")
	if len(top.all("From")) > 1 {
		m.problem(severalFrom)
	}
	if len(m.From) == 0 {
		m.problem(noFrom)
	}
	m.FromUnclear = fromUnclear(top, m)
	if paths := top.all("Return-Path"); len(paths) > 0 {
		if a, _ := parseAddresses(paths[0], 1); len(a) > 0 {
			m.ReturnPath = a[0].Addr
		}
		m.NullReturnPath = m.ReturnPath == ""
	}
	if ids := ParseIDs(m.Header.Get("Message-ID")); len(ids) > 0 {
		m.MessageID = ids[0]
	}
	m.InReplyTo = ParseIDs(strings.Join(m.Header.All("In-Reply-To"), " "))
	m.References = ParseIDs(strings.Join(m.Header.All("References"), " "))
	if m.Header.Has("Date") {
		date, ok := ParseDate(m.Header.Get("Date"))
		if m.Date = date; !ok {
			m.problem(dateUnreadable)
		}
	}
}

// addresses reads all fields of that name as one list.
func (r *reader) addresses(top entity, name string) []Address {
	var list []Address
	for _, value := range top.all(name) {
		more, problem := parseAddresses(value, r.limits.Addresses-len(list))
		list = append(list, more...)
		r.mail.problem(problem)
	}
	return list
}

// markInline marks the parts that the HTML shows.
func (r *reader) markInline() {
	byID := map[string][]int{}
	for i, p := range r.mail.Parts {
		if p.ContentID != "" {
			byID[p.ContentID] = append(byID[p.ContentID], i)
		}
	}
	if len(byID) == 0 {
		return
	}
	for rest := r.mail.HTML; ; {
		_, after, found := strings.Cut(rest, "cid:")
		if !found {
			return
		}
		end := strings.IndexAny(after, "\"'<> )\n\t")
		if end < 0 {
			end = len(after)
		}
		for _, i := range byID[after[:end]] {
			r.mail.Parts[i].Inline = true
		}
		rest = after[end:]
	}
}
