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
	var sentences [maxWrapped]sentence
	for k, s := range joined[:n] {
		sentences[k] = read(s)
		if opens(s) && sentences[k].written() && (dated(s) || addressed(s)) {
			return end - k, dated(s) && addressed(s), true
		}
	}
	for k, s := range joined[:min(n, 2)] {
		if s[0] != '<' && sentences[k].namesFirst() && (dated(s) || addressed(s)) {
			return end - k, dated(s) && addressed(s), true
		}
	}
	for k, s := range joined[:min(n, 3)] {
		if bracketed.MatchString(s) && dated(s) && !sentences[k].spoken() {
			return end - k, false, true
		}
	}
	return 0, false, false
}

// closes tells whether an attribution can end with this line.
func closes(plain string) bool {
	return strings.HasSuffix(plain, ":") || strings.HasSuffix(plain, " wrote ----") || strings.HasSuffix(plain, " schreef ----")
}

// opens tells whether s begins as an attribution does in which the date comes first, or that only names whom it quotes.
func opens(s string) bool {
	s = strings.TrimPrefix(strings.TrimLeft(s, "-"), " ")
	first, _, more := strings.Cut(s, " ")
	return more && (openings[first] || quotes(s) ||
		strings.HasPrefix(s, "W dniu ") || strings.HasPrefix(s, "In a message dated ") || strings.HasPrefix(s, "In een bericht "))
}

// quotes knows "Quoting Jan <jan@klant.example>:", which has neither verb nor date.
func quotes(s string) bool {
	return strings.HasPrefix(s, "Quoting ") || strings.HasPrefix(s, "Citeren ") || strings.HasPrefix(s, "Zitat von ") || strings.HasPrefix(s, "Citando ")
}

// A sentence is the words of a possible attribution: in lower case, without what stands around them.
type sentence struct {
	text  string
	words []string
}

func read(s string) sentence {
	words := strings.Fields(strings.ToLower(s))
	for i, w := range words {
		words[i] = strings.Trim(w, ",.:;\"-")
	}
	for len(words) > 0 && words[len(words)-1] == "" {
		words = words[:len(words)-1]
	}
	return sentence{s, words}
}

// written tells whether the sentence has the verb of an attribution where a program puts it: last, or before the name.
func (s sentence) written() bool {
	if s.spoken() {
		return false
	}
	for i, w := range s.words {
		if verbs[w] && (i == len(s.words)-1 || inverted[w]) {
			return true
		}
	}
	return quotes(s.text)
}

// namesFirst tells whether the sentence is an attribution that begins with who wrote.
func (s sentence) namesFirst() bool {
	if s.spoken() {
		return false
	}
	for i, w := range s.words {
		if !verbs[w] || i == 0 {
			continue
		}
		if i == len(s.words)-1 {
			who := s.words[i-1]
			if (who == "a" || who == "ha") && i > 1 {
				who = s.words[i-2]
			}
			return strings.HasSuffix(who, ">") || strings.HasSuffix(who, ")") || strings.HasSuffix(who, "]")
		}
		if datePrepositions[s.words[i+1]] {
			return true
		}
	}
	return false
}

// spoken tells whether a person speaks of somebody who wrote: "schreef ik u", "you wrote".
func (s sentence) spoken() bool {
	for i, w := range s.words {
		switch {
		case w == "j'ai", w == "m'avez", w == "m'a":
			return true
		case (verbs[w] || auxiliaries[w]) && i+1 < len(s.words) && (persons[s.words[i+1]] || objects[s.words[i+1]]):
			return true
		case persons[w]:
			for _, next := range s.words[i+1 : min(i+3, len(s.words))] {
				if verbs[next] {
					return true
				}
			}
		case objects[w] && i+1 < len(s.words) && verbs[s.words[i+1]]:
			return true
		case objects[w] && i+3 < len(s.words) && s.words[i+1] == "het" && verbs[s.words[i+3]]:
			return true
		}
	}
	return false
}

func addressed(s string) bool {
	at := strings.IndexByte(s, '@')
	return at > 0 && at+1 < len(s) && !strings.ContainsRune(" <>@", rune(s[at-1])) && !strings.ContainsRune(" <>@", rune(s[at+1]))
}

func dated(s string) bool { return date.MatchString(s) }

var (
	openings = words("On", "Op", "Am", "Le", "El", "Il", "Em", "Den", "På", "Dnia", "At")
	verbs    = words("wrote", "writes", "schreef", "schreven", "schrijft", "geschreven", "schrieb", "schrieben", "schreibt", "geschrieben",
		"écrit", "escribió", "escribio", "scritto", "escreveu", "skrev", "pisze", "napisał", "napisała")
	inverted         = words("schreef", "schrijft", "schrieb", "schreibt", "skrev")
	auxiliaries      = words("heb", "heeft", "hebben", "hebt", "had", "habe", "haben", "hat")
	datePrepositions = words("on", "op", "at", "om", "am", "le", "el", "il", "den")
	persons          = words("ik", "wij", "we", "u", "jij", "je", "jullie", "hij", "zij", "ze", "men", "ich", "wir", "sie", "du", "er", "i", "you",
		"he", "she", "they", "nous", "vous", "tu", "il", "elle", "yo", "usted", "ustedes")
	objects = words("mij", "me", "ons", "u", "us", "mir", "uns", "ihnen", "to", "dat", "that", "dass", "nos", "le")

	bracketed = regexp.MustCompile(`<[^<>@ ]+@[^<>@ ]+>[^<>]*:$`)
	date      = regexp.MustCompile(`\b(?:19|20)\d\d\b|\b\d{1,2}[:.h]\d\d\b|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b`)
)
