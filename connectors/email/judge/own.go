// Package judge says what a mail is: whether a machine wrote it, what it reports of a mail of ours, how sure its sender
// is, and what an agent should be warned of. Every function is pure, takes time linear in the mail, may be called from
// several goroutines, and changes nothing that it is given.
package judge

import (
	"cmp"
	"slices"
	"strings"

	"loket/connectors/email/mail"
	"loket/internal/lazy"
)

// Own is what tells our own mail from that of others. The zero value knows nothing of ours; every part may be left out.
type Own struct {
	// Addresses are the bare addresses that customers write to. What they have before a + counts as they do.
	Addresses []string
	// Domains are those of our organisation: whoever calls themselves after them is looked at.
	Domains []string
	// Forms are the bare addresses from which forms on the web send what visitors fill in.
	Forms []string
	// Names are what we are called in the From of our mails.
	Names []string
	// MessageID tells whether an id, without angle brackets, is one that we gave out.
	MessageID func(id string) bool
	// Loop is the value of the X-Loop field that our mails carry.
	Loop string
	// Verp finds the Message-ID of our mail in the envelope address that it was sent with.
	Verp func(addr string) (id string, ok bool)
}

// OwnMail tells whether m is a mail of ours that came back: through a list, a forwarder or a copy to ourselves.
// Our address in From is not enough: anybody can write it, and so do colleagues in other mail programs.
// why says what gave it away.
func OwnMail(m *mail.Mail, own Own) (why string, ok bool) {
	if own.Loop != "" && slices.Contains(m.Header.All("X-Loop"), own.Loop) {
		return "our X-Loop", true
	}
	if own.sent(m.MessageID) {
		return "our Message-ID", true
	}
	return "", false
}

// has tells whether addr is one of ours, whatever it has after a +.
func (o Own) has(addr string) bool {
	local, domain := split(addr)
	if domain == "" {
		return false
	}
	local = unquote(local)
	for _, a := range o.Addresses {
		l, d := split(a)
		if (strings.EqualFold(l, local) || strings.EqualFold(l, untagged(local))) && sameDomain(d, domain) {
			return true
		}
	}
	return false
}

func (o Own) hasDomain(domain string) bool {
	return domain != "" && slices.ContainsFunc(o.Domains, func(d string) bool { return within(d, domain) })
}

func (o Own) sent(id string) bool {
	return id != "" && o.MessageID != nil && o.MessageID(id)
}

// answered tells whether m answers a mail of ours.
func (o Own) answered(m *mail.Mail) bool {
	return slices.ContainsFunc(m.InReplyTo, o.sent) || slices.ContainsFunc(m.References, o.sent)
}

// sameMailbox tells whether two addresses are one mailbox, whatever they have after a +.
func sameMailbox(a, b string) bool {
	x, xDomain := split(a)
	return Own{Addresses: []string{untagged(unquote(x)) + "@" + xDomain}}.has(b)
}

// untagged is the part before the @ without what it has after a +.
func untagged(local string) string {
	bare, _, _ := strings.Cut(local, "+")
	return cmp.Or(bare, local)
}

// unquote is the part before the @ as it would stand without quotes (RFC 5322 §3.4.1).
func unquote(local string) string {
	if len(local) < 2 || local[0] != '"' || local[len(local)-1] != '"' {
		return local
	}
	return escaped.Get().ReplaceAllString(local[1:len(local)-1], "$1")
}

var escaped = lazy.Compile(`\\(.)`)

// split cuts an address at its last @. Without one, domain is empty.
func split(addr string) (local, domain string) {
	addr = strings.TrimSpace(addr)
	at := strings.LastIndexByte(addr, '@')
	if at < 0 {
		return addr, ""
	}
	return addr[:at], strings.TrimSuffix(addr[at+1:], ".")
}
