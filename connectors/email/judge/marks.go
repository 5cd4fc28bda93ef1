package judge

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"loket/connectors/email/mail"
	"loket/internal/lazy"
	"loket/internal/message"
)

// The marks are warnings for whoever reads the mail. Their words are promised: rules and programs may compare them.
const (
	MarkSeveralFrom = "several senders in From"
	MarkNoFrom      = "no sender in From"
	MarkReplyTo     = "reply-to elsewhere"           // answers would go to another organisation than the sender's, or to another mailbox where everybody may have one
	MarkSender      = "sent by somebody else"        // Sender is of another organisation than From
	MarkNameAddress = "name shows another address"   // "ceo@ours.example" <x@elsewhere.example>
	MarkNameOurs    = "name is one of ours"          // the name looks like us, the address is not ours
	MarkNameHidden  = "name hides characters"        // it turns the direction of writing
	MarkLookalike   = "address looks like another"   // letters of several scripts, nearly a domain of ours, an address before the @
	MarkDMARC       = "dmarc failed"                 // our own server says so
	MarkForwarded   = "forwarded by somebody else"   // see Forwarded
	MarkOurAddress  = "our address, but not from us" // an address of ours in From, or of a form of ours, that is not attested
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
	form := own.fromForm(m)
	senders := m.From
	if form { // the visitors may call themselves anything
		senders = append(slices.Clone(senders), own.visitor(m)...)
	}
	for i, a := range senders[:min(len(senders), maxSenders)] {
		name := head(a.Name, maxLine)
		_, domain := split(a.Addr)
		// Of our own addresses silence is enough: only what our server vouches for is from us. Colleagues write by it as well,
		// and of those it often says nothing.
		add(MarkOurAddress, v.Level < message.Attested && (own.has(a.Addr) || form && i == 0 || own.hasDomain(domain) && v.DMARC != ""))
		add(MarkNameAddress, showsAnother(name, a.Addr))
		add(MarkNameOurs, own.impersonated(name, a.Addr))
		add(MarkNameHidden, strings.ContainsFunc(name, turns))
		add(MarkLookalike, isMixed(head(a.Addr, maxLine)) || own.resembled(domain) || hidesAnother(a.Addr))
	}
	for _, a := range m.ReplyTo[:min(len(m.ReplyTo), maxSenders)] {
		add(MarkLookalike, hidesAnother(a.Addr))
	}
	add(MarkReplyTo, !form && elsewhere(m.ReplyTo, m.From, own)) // the visitor's is where a form's answers go
	add(MarkSender, elsewhere(m.Sender, m.From, own))
	_, forwarded := Forwarded(m)
	add(MarkForwarded, forwarded)
	return marks
}

// elsewhere tells whether an address of list is of another organisation than all of from. Ours is not elsewhere.
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
			if message.IsPublicMail(ascii(d)) {
				return sameMailbox(f.Addr, a.Addr)
			}
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
	for _, shown := range addressesIn(aroundAt.Get().ReplaceAllString(strings.ReplaceAll(asSeen(name), `\`, ""), "@"), 10) {
		if !strings.EqualFold(shown, strings.TrimSpace(addr)) {
			return true
		}
	}
	return false
}

// aroundAt is what keeps a program, and no reader, from seeing an address.
var aroundAt = lazy.Compile(`(?i)\s*(@|\(at\)|\[at\])\s*`)

// asSeen is a text with one form for each character that looks the same, such as ＠ and @, and without those that leave no mark.
func asSeen(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(head(s, maxLine)))
}

// hidesAnother tells whether an address shows another before its last @, where people stop reading:
// "kate@bank.example"@evil.example, kate%bank.example@evil.example.
func hidesAnother(addr string) bool {
	local, domain := split(head(addr, maxLine))
	local = asSeen(mail.DecodeWords(unquote(local)))
	return domain != "" && (strings.Contains(local, "@") || routed.MatchString(local))
}

// routed is how mail was once sent by another host.
var routed = lazy.Compile(`^[^%]+%[\pL\pN-]+(\.[\pL\pN-]+)+$`)

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
