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
	SignReaders  = "people of different names showed this"
	SignReader   = "who writes from this mailbox is called otherwise than the customer"
)

// sign adds what speaks for it that the sender is not who they seem to be, once.
func (res *Result) sign(text string) {
	if !slices.Contains(res.Signs, text) {
		res.Signs = append(res.Signs, text)
	}
}

// isNumber tells whether an identifier is a telephone number, which is handed out again.
func isNumber(id message.Identifier) bool { return id.Kind == "phone" || id.Kind == "wa" }

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
		return isNumber(id) && strangers(v.facts.local(v.facts.lifeAt(id.String(), q.at)).name.name, q.res.Name)
	})
}

// accounts tells whether a number was seen with several accounts of one platform.
func (v *view) accounts(q *query) bool {
	return slices.ContainsFunc(q.shown.held, func(id message.Identifier) bool {
		count := map[string]int{}
		for k := range v.partnersOf(id.String()) {
			for _, x := range []string{k.x, k.y} {
				if other := identifierOf(x); other.Class() == message.Stable && v.facts.speaks(k, v.facts.edges[k], q.name(id)) {
					if count[system(other)]++; isNumber(id) && count[system(other)] >= sharedAccounts {
						return true
					}
				}
			}
		}
		return false
	})
}
