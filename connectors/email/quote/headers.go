package quote

import "strings"

// A role is what a line of a header block tells.
type role uint8

const (
	from role = 1 << iota
	when
	to
	subject
	other
	addressee // from or to, with an address
	timed     // when, with a time of day
)

// headerKeys are the names that mail programs write before the lines of a header block; in lower case.
var headerKeys = map[string]role{
	"from": from, "van": from, "von": from, "de": from, "expéditeur": from, "da": from, "från": from, "fra": from, "od": from,
	"afzender": from, "absender": from, "remitente": from, "mittente": from,
	"sent": when, "date": when, "verzonden": when, "verstuurd": when, "datum": when, "verzonden op": when, "gesendet": when,
	"gesendet am": when, "envoyé": when, "envoyé le": when, "enviado": when, "enviado el": when, "fecha": when,
	"inviato": when, "data": when, "skickat": when, "sendt": when, "verzenddatum": when, "date d'envoi": when, "enviado em": when,
	"to": to, "aan": to, "an": to, "à": to, "a": to, "para": to, "till": to, "til": to, "do": to, "destinataire": to, "geadresseerde": to,
	"subject": subject, "onderwerp": subject, "betreff": subject, "betreft": subject, "objet": subject, "sujet": subject,
	"asunto": subject, "oggetto": subject, "ämne": subject, "emne": subject, "assunto": subject, "temat": subject,
	"cc": other, "kopie": other, "bcc": other, "copie": other, "copia": other, "reply-to": other, "antwoord aan": other,
	"antwort an": other, "répondre à": other, "responder a": other,
	"importance": other, "urgentie": other, "prioriteit": other, "belang": other, "wichtigkeit": other, "priority": other,
	"attachments": other, "bijlagen": other, "anlagen": other, "pièces jointes": other, "datos adjuntos": other,
}

// headerBlock tells whether lines begin with the header of an earlier mail: sender, date, and recipient or subject with an
// address; without an address it takes both, and a time of day. A journey from Amsterdam to Paris has less.
func headerBlock(lines []line) bool {
	const maxLines, maxFolded = 40, 12
	if lines[0].role == 0 {
		return false
	}
	var seen role
	folded, gap := 0, false
	for i := range min(len(lines), maxLines) {
		l := &lines[i]
		if l.blank {
			if gap {
				break
			}
			gap = true
			continue
		}
		if l.quoted() {
			break
		}
		switch {
		case l.role != 0:
			seen |= l.role
			folded = 0
		case gap || folded == maxFolded:
			return false
		default:
			folded++
			continue
		}
		if gap = false; isHeader(seen) {
			return true
		}
	}
	return false
}

func isHeader(seen role) bool {
	const both = to | subject
	if seen&from == 0 || seen&when == 0 {
		return false
	}
	if seen&addressee != 0 {
		return seen&both != 0
	}
	return seen&both == both && seen&timed != 0
}

// header is what a line tells in a header block; 0 when it can't be of one.
func header(plain string) role {
	const maxKey = 24
	colon := strings.IndexByte(plain[:min(len(plain), maxKey)], ':')
	if colon < 1 {
		return 0
	}
	value := strings.TrimSpace(plain[colon+1:])
	r := headerKeys[strings.ToLower(strings.Trim(plain[:colon], " *_|"))]
	if value == "" && r&(from|when) != 0 {
		return 0
	}
	if r&(from|to) != 0 && strings.Contains(value, "@") {
		r |= addressee
	}
	if r == when && hasTime(value) {
		r |= timed
	}
	return r
}

// hasTime tells whether a time of day stands in s.
func hasTime(s string) bool {
	digit := func(i int) bool { return s[i] >= '0' && s[i] <= '9' }
	for i := 1; i+2 < len(s); i++ {
		if (s[i] == ':' || s[i] == 'h') && digit(i-1) && digit(i+1) && digit(i+2) {
			return true
		}
	}
	return false
}
