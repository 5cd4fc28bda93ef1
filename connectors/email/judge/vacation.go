package judge

import (
	"strings"

	"loket/internal/lazy"
)

// vacationSubject is how mail programs begin the subject of an answer that nobody wrote, in the languages of our
// customers. A person may write about their holiday too, so it counts only beside another sign; and what a person may
// well begin with ("Absence de réseau") counts only when nothing else follows, or what programs put there.
var vacationSubject = lazy.Compile(`(?i)^\s*(\[[^\]]{0,40}\]\s*)?(` +
	`automatic (reply|response|answer)|auto[- ]?(reply|response|responder)\b|autom\.? (reply|antwort)` +
	`|automatisch (antwoord|beantwoord)\w*|automatische? (antwort|reactie|antwoord)|auto[- ]?(antwoord|antwort)` +
	`|r(é|e)ponse automatique|respuesta autom(á|a)tica|risposta automatica|resposta autom(á|a)tica` +
	`|out[ -]of[ -](the[ -])?office\b|vacation (reply|response|notice)` +
	`|afwezigheids(bericht|melding|assistent)|abwesenheits(notiz|nachricht|meldung|assistent)|urlaubs(nachricht|notiz)` +
	`|(fuera de (la )?oficina|fuori ufficio|absente?\b.{0,10}\bbureau|message d['’]absence)` +
	`|(ooo|away|afwezig|niet aanwezig|met vakantie|buiten kantoor|abwesend|abwesenheit|im urlaub|absence|absente?` +
	`|ausencia|ausente|on (vacation|holiday|leave)|de vacaciones|en cong(é|e)s?)\s*([:!]|[-–—] |$|until |t/m |tot |bis |vom |jusqu|hasta )` +
	`)` +
	`|(?i)^\s*auto: .{1,200}(out of the office|afwezig|aanwezig|abwesend|haus|absent)`)

// awaySentence is the subject of Domino. Customers write such sentences of others, so a machine must have said that it wrote.
var awaySentence = lazy.Compile(`(?i)^.{1,100} (is|ist|est|est(á|a)) (out of the office|niet aanwezig|afwezig|nicht im b(ü|ue)ro|abwesend|au(ß|ss)er haus|absente?|fuera de la oficina)\b[^?]{0,80}$`)

// vacationText is how such an answer says so itself.
var vacationText = lazy.Compile(`(?i)(dit is een|this is an?|dies ist eine|ceci est une?|(é|e)ste? es una?|questa (è|e) una) (automati|autom(á|a)ti|auto-?(reply|response)|(reply|response|message|antwoord|antwort|r(é|e)ponse|respuesta|risposta|mensaje|nachricht|bericht) autom)|automati(sch|cally) (gegenereerd|verstuurd|verzonden|generated|sent|generierte|erstellt)`)

// answerWithin is the subject of our mail behind that of an answer.
var answerWithin = lazy.Compile(`(?i):\s*(re|aw|antw|antwort|betr|sv|rv?|fwd?)\s*:`)

// isVacation tells whether a subject is that of an answer that nobody wrote.
func isVacation(subject string) bool {
	return vacationSubject.MatchString(head(subject, maxLine))
}

// awayText is what somebody away lets their program say, and desks their receipts. People write such words too, so they count
// only on an answer that bears another sign.
var awayText = lazy.Compile(`(?i)\b(` +
	`out of (the )?office|away from (my )?(e-?mail|mail|office|desk)|not in the office|currently (away|absent|unavailable)` +
	`|on (my |an? )?((annual|maternity|parental|sick|summer|winter) )?(leave|vacation|holidays?)\b|(limited|no) access to (my )?e-?mail` +
	`|automat(ic|ed) (reply|response|message)|auto-?(reply|response)|(message|request|e-?mail|enquiry|inquiry) (has been|was) (received|registered)` +
	`|(ben|zijn|is) (tot|t/m|vanaf|momenteel|helaas|op dit moment)?.{0,40}(afwezig|niet aanwezig|niet op kantoor|buiten kantoor)|met (vakantie|verlof|zwangerschapsverlof)` +
	`|automatisch (antwoord|bericht|gegenereerd)|(bericht|mail|vraag|verzoek) (is|hebben wij|hebben we) .{0,20}ontvangen` +
	`|abwesend|nicht im (b(ü|ue)ro|haus)|au(ß|ss)er haus|im urlaub|automatische (antwort|nachricht)|ist (bei uns )?eingegangen` +
	`|absente?s? (du|jusqu|le|pour|de)|en (cong(é|e)s?|vacances)|r(é|e)ponse automatique|avons bien re(ç|c)u` +
	`|fuera de la oficina|(estoy|estar(é|e)) (ausente|de vacaciones)|respuesta autom(á|a)tica|fuori (ufficio|sede)|in ferie|risposta automatica` +
	`)`)

// maxAway is within how many bytes of a text such a sentence stands: what comes later may be ours, quoted.
const maxAway = 300

// isAwayText tells whether a text begins like that of somebody away, or like a receipt.
func isAwayText(text string) bool {
	return awayText.MatchString(head(strings.TrimSpace(text), maxAway))
}
