// Package language guesses the language of short texts, such as what customers write.
//
// It counts words that are common in one language and rare in others, and spellings that only one has. Of one or two
// words nobody can tell: then the answer is that it is not known.
package language

import (
	"math"
	"strings"
	"unicode"
)

const (
	maxRunes = 1500 // more text does not make it surer
	sure     = 0.35 // the confidence from which a guess is given
)

// Guess gives the language of text, in the way allowed writes it (nl, en-GB), and how sure that is, from 0 to 1. It is
// empty when that is too uncertain, when text is in a language that is not allowed, or in one that Guess does not know:
// it knows nl, en, de, fr and es. Equal arguments give equal answers.
func Guess(text string, allowed []string) (lang string, confidence float64) {
	scores := map[string]float64{}
	m := models()
	for _, word := range words(text) {
		for l, p := range m.words[word] {
			scores[l] += p
		}
		for _, s := range m.spellings {
			if s.in(word) {
				scores[s.lang] += s.weight
			}
		}
	}
	best, strange := "", 0.0
	for _, l := range Known() {
		tag := tagOf(l, allowed)
		switch {
		case tag == "":
			strange = max(strange, scores[l])
		case best == "" || scores[l] > scores[baseOf(best)]:
			best = tag
		}
	}
	if best == "" {
		return "", 0
	}
	top, second := scores[baseOf(best)], 0.0
	for _, l := range Known() {
		if tagOf(l, allowed) != "" && l != baseOf(best) {
			second = max(second, scores[l])
		}
	}
	// What is allowed is likelier than what is not, so near relatives do not stand in each other's way.
	second = max(second, strange*0.75)
	if top <= second {
		return "", 0
	}
	confidence = (top - second) / (top + second) * (1 - math.Exp(-top))
	if confidence < sure {
		return "", confidence
	}
	return best, confidence
}

// tagOf is how allowed writes a language, empty when it is not there.
func tagOf(lang string, allowed []string) string {
	for _, tag := range allowed {
		if baseOf(tag) == lang {
			return tag
		}
	}
	return ""
}

func baseOf(tag string) string {
	base, _, _ := strings.Cut(tag, "-")
	return base
}

// words are those of a text in small letters, without addresses and numbers.
func words(text string) []string {
	n := 0
	for i := range text {
		if n++; n > maxRunes {
			text = text[:i]
			break
		}
	}
	var all []string
	for token := range strings.FieldsSeq(strings.ToLower(strings.ReplaceAll(text, "’", "'"))) {
		if strings.ContainsAny(token, "@/\\0123456789_") {
			continue
		}
		all = append(all, strings.FieldsFunc(token, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' })...)
	}
	return all
}
