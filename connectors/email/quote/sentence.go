package quote

import (
	"strings"
	"unicode"
)

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

// dateFirst tells whether the sentence is an attribution that begins with the date ("On 3 Nov 2026 at 10:12 Jan wrote:"),
// or that only names whom it quotes.
func (s sentence) dateFirst() (certain, ok bool) {
	stamped := s.stamped()
	if !stamped && !s.opens() || !dated(s.text) && !addressed(s.text) {
		return false, false
	}
	if stampOnly(s.text) {
		return true, true
	}
	if !s.written() {
		return false, s.toldYou()
	}
	if !strings.HasSuffix(s.text, ":") && !strings.HasSuffix(s.text, "-") && (!addressed(s.text) || !clock.MatchString(s.text)) {
		return false, false
	}
	if stamped && !year.MatchString(s.text) {
		return false, false
	}
	if !strings.HasSuffix(s.text, ":") {
		return s.machine(), true
	}
	return dated(s.text) && addressed(s.text) && (bracket(s.text) || s.named()) || s.machine(), true
}

// nameFirst tells whether the sentence is an attribution that begins with who wrote.
func (s sentence) nameFirst() (certain, ok bool) {
	if strings.HasPrefix(s.text, "<") || !dated(s.text) && !addressed(s.text) || !s.namesFirst() {
		return false, false
	}
	return dated(s.text) && addressed(s.text) && clock.MatchString(s.text) && (strings.Contains(s.text, "<") || s.named()), true
}

// addressLast tells whether the sentence is a date and an address with a colon, whatever the language.
func (s sentence) addressLast() (certain, ok bool) {
	in := bracketed.MatchString(s.text) || s.stamped() && byAddress.MatchString(s.text)
	if !in || !dated(s.text) || s.spoken() {
		return false, false
	}
	exact := s.stamped() && clock.MatchString(s.text) && year.MatchString(s.text)
	return exact && (s.named() || s.written()), true
}

// opens tells whether s begins as an attribution does in which the date comes first, or that only names whom it quotes.
func (s sentence) opens() bool {
	text := strings.TrimPrefix(strings.TrimLeft(s.text, "-"), " ")
	first, rest, more := strings.Cut(text, " ")
	second, _, _ := strings.Cut(rest, " ")
	return more && (openings[first] || openings[first+" "+second] || quotes(text) ||
		strings.HasPrefix(text, "In a message dated ") || strings.HasPrefix(text, "In een bericht "))
}

// quotes knows "Quoting Jan <jan@klant.example>:", which has neither verb nor date.
func quotes(s string) bool {
	return strings.HasPrefix(s, "Quoting ") || strings.HasPrefix(s, "Citeren ") || strings.HasPrefix(s, "Zitat von ") || strings.HasPrefix(s, "Citando ")
}

// stamped tells whether the sentence begins with a date: its first word is a number, or the name of a day or month
// before one.
func (s sentence) stamped() bool {
	text, _, _ := strings.Cut(s.text, "<")
	words := strings.Fields(text)
	number := func(i int) bool { return i < len(words) && words[i][0] >= '0' && words[i][0] <= '9' }
	if len(words) == 0 {
		return false
	}
	first := words[0]
	day := strings.HasSuffix(first, ",") || strings.HasSuffix(first, ".") || days[strings.ToLower(first)] || months[strings.ToLower(first)]
	return number(0) || number(1) && day || number(2) && strings.HasSuffix(first, ",")
}

// written tells whether the sentence has the verb of an attribution where a program puts it: last, or before the name.
func (s sentence) written() bool {
	if s.spoken() {
		return false
	}
	for i, w := range s.words {
		verb, last := w[strings.LastIndexByte(w, '>')+1:], i == len(s.words)-1
		if verbs[verb] && (last && (verb != "sent" || s.addressBefore(i)) || inverted[verb]) {
			return true
		}
	}
	return quotes(s.text)
}

// toldYou knows "At 3-11-2026 10:12, you wrote:", which has the exact time before it.
func (s sentence) toldYou() bool {
	if !clock.MatchString(s.text) || !year.MatchString(s.text) {
		return false
	}
	n, you, verb := len(s.words), false, false
	for ; n > 0; n-- {
		w := s.words[n-1]
		you, verb = you || addressees[w], verb || verbs[w]
		if !addressees[w] && !verbs[w] && !auxiliaries[w] {
			break
		}
	}
	for i, w := range s.words[:n] {
		if i > 0 && (persons[w] || objects[w]) {
			return false
		}
	}
	return you && verb
}

// namesFirst tells whether the verb stands behind a name with an address, or before a date.
func (s sentence) namesFirst() bool {
	if s.spoken() {
		return false
	}
	last := len(s.words) - 1
	for i, w := range s.words {
		w = w[strings.LastIndexByte(w, '>')+1:]
		if i == 0 || !verbs[w] && !strings.HasSuffix(w, "写道") && !strings.HasSuffix(w, "寫道") {
			continue
		}
		if i == last {
			return s.addressBefore(i) || dated(s.text) && strings.Contains(s.text, ">") && addressed(s.text)
		}
		if datePrepositions[s.words[i+1]] || s.words[i+1][:min(1, len(s.words[i+1]))] == "(" {
			return true
		}
	}
	return false
}

// addressBefore tells whether the word before the verb at i ends an address.
func (s sentence) addressBefore(i int) bool {
	if i == 0 || strings.Contains(s.words[i], ">") {
		return i > 0
	}
	who := s.words[i-1]
	if (who == "a" || who == "ha") && i > 1 {
		who = s.words[i-2]
	}
	return strings.HasSuffix(who, ">") || strings.HasSuffix(who, ")") || strings.HasSuffix(who, "]")
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

// machine tells whether nobody but a program gives the time so exactly and then only a name.
func (s sentence) machine() bool {
	if !clock.MatchString(s.text) || !year.MatchString(s.text) || !s.named() {
		return false
	}
	for i, w := range s.words[:min(len(s.words), 3)] {
		if i > 0 && len([]rune(w)) <= 4 && days[w] { // people write the day in full
			return true
		}
	}
	return precise.MatchString(s.text)
}

// named tells whether nothing but a name stands beside the date and the words of a program.
func (s sentence) named() bool {
	words := strings.Fields(s.text)
	number := func(i int) bool { return i >= 0 && i < len(words) && strings.ContainsAny(words[i], "0123456789") }
	near := func(i, by int) bool { return number(i+by) || number(i+2*by) && words[i+by] == "de" } // "3 de noviembre"
	name := false
	for i, w := range words {
		w = strings.Trim(w, ",.:;\"'()[]<>-")
		lower := strings.ToLower(w)
		first := strings.IndexFunc(w, unicode.IsLetter)
		switch {
		case titles[lower], persons[lower] && !openings[w]:
			return false
		case strings.Contains(w, "@"):
			name = true
		case first < 0, verbs[lower], verbs[lower+")"], connectors[lower], i == 0, i == 1 && number(2), near(i, -1) || near(i, 1), number(i):
		case strings.ContainsRune(w, '_'), !unicode.IsLower([]rune(w[first:])[0]):
			name = true
		case !particles[lower]:
			return false
		}
	}
	return name
}
