package identity

import (
	"cmp"
	"slices"
	"strings"

	"loket/internal/words"
)

// searchKey is the sorted set, all of one score, that is searched by how its members begin. They name identifiers and
// not customers, so that joining and parting customers leaves it alone:
//
//	n<name folded>\0<node>   under each word that a name may be looked for by
//	v<kind>:<scope>          each scope there is, as nobody types those
//	m<address without what mailboxes ignore>\0<node>   where that is another than the address
func searchKey() string { return "lk:{reg}:s" }

// phonesKey is the sorted set, all of one score, of the phone numbers that end in the same four digits: their digits,
// the last first. Whoever looks for a number types at least those. Numbers spread evenly over the ten thousand sets,
// and a set of at most 128 is kept by Redis in a tenth of the memory.
func phonesKey(reversed string) string {
	return "lk:{reg}:s:" + reversed[:min(len(reversed), minDigits)]
}

const (
	nameEntry  = "n"
	scopeEntry = "v"
	looseEntry = "m"
)

// findable is a member of a sorted set that is searched.
type findable struct{ key, member string }

// nameKeys are the forms a name is found by: as it is, from its last word, and from its second.
func nameKeys(name string) []string {
	words := strings.Fields(words.Fold(name))
	if len(words) == 0 {
		return nil
	}
	out := []string{strings.Join(words, " ")}
	for _, at := range []int{len(words) - 1, 1} {
		if at > 0 && at < len(words) {
			if turned := strings.Join(append(slices.Clone(words[at:]), words[:at]...), " "); !slices.Contains(out, turned) {
				out = append(out, turned)
			}
		}
	}
	return out
}

// entriesOf are the members of the search that an identifier has, whatever it is called.
func entriesOf(x string) []findable {
	if isPast(x) { // it is found by its name; whoever looks for the number means who has it
		return nil
	}
	id := identifierOf(x)
	switch {
	case id.Kind == "phone":
		digits := reversed(strings.TrimPrefix(id.Value, "+"))
		return []findable{{phonesKey(digits), digits}}
	case id.IsMailbox():
		if loose := looseEmail(id.Value); loose != id.Value {
			return []findable{{searchKey(), looseEntry + loose + "\x00" + x}}
		}
	case id.Scope != "":
		return []findable{{searchKey(), scopeEntry + id.Kind + ":" + id.Scope}}
	}
	return nil
}

func nameEntries(x, name string) []findable {
	var out []findable
	for _, key := range nameKeys(name) {
		out = append(out, findable{searchKey(), nameEntry + key + "\x00" + x})
	}
	return out
}

// searchable keeps the search as the facts are: what is new in it, and what is not so any more.
func (w *writing) searchable() {
	for x, n := range w.view.facts.nodes {
		if w.view.index[x] == "" {
			for _, m := range entriesOf(x) {
				w.tx.ZAdd(m.key, 0, m.member)
			}
		}
		if old := w.view.names[x]; old != n.name.name {
			w.recall(x, old, n.name.name)
		}
	}
	for _, x := range w.change.erase {
		for _, m := range slices.Concat(entriesOf(x), nameEntries(x, w.view.names[x])) {
			if !strings.HasPrefix(m.member, scopeEntry) { // others have it too
				w.tx.ZRem(m.key, m.member)
			}
		}
	}
}

func (w *writing) recall(x, old, name string) {
	now := nameEntries(x, name)
	for _, m := range nameEntries(x, old) {
		if !slices.Contains(now, m) {
			w.tx.ZRem(m.key, m.member)
		}
	}
	for _, m := range now {
		w.tx.ZAdd(m.key, 0, m.member)
	}
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// node is the identifier that a member names.
func (f findable) node() string {
	if f.key != searchKey() {
		return "phone:+" + reversed(f.member)
	}
	_, node, _ := strings.Cut(f.member, "\x00")
	return node
}

// looseEmail is an address without what many mailboxes ignore: what follows a plus, and at Gmail the dots. It is for
// suggestions only, as at another server it may be another person's.
func looseEmail(value string) string {
	at := strings.LastIndexByte(value, '@')
	if at < 1 || value[0] == '"' {
		return value
	}
	local, domain := value[:at], value[at+1:]
	if plain, _, ok := strings.Cut(local, "+"); ok && plain != "" {
		local = plain
	}
	if domain == "googlemail.com" {
		domain = "gmail.com"
	}
	if domain == "gmail.com" {
		local = cmp.Or(strings.ReplaceAll(local, ".", ""), local)
	}
	return local + "@" + domain
}
