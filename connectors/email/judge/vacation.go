package judge

import "regexp"

// vacationSubject is how mail programs begin the subject of an answer that nobody wrote, in the languages of our
// customers. A person may write about his holiday too, so it counts only beside another sign; and what a person may
// well begin with ("Absence de réseau") counts only when nothing else follows, or what programs put there.
var vacationSubject = regexp.MustCompile(`(?i)^\s*(\[[^\]]{0,40}\]\s*)?(` +
	`automatic (reply|response|answer)|auto[- ]?(reply|response|responder)\b|autom\.? (reply|antwort)` +
	`|automatisch (antwoord|beantwoord)\w*|automatische? (antwort|reactie|antwoord)|auto[- ]?(antwoord|antwort)` +
	`|r(é|e)ponse automatique|respuesta autom(á|a)tica|risposta automatica|resposta autom(á|a)tica` +
	`|out[ -]of[ -](the[ -])?office\b|vacation (reply|response|notice)` +
	`|afwezigheids(bericht|melding|assistent)|abwesenheits(notiz|nachricht|meldung|assistent)|urlaubs(nachricht|notiz)` +
	`|(fuera de (la )?oficina|fuori ufficio|absente?\b.{0,10}\bbureau|message d['’]absence)` +
	`|(ooo|away|afwezig|niet aanwezig|met vakantie|buiten kantoor|abwesend|abwesenheit|im urlaub|absence|absente?` +
	`|ausencia|ausente|on (vacation|holiday|leave)|de vacaciones|en cong(é|e)s?)\s*([:!]|[-–—] |$|until |t/m |tot |bis |vom |jusqu|hasta )` +
	`)`)

func isVacation(subject string) bool {
	return vacationSubject.MatchString(head(subject, maxLine))
}
