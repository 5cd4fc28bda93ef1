package quote

import (
	"slices"
	"strings"
)

// introduced finds the attribution of the quote that begins at start, and where it begins.
func introduced(lines []line, start int) (int, bool) {
	from, _, ok := attributed(lines, start)
	return from, ok
}

// attributed is introduced, and tells whether a program wrote the attribution, which the quote below makes likelier.
func attributed(lines []line, start int) (from int, certain, ok bool) {
	end := start - 1
	for end >= 0 && lines[end].blank && start-end <= 2 {
		end--
	}
	if end < 0 || lines[end].blank {
		return start, false, false
	}
	if lines[end].marks&attribution != 0 {
		for end > 0 && lines[end-1].marks&attribution != 0 {
			end--
		}
		return end, true, true
	}
	if a, certain, ok := attributionEnding(lines, end); ok {
		s := read(lines[a].plain)
		return a, certain || a == end && halfDay.MatchString(s.text) && s.named(), true
	}
	return start, false, endsInAttribution(lines[end].plain)
}

// own tells whether a quote may be the writer's own, made with a button of the editor or presented by a colon: nothing
// tells whose it is, and no other stands above it.
func own(lines []line, start, end int) bool {
	if slices.ContainsFunc(lines[:start], func(l line) bool { return l.quoted() }) {
		return false
	}
	if n := lastFilled(lines[:start]); n > 0 && strings.HasSuffix(lines[n-1].plain, ":") && dated(lines[n-1].plain) {
		return false // an attribution in a language that is not known here
	}
	quote := lines[start:end]
	inBox := !slices.ContainsFunc(quote, func(l line) bool { return l.marks&boxed == 0 && strings.Trim(l.text, "> ") != "" })
	return (inBox || presented(lines[:start], quote)) && !tellsWhose(inside(quote))
}

// presented tells whether somebody leads up to a quote of one level in words of their own ("Dit staat in uw brief:").
func presented(above, quote []line) bool {
	n := lastFilled(above)
	if n == 0 || !strings.HasSuffix(above[n-1].plain, ":") || strings.ContainsAny(above[n-1].plain, "0123456789@") {
		return false
	}
	if slices.ContainsFunc(read(above[n-1].plain).words, func(w string) bool { return verbs[w] }) {
		return false
	}
	return !slices.ContainsFunc(quote, func(l line) bool {
		return l.marks&earlier != 0 || strings.HasPrefix(oneLevelIn(l.text), ">")
	})
}

// beginsWithAttribution tells whether the first words of a quote are its attribution.
func beginsWithAttribution(quote []line) bool {
	inner := trim(inside(quote))
	for i := range inner[:min(len(inner), maxWrapped)] {
		if start, _, ok := attributionEnding(inner, i); ok {
			return start == 0
		}
	}
	at, kind := turn(inner)
	return kind == turnsToHistory && at == 0
}

// inside is the beginning of a quote without the marks of its outer level.
func inside(quote []line) []line {
	const looked = 12
	inner := make([]line, 0, looked)
	for i := range quote[:min(len(quote), looked)] {
		inner = append(inner, newLine(oneLevelIn(quote[i].text), 0))
	}
	knitted(inner)
	return inner
}

func oneLevelIn(text string) string {
	return strings.TrimLeft(strings.TrimPrefix(strings.TrimLeft(text, " "), ">"), " ")
}

// tellsWhose tells whether an attribution or a header stands in the beginning of a quote.
func tellsWhose(inner []line) bool {
	if _, kind := turn(inner); kind != turnsNever {
		return kind == turnsToHistory
	}
	for i := range inner {
		if _, _, ok := attributionEnding(inner, i); ok {
			return true
		}
	}
	return false
}

// looksEarlier tells whether a quote without attribution is earlier mail: marked as such, nested, long, or with the
// attribution inside, as telephones do. People also write > before a few lines of their own.
func looksEarlier(quote []line) bool {
	filled, nested := 0, false
	for i := range quote {
		if quote[i].marks&earlier != 0 {
			return true
		}
		in := oneLevelIn(quote[i].text)
		nested = nested || strings.HasPrefix(in, ">")
		if in != "" {
			filled++
		}
	}
	inner := inside(quote)
	if _, kind := turn(inner); kind == turnsToForward {
		return false
	}
	return nested || filled > contextLines || tellsWhose(inner)
}
