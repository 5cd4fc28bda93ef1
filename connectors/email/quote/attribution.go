package quote

import (
	"strings"

	"loket/internal/lazy"
)

// maxWrapped is over how many lines mail programs wrap an attribution.
const maxWrapped = 6

// attributionEnding tells whether the line at end closes an attribution ("Op di 3 nov 2026 om 10:12 schreef Jan:") and
// where that begins. It is certain when no sentence of a person looks like it: date, address and words of a program.
func attributionEnding(lines []line, end int) (start int, certain, ok bool) {
	if !closes(lines[end].plain) {
		return 0, false, false
	}
	joined, up := joins(lines, end)
	n := len(joined)
	if n == 0 || !strings.ContainsAny(joined[n-1], "0123456789@") {
		return 0, false, false
	}
	if stampOnly(joined[0]) && !alone(lines, end) {
		return 0, false, false
	}
	var sentences [maxWrapped]sentence
	for k, s := range joined {
		sentences[k] = read(s)
		if certain, ok := sentences[k].dateFirst(); ok {
			return end - up[k], certain, true
		}
	}
	for k := range min(n, 4) {
		if (k == 0 || len(joined[k-1]) < longestBehind) && endsInAttribution(joined[k]) {
			break // it is looked for at the end, which all that are longer have in common
		}
		if certain, ok := sentences[k].nameFirst(); ok && k < 3 {
			return end - up[k], certain, true
		}
		if certain, ok := sentences[k].addressLast(); ok {
			return end - up[k], certain, true
		}
	}
	return 0, false, false
}

// alone tells whether a line is a paragraph of its own, or stands above a quote.
func alone(lines []line, i int) bool {
	free := (i == 0 || lines[i-1].blank) && (i+1 == len(lines) || lines[i+1].blank)
	return free || quoteFollows(lines[i+1:])
}

// joins gives the line at end alone, with the one above it, and so on, and how many lines each goes up. A blank line is
// passed once, above a broken address.
func joins(lines []line, end int) (joined []string, up []int) {
	passed := false
	for i := end; i >= 0 && len(joined) < maxWrapped; i-- {
		l := &lines[i]
		if l.blank && len(joined) > 0 && !passed && strings.HasPrefix(joined[len(joined)-1], "<") {
			passed = true
			continue
		}
		if l.plain == "" || l.quoted() || i < end && strings.HasSuffix(l.plain, ":") {
			break
		}
		s := l.plain
		if n := len(joined); n > 0 {
			s = glue(s, joined[n-1])
			if len(s) > maxPlain {
				break
			}
		}
		joined, up = append(joined, s), append(up, end-i)
	}
	return joined, up
}

// glue puts together what was broken into two lines: within an address nothing stood between them.
func glue(a, b string) string {
	if strings.LastIndexByte(a, '<') > strings.LastIndexByte(a, '>') || strings.HasSuffix(a, "(") || strings.HasPrefix(b, ">") {
		return a + b
	}
	return a + " " + b
}

// closes tells whether an attribution can end with this line.
func closes(plain string) bool {
	if plain == "" {
		return false
	}
	if plain[len(plain)-1] == ':' || stampOnly(plain) {
		return true
	}
	said := strings.TrimRight(plain, "- ")
	return verbs[strings.ToLower(said[strings.LastIndexAny(said, " >")+1:])]
}

// stampOnly knows the attributions that Gmail wrote for years, without verb and colon: "2026/11/3 Jan <jan@klant.example>".
func stampOnly(plain string) bool {
	return strings.HasPrefix(plain, "20") && !strings.HasSuffix(plain, ":") && (gmailName.MatchString(plain) || gmailStamp.MatchString(plain))
}

// longestBehind is how long an attribution may be that stands behind other words.
const longestBehind = 300

// endsInAttribution tells whether an attribution stands behind other words on the same line. Only a few places are tried at
// which it may begin: a line of nothing else must not be read once for each.
func endsInAttribution(plain string) bool {
	const maxTries = 4
	if !addressed(plain) || !closes(plain) || !clock.MatchString(plain) {
		return false
	}
	tries := 0
	for at := max(0, len(plain)-longestBehind); at+1 < len(plain) && tries < maxTries; at++ {
		if plain[at] != ' ' && plain[at] != '-' {
			continue
		}
		first, _, _ := strings.Cut(plain[at+1:], " ")
		if !openings[first] {
			continue
		}
		if tries++; certainly(plain[at+1:]) {
			return true
		}
	}
	return false
}

