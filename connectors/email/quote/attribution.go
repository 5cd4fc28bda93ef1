package quote

import (
	"regexp"
	"strings"
)

// maxWrapped is over how many lines mail programs wrap an attribution.
const maxWrapped = 4

// attributionEnding tells whether the line at end closes an attribution ("Op di 3 nov 2026 om 10:12 schreef Jan:") and
// where that begins. It is certain when no sentence of a person looks like it: date, address and words of a program.
func attributionEnding(lines []line, end int) (start int, certain, ok bool) {
	if !closes(lines[end].plain) {
		return 0, false, false
	}
	joined := [maxWrapped]string{}
	n := 0
	for i := end; i >= 0 && n < maxWrapped; i-- {
		l := &lines[i]
		if l.plain == "" || l.quoted() || i < end && closes(l.plain) {
			break
		}
		joined[n] = l.plain
		if n > 0 {
			joined[n] = l.plain + " " + joined[n-1]
		}
		n++
	}
	if n == 0 || !strings.ContainsAny(joined[n-1], "0123456789@") {
		return 0, false, false
	}
	for k, s := range joined[:n] {
		if opens.MatchString(s) && written.MatchString(s) && !spoken.MatchString(s) && (dated(s) || addressed(s)) {
			return end - k, dated(s) && addressed(s), true
		}
	}
	for k, s := range joined[:min(n, 2)] {
		if s[0] != '<' && namesFirst.MatchString(s) && !spoken.MatchString(s) && (dated(s) || addressed(s)) {
			return end - k, dated(s) && addressed(s), true
		}
	}
	for k, s := range joined[:min(n, 3)] {
		if bracketed.MatchString(s) && dated(s) && !spoken.MatchString(s) {
			return end - k, false, true
		}
	}
	return 0, false, false
}

// closes tells whether an attribution can end with this line.
func closes(plain string) bool {
	return strings.HasSuffix(plain, ":") || strings.HasSuffix(plain, "--") && written.MatchString(plain)
}

func addressed(s string) bool { return address.MatchString(s) }
func dated(s string) bool     { return date.MatchString(s) }

var (
	// opens is how an attribution begins when the date comes first, or the program only names whom it quotes.
	opens = regexp.MustCompile(`^(?:-+ ?)?(?:On|Op|Am|Le|El|Il|Em|Den|På|Dnia|W dniu|At|In een bericht|In a message|Quoting|Citeren|Zitat von|Citando) `)

	// written are the words before the name, or at the end.
	written = regexp.MustCompile(`(?:(?:wrote|writes|a écrit|écrit|escribió|escribio|ha scritto|escreveu|geschreven|schreef|schrieb|skrev|pisze|napisał|napisała)(?: ?:| ?-+)$)` +
		`|(?: (?:schreef|schrijft|schrieb|schreibt|skrev) .{1,160}:$)|(?:^(?:Quoting|Citeren|Zitat von|Citando) .+:$)`)

	// namesFirst is an attribution that begins with who wrote.
	namesFirst = regexp.MustCompile(`(?: (?:wrote|schreef|schrijft|schrieb|skrev|a écrit|escribió|ha scritto) (?:on|op|at|om|am|le|el|il|den|in) .{4,80}:$)` +
		`|(?:[>)\]] ?(?:wrote|writes|schreef|schrijft|schrieb|schreibt|a écrit|escribió|ha scritto|skrev) ?:$)`)

	// spoken is a person speaking of somebody who wrote.
	spoken = regexp.MustCompile(`(?i)(?:schreef|schreven|schrijft|schrijf|heb|heeft|hebben|hebt|schrieb|schrieben|habe|haben|hat|wrote|skrev) (?:ik|wij|we|u|jij|je|jullie|hij|zij|ze|men|ich|wir|sie|du|er|i|you|he|she|they|mij|me|ons|us|mir|uns|to|dat|that|dass)[ ,.:]` +
		`|(?:^|[ ,])(?:ik|wij|we|u|jij|jullie|hij|zij|men|ich|wir|du|i|you|he|she|they|nous|vous|tu|je|il|elle|yo|usted|ustedes) (?:\pL+ )?(?:schreef|schreven|schrijft|schrieb|schrieben|schreibt|wrote|write|writes|avez écrit|avons écrit|a écrit|écrit|escribió)(?:[ :]|$)` +
		`|(?:^|[ ,])(?:j'ai|m'avez|m'a|nous a|vous a|me|nos|le|mir|uns) (?:écrit|escribió|geschrieben)` +
		`|(?:^|[ ,])(?:mij|ons|u|mir|uns|ihnen)(?: het volgende)? (?:geschreven|geschrieben)`)

	address   = regexp.MustCompile(`[^\s<>@]@[^\s<>@]`)
	bracketed = regexp.MustCompile(`<[^<>@ ]+@[^<>@ ]+>[^<>]*:$`)
	date      = regexp.MustCompile(`\b(?:19|20)\d\d\b|\b\d{1,2}[:.h]\d\d\b|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b`)
)
