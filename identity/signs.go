package identity

import (
	"slices"
	"strings"
	"unicode"

	"loket/internal/message"
	"loket/internal/words"
)

// Signs that the sender is somebody else than the number or mailbox was known for, in words for people. None of them says who.
const (
	SignSilent   = "the number was silent for long before this"
	SignAccounts = "several accounts of one platform wrote from the number"
	SignName     = "the number's holder was called otherwise before"
	SignLanguage = "the number's holder wrote in another language before"
	SignReaders  = "people of different names showed this"
	SignReader   = "who writes from this mailbox is called otherwise than the customer"
)

// sign adds what speaks for it that the sender is not who they seem to be, once.
func (res *Result) sign(text string) {
	if !slices.Contains(res.Signs, text) {
		res.Signs = append(res.Signs, text)
	}
}

// strangers tells whether two names have no word in common, as far as they have words.
func strangers(a, b string) bool {
	of := func(name string) []string {
		return strings.FieldsFunc(words.Fold(name), func(c rune) bool { return !unicode.IsLetter(c) })
	}
	long := func(list []string) []string {
		return slices.DeleteFunc(list, func(w string) bool { return len([]rune(w)) < 2 })
	}
	x, y := long(of(a)), long(of(b))
	return len(x) > 0 && len(y) > 0 && !slices.ContainsFunc(x, func(w string) bool { return slices.Contains(y, w) })
}

// renames tells whether a sender is called otherwise than whoever was seen with the number.
func (v *view) renames(q *query, fresh []message.Identifier) bool {
	return slices.ContainsFunc(fresh, func(id message.Identifier) bool {
		return id.IsNumber() && strangers(v.facts.local(v.facts.lifeAt(id.String(), q.at)).name.name, q.res.Name)
	})
}

// newLanguage is the language of a message as it is noted of a number; "" of what is not handed out again.
func (q *query) newLanguage(id message.Identifier) string {
	if !id.IsNumber() {
		return ""
	}
	language, _, _ := strings.Cut(strings.ToLower(q.Language), "-")
	if len(language) != 2 && len(language) != 3 || strings.ContainsFunc(language, func(c rune) bool { return c < 'a' || c > 'z' }) {
		return "" // no code of ISO 639
	}
	return language
}

// unwritten tells whether a message may be the first in its language with an identifier: when there was one, its facts tell.
func (e entry) unwritten(language string) bool {
	return language != "" && (len(e.languages) > 1 || !slices.Contains(e.languages, language))
}

// otherLanguage tells whether whoever showed a number before the message wrote in other languages only. It says the same of a message
// that was noted already: a process may die before the sign is on it.
func (v *view) otherLanguage(q *query, id message.Identifier) bool {
	language, known := q.newLanguage(id), v.facts.local(v.facts.lifeAt(id.String(), q.at)).languages
	before := slices.DeleteFunc(slices.Clone(known), func(c called) bool { return c.at >= q.at })
	return language != "" && len(before) > 0 && !before.has(language)
}

// accounts tells whether a number was seen with several accounts of one platform.
func (v *view) accounts(q *query) bool {
	return slices.ContainsFunc(q.shown.held, func(id message.Identifier) bool {
		count := map[string]int{}
		for k := range v.partnersOf(id.String()) {
			for _, x := range []string{k.x, k.y} {
				if other := identifierOf(x); other.Class() == message.Stable && v.facts.speaks(k, v.facts.edges[k], q.name(id)) {
					if count[system(other)]++; id.IsNumber() && count[system(other)] >= sharedAccounts {
						return true
					}
				}
			}
		}
		return false
	})
}