func certainly(text string) bool {
	certain, ok := read(text).dateFirst()
	return ok && certain
}

// runsOn tells whether a line begins with an attribution and goes on with what it quotes.
func runsOn(text string) bool {
	const longest = 300
	text = strings.TrimLeft(text, " \t\u00a0")
	if first, _, _ := strings.Cut(text, " "); !openings[first] {
		return false
	}
	text = plain(text[:min(len(text), longest)])
	at := 0
	for range 6 { // colons, of which few stand in an attribution
		colon := strings.Index(text[at:], ": ")
		if colon < 0 {
			break
		}
		at += colon + 1
		if head := text[:at]; addressed(head) && clock.MatchString(head) {
			s := read(head)
			if certain, ok := s.dateFirst(); ok && certain && s.named() {
				return true
			}
		}
	}
	return false
}

// onlyNames tells whether a line is "Jan schreef:", which counts above a quote that is earlier mail anyhow.
func onlyNames(plain string) bool {
	const most = 6
	s := read("- " + plain) // the first word is part of the name
	n := len(s.words) - 1
	return strings.HasSuffix(plain, ":") && n > 1 && n <= most && verbs[s.words[n]] && !s.spoken() && s.named()
}

// betweenDashes knows "---- Jan schreef ----", with a date or without.
func betweenDashes(plain string) bool {
	const least = 3
	said := strings.Trim(plain, "- ")
	if !strings.HasPrefix(plain, "---") || len(plain)-len(strings.TrimRight(plain, "-")) < least || said == "" {
		return false
	}
	s := read(said)
	n := len(s.words)
	return n > 1 && !s.spoken() && (verbs[s.words[n-1]] || s.opens() && s.written() && dated(said))
}

func addressed(s string) bool {
	at := strings.IndexByte(s, '@')
	return at > 0 && at+1 < len(s) && !strings.ContainsRune(" <>@", rune(s[at-1])) && !strings.ContainsRune(" <>@", rune(s[at+1]))
}

// bracket tells whether an address stands in brackets, as programs write it behind a name.
func bracket(s string) bool {
	at := strings.IndexByte(s, '@')
	return at > 0 && strings.LastIndexAny(s[:at], "<([") > strings.LastIndexAny(s[:at], " >)]")
}

func dated(s string) bool { return date.MatchString(s) }

var (
	bracketed  = lazy.Compile(`<[^<>@ ]+@[^<>@ ]+>[^<>]*:$`)
	byAddress  = lazy.Compile(`(?i) (?:by|door|von|par|da|por|di|af|av|przez|от) [^<>@ ]+@[^<>@ ]+:$`)
	gmailStamp = lazy.Compile(`^20\d\d-\d{1,2}-\d{1,2} \d{1,2}:\d\d GMT[+-]\d\d?:\d\d [^ ]+(?: [^ ]+){0,4}$`)
	gmailName  = lazy.Compile(`^20\d\d/\d{1,2}/\d{1,2} [^<>]{1,60}<[^<>@ ]+@[^<>@ ]+>$`)
	date       = lazy.Compile(`\b(?:19|20)\d\d\b|\b\d{1,2}[:.h]\d\d\b|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b`)
	clock      = lazy.Compile(`(?:^|[^\d.])(?:[01]?\d|2[0-3])[:.h][0-5]\d(?:$|[^\d.]|\.(?:\D|$))|\bklo?\.? \d\d?\.\d\d\.\d\d\b`)
	year       = lazy.Compile(`\b(?:19|20)\d\d\b|\b\d{1,2}[-/.]\d{1,2}[-/.]\d\d\b`)
	precise    = lazy.Compile(`\d:\d\d:\d\d|[ [][+-]\d\d:?\d\d\b|\b(?:GMT|UTC|CES?T|MES?Z|E[SD]T|P[SD]T)\b|, at \d|het volgende geschreven:$`)
	halfDay    = lazy.Compile(`\d ?[AP]M\b`)
)
