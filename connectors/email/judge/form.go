package judge

import (
	"slices"
	"strings"

	"loket/connectors/email/mail"
	"loket/internal/lazy"
	"loket/internal/message"
)

// fromForm tells whether m is what a form on the web sent, as far as its From says: one of own.Forms and nobody else.
// Anybody can write that address too, so what follows from it may be no more than anybody could claim.
func (o Own) fromForm(m *mail.Mail) bool {
	return len(m.From) == 1 && len(m.Header.All("From")) <= 1 && m.Type != "multipart/report" && o.isForm(m.From[0].Addr)
}

func (o Own) isForm(addr string) bool { return Own{Addresses: o.Forms}.has(addr) }

// visitor gives who filled in the form that sent m: Reply-To, or without any the address that the text names as theirs.
// None when the form does not say.
func (o Own) visitor(m *mail.Mail) []mail.Address {
	named := slices.Clone(m.ReplyTo)
	if len(named) == 0 {
		if addr := answerTo(m.Text, formEmail); addr != "" {
			named = []mail.Address{{Addr: firstAddress(addr)}}
		}
	}
	return slices.DeleteFunc(named, func(a mail.Address) bool { return o.has(a.Addr) || o.isForm(a.Addr) })
}

// visitorIdentifiers are the visitor's, as claims, and the name that they gave. ok is false when m is no form's, or does not
// say who filled it in.
func visitorIdentifiers(m *mail.Mail, own Own) (ids []message.Identifier, name string, ok bool) {
	if !own.fromForm(m) {
		return nil, "", false
	}
	ids, name = identifiers(own.visitor(m), message.Claimed)
	if name == "" {
		name = message.CleanLine(head(answerTo(m.Text, formName), maxLine))
	}
	return ids, name, len(ids) > 0
}

// What forms call the fields in which people say who they are, in the languages of our customers.
var (
	formEmail = lazy.Compile(`(?i)^((your|uw|je|ihre?|votre|tu|su|la tua) )?(e-?mail|email|mail)[- ]?(address|adres|adresse)?$|^(adresse (e-?mail|électronique)|courriel|correo( electrónico)?|indirizzo e-?mail)$`)
	formName  = lazy.Compile(`(?i)^((your|uw|je|ihre?|votre|tu|su|il tuo|full|volledige|vollständiger) )?(name|naam|nom|nombre|nome)$`)
)

// maxFormLines is how far down a text a form says who filled it in.
const maxFormLines = 60

// answerTo is what a text of lines such as "Name: Nina" says to the first that field matches.
func answerTo(text string, field lazy.Regexp) string {
	n := 0
	for line := range strings.Lines(head(text, maxField)) {
		if n++; n > maxFormLines {
			break
		}
		label, answer, ok := strings.Cut(line, ":")
		if ok && len(label) <= 40 && field.MatchString(strings.Trim(label, " \t*_•-")) {
			return strings.TrimSpace(answer)
		}
	}
	return ""
}
