package quote

import "strings"

// A turning is what a text turns to for good at one of its lines.
type turning uint8

const (
	turnsNever turning = iota
	turnsToHistory
	turnsToForward
)

// turn finds the first line from which on there is only history, or a forwarded mail.
func turn(lines []line) (int, turning) {
	for i := range lines {
		l := &lines[i]
		switch {
		case l.marks&forwarded != 0:
			return i, turnsToForward
		case l.marks&(history|earlier) == history && !l.blank:
			return above(lines, i), turnsToHistory
		case l.blank || l.quoted():
			continue
		case l.plain == "":
			continue
		}
		switch separator(l.plain) {
		case turnsToForward:
			return i, turnsToForward
		case turnsToHistory:
			return i, turnsToHistory
		}
		if headerBlock(lines[i:]) {
			return above(lines, i), turnsToHistory
		}
		if start, certain, ok := attributionEnding(lines, i); ok && certain && !quoteFollows(lines[i+1:]) {
			return start, turnsToHistory
		}
	}
	return len(lines), turnsNever
}

// above goes up over the rule that some programs draw over a header block.
func above(lines []line, i int) int {
	for j := i - 1; j >= 0 && i-j <= 3; j-- {
		if lines[j].blank {
			continue
		}
		if p := lines[j].plain; len(p) >= 5 && strings.Trim(p, "-_=") == "" {
			return j
		}
		break
	}
	return i
}

// quoteFollows tells whether the next lines are quoted.
func quoteFollows(lines []line) bool {
	for i := range lines {
		if lines[i].quoted() {
			return true
		}
		if !lines[i].blank || i == 2 {
			return false
		}
	}
	return false
}

// separator tells what a line begins that a mail program draws between a mail and the one that it carries along.
func separator(plain string) turning {
	said := strings.Trim(plain, "-_=#– \t")
	if said == "" || len(said) > 120 {
		return turnsNever
	}
	rules := len(plain) - len(strings.TrimLeft(plain, "-_=#–"))
	key := strings.ToLower(strings.TrimSpace(strings.TrimSuffix(said, ":")))
	if rules == 0 {
		if forwardBegins[key] {
			return turnsToForward
		}
		return turnsNever
	}
	switch {
	case rules < 2:
		return turnsNever
	case forwardSeparators[key] || forwardBegins[key] || forwardedBy(key):
		return turnsToForward
	case historySeparators[key] || replyAbove(key):
		return turnsToHistory
	}
	return turnsNever
}

// forwardedBy knows the line of Lotus Notes, which names who forwarded and when.
func forwardedBy(key string) bool {
	for _, p := range [...]string{"forwarded by ", "doorgestuurd door ", "weitergeleitet von ", "réacheminé par ", "reenviado por "} {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}

// replyAbove knows the line that ticket systems ask to answer above of.
func replyAbove(key string) bool {
	for _, p := range [...]string{
		"reply above this line", "please reply above this line", "please type your reply above this line",
		"write above this line", "antwoord boven deze regel", "typ uw antwoord boven deze regel", "reageer boven deze regel",
		"antworten sie oberhalb dieser zeile", "répondez au-dessus de cette ligne", "responda por encima de esta línea",
	} {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}

// historySeparators stand between dashes above a mail that is answered; in lower case.
var historySeparators = words(
	"original message", "reply message", "original appointment", "original email", "original e-mail", "original mail",
	"oorspronkelijk bericht", "oorspronkelijke bericht", "origineel bericht", "originele bericht", "oorspronkelijke e-mail",
	"oorspronkelijke afspraak", "beantwoord bericht",
	"ursprüngliche nachricht", "originalnachricht", "original-nachricht", "ursprüngliche mail", "originale nachricht",
	"ursprünglicher termin",
	"message d'origine", "message original", "message initial", "message d’origine", "rendez-vous d'origine", "mail original",
	"mensaje original", "mensaje de origen", "correo original",
	"messaggio originale", "mensagem original", "ursprungligt meddelande", "oprindelig meddelelse", "opprinnelig melding",
	"alkuperäinen viesti", "wiadomość oryginalna",
)

// forwardSeparators stand between dashes above a mail that is passed on; in lower case.
var forwardSeparators = words(
	"forwarded message", "original forwarded message", "forwarded mail", "forwarded email", "forward message",
	"doorgestuurd bericht", "doorgestuurde bericht", "doorgestuurde e-mail", "doorgezonden bericht", "doorgestuurde mail",
	"weitergeleitete nachricht", "weitergeleitete e-mail", "weitergeleitete mail",
	"message transféré", "message transmis", "message réexpédié", "courriel transféré",
	"mensaje reenviado", "mensaje remitido", "correo reenviado",
	"messaggio inoltrato", "mensagem encaminhada", "vidarebefordrat meddelande", "videresendt meddelelse", "videresendt melding",
	"przekazana wiadomość",
)

// forwardBegins stand alone above a mail that is passed on; in lower case, without the colon.
var forwardBegins = words(
	"begin forwarded message", "start of forwarded message", "begin doorgestuurd bericht", "begin van doorgestuurd bericht",
	"doorgestuurd bericht", "begin doorgestuurde e-mail",
	"anfang der weitergeleiteten nachricht", "anfang der weitergeleiteten e-mail", "beginn der weitergeleiteten nachricht",
	"début du message transféré", "début du message réexpédié", "inicio del mensaje reenviado", "comienza el mensaje reenviado",
	"inizio messaggio inoltrato", "início da mensagem reencaminhada",
)

func words(list ...string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, w := range list {
		m[w] = true
	}
	return m
}
