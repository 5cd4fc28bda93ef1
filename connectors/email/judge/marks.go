package judge

import (
	"slices"
	"strings"

	"loket/connectors/email/mail"
	"loket/internal/message"
)

// The marks are warnings for whoever reads the mail. Their words are promised: rules and programs may compare them.
const (
	MarkSeveralFrom = "several senders in From"
	MarkNoFrom      = "no sender in From"
	MarkReplyTo     = "reply-to elsewhere"           // answers would go to another house than the sender's
	MarkSender      = "sent by somebody else"        // Sender is of another house than From
	MarkNameAddress = "name shows another address"   // "ceo@ours.example" <x@elsewhere.example>
	MarkNameOurs    = "name is one of ours"          // the name looks like us, the address is not ours
	MarkNameHidden  = "name hides characters"        // it turns the direction of writing
	MarkLookalike   = "address looks like another"   // letters of several scripts, or nearly a domain of ours
	MarkDMARC       = "dmarc failed"                 // our own server says so
	MarkForwarded   = "forwarded by somebody else"   // see Forwarded
	MarkOurAddress  = "our address, but not from us" // an address of ours in From that is not attested
)

// Marks gives what whoever reads m should be warned of, each once, in a fixed order. v is what Trust said of it.
func Marks(m *mail.Mail, own Own, v Verdict) []string {
	var marks []string
	add := func(mark string, is bool) {
		if is && !slices.Contains(marks, mark) {
			marks = append(marks, mark)
		}
	}
	add(MarkSeveralFrom, len(m.From) > 1 || len(m.Header.All("From")) > 1)
	add(MarkNoFrom, len(m.From) == 0)
	add(MarkDMARC, v.DMARC == "fail")
	for _, a := range m.From[:min(len(m.From), maxSenders)] {
		name := head(a.Name, maxLine)
		_, domain := split(a.Addr)
		add(MarkOurAddress, (own.has(a.Addr) || own.hasDomain(domain)) && v.Level < message.Attested && v.DMARC != "")
		add(MarkNameAddress, showsAnother(name, a.Addr))
		add(MarkNameOurs, own.impersonated(name, a.Addr))
		add(MarkNameHidden, strings.ContainsFunc(name, turns))
		add(MarkLookalike, isMixed(head(a.Addr, maxLine)) || own.resembled(domain))
	}
	add(MarkReplyTo, elsewhere(m.ReplyTo, m.From, own))
	add(MarkSender, elsewhere(m.Sender, m.From, own))
	_, forwarded := Forwarded(m)
	add(MarkForwarded, forwarded)
	return marks
}

// elsewhere tells whether an address of list is of another house than all of from. Ours is not elsewhere.
func elsewhere(list, from []mail.Address, own Own) bool {
	if len(from) == 0 {
		return false
	}
	for _, a := range list[:min(len(list), maxSenders)] {
		_, domain := split(a.Addr)
		if domain == "" || own.has(a.Addr) {
			continue
		}
		near := func(f mail.Address) bool {
			_, d := split(f.Addr)
			return sameHouse(d, domain)
		}
		if !slices.ContainsFunc(from[:min(len(from), maxSenders)], near) {
			return true
		}
	}
	return false
}

// showsAnother tells whether a name contains an address, and not the one that it belongs to.
func showsAnother(name, addr string) bool {
	for _, shown := range addressesIn(name, 10) {
		if !strings.EqualFold(shown, strings.TrimSpace(addr)) {
			return true
		}
	}
	return false
}

// impersonated tells whether a name is ours, or shows a domain of ours, while the address is not.
func (o Own) impersonated(name, addr string) bool {
	_, domain := split(addr)
	if name == "" || o.has(addr) || o.hasDomain(domain) {
		return false
	}
	seen := squeeze(name)
	if slices.ContainsFunc(o.Names, func(n string) bool { return squeeze(n) == seen && seen != "" }) {
		return true
	}
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return strings.ContainsRune(" <>()[],;:\"'|/@", r) }) {
		if strings.Contains(word, ".") && o.hasDomain(strings.Trim(word, ".")) {
			return true
		}
	}
	return false
}

func squeeze(s string) string { return skeleton(strings.Join(strings.Fields(s), " ")) }

// turns tells whether r turns the direction of what follows it.
func turns(r rune) bool { return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 }
