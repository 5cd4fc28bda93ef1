package identity

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"loket/internal/message"
	"loket/internal/words"
)

// maxNames is how many names of those who show one identifier are kept, the first ones.
const maxNames = 4

// names are what those who showed an identifier called themselves, each with when first, the first one first. They are never
// changed in place.
type names []called

func (n names) join(m names) names {
	if len(m) == 0 {
		return n
	}
	if len(n) == 0 {
		return m
	}
	all := slices.Concat(n, m)
	slices.SortFunc(all, func(a, b called) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.name, b.name)) })
	var out names
	for _, c := range all {
		if len(out) < maxNames && !out.has(c.name) {
			out = append(out, c)
		}
	}
	return out
}

func (n names) has(name string) bool {
	return slices.ContainsFunc(n, func(c called) bool { return c.name == name })
}

// within are those of one life of an identifier.
func (n names) within(after, until int64) names {
	if !slices.ContainsFunc(n, func(c called) bool { return c.at <= after || c.at > until }) {
		return n
	}
	return slices.DeleteFunc(slices.Clone(n), func(c called) bool { return c.at <= after || c.at > until })
}

// marks are what the index tells of names: enough to see that one is new.
func (n names) marks() []string {
	var out []string
	for _, c := range n {
		out = append(out, nameMark(c.name))
	}
	return out
}

func nameMark(name string) string {
	h := fnv.New32a()
	h.Write([]byte(name))
	return strconv.FormatUint(uint64(h.Sum32()%(36*36*36*36)), 36)
}

// fullName is a name by which two people can be told apart, folded; a single word is none.
func fullName(name string) string {
	if all := nameWords(name); len(all) > 1 {
		return strings.Join(all, " ")
	}
	return ""
}

func nameWords(name string) []string {
	return strings.FieldsFunc(words.Fold(name), func(r rune) bool { return strings.ContainsRune(" ,.;\"'()", r) })
}

// twoPeople tells whether two full names are of two people. Names of one person have the first word in common, or all words of
// the shorter one, but for initials and a slip.
func twoPeople(a, b string) bool {
	x, y := nameWords(a), nameWords(b)
	return unlike(a, b) && !sameWord(x[0], y[0])
}

// unlike tells whether of two full names each has a word that the other has not, nor its initial, nor a slip of it.
func unlike(a, b string) bool { return lacksWord(a, b, sameWord) }

// misspelt tells whether of two full names each has a word that the other has not, nor its initial: a slip, or another person whose
// name differs by a letter.
func misspelt(a, b string) bool {
	return lacksWord(a, b, func(x, y string) bool { return x == y || isInitial(x, y) || isInitial(y, x) })
}

func isInitial(a, b string) bool {
	return utf8.RuneCountInString(a) == 1 && strings.HasPrefix(b, a)
}

// lacksWord tells whether of two full names each has a word that none of the other is the same as.
func lacksWord(a, b string, same func(string, string) bool) bool {
	x, y := nameWords(a), nameWords(b)
	if len(x) < 2 || len(y) < 2 {
		return false
	}
	if len(x) > len(y) {
		x, y = y, x
	}
	y = slices.Clone(y)
	for _, w := range x {
		at := slices.IndexFunc(y, func(v string) bool { return same(w, v) })
		if at < 0 {
			return true
		}
		y = slices.Delete(y, at, at+1)
	}
	return false
}

// sameWord tells whether two words are one, one of them the initial of the other, or one a slip of the other.
func sameWord(a, b string) bool {
	if a == b {
		return true
	}
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(x) == 1 {
		return x[0] == y[0]
	}
	if utf8.RuneCountInString(a) < 3 || utf8.RuneCountInString(b) < 3 || len(y)-len(x) > 1 {
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	if len(x) == len(y) { // one other letter, or two neighbours exchanged
		return slices.Equal(x[i+1:], y[i+1:]) || i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] && slices.Equal(x[i+2:], y[i+2:])
	}
	return slices.Equal(x[i:], y[i+1:])
}

// several tells whether names are of two people or more.
func (n names) several() bool {
	for i, a := range n {
		for _, b := range n[i+1:] {
			if twoPeople(a.name, b.name) {
				return true
			}
		}
	}
	return false
}

// read notes on the identifiers of a group that somebody else shows them than the customer, though nobody told so: mailboxes of which
// the names differ that they were shown with, and what nobody registered and is shown with another name than the customer bears, or
// whoever was first where nobody registered one. Such a one names nobody by itself. A name of the CRM that nobody ever wrote under, which may
// be a firm's or another spelling, makes no more of it than that a mailbox proves nobody; nor does a name that differs by a letter.
func (d *deriving) read(g *Group) {
	customer := called{}
	var seen names
	for _, x := range g.Nodes {
		n := d.facts.local(x)
		seen = seen.join(n.names)
		if n.name.rank >= message.Vouched {
			customer = customer.join(n.name)
		}
	}
	if len(seen) == 0 {
		return
	}
	if customer.name == "" {
		customer = seen[0]
	}
	borne := slices.ContainsFunc(g.Nodes, func(x string) bool {
		return slices.ContainsFunc(d.facts.local(x).names, func(c called) bool { return fullName(customer.name) != "" && !twoPeople(c.name, customer.name) })
	})
	for _, x := range g.Nodes {
		n, s := d.facts.local(x), d.p.state[x]
		isMailbox := d.kinds[x].IsMailbox()
		if d.kinds[x].Class() == message.Anchor || !isMailbox && s.tie > message.Attested || len(n.names) == 0 || n.shared.at > 0 {
			continue // what somebody answers for, or of which a person said whether it is shared, is known
		}
		s.several = isMailbox && n.names.several() || borne && slices.ContainsFunc(n.names, func(c called) bool { return twoPeople(c.name, customer.name) })
		if s.several || slices.ContainsFunc(n.names, func(c called) bool { return misspelt(c.name, customer.name) }) {
			s.tie = min(s.tie, message.Attested)
		}
		d.p.state[x] = s
	}
}

// newName is the name that a sender bears whose most lasting identifier it is, where it may tell people apart.
func (q *query) newName(id message.Identifier) string {
	if id.Role() || id != q.shown.held[0] {
		return ""
	}
	return fullName(cut(q.Name))
}

// unheard tells whether an identifier is shown with a name that it was not shown with so far.
func (e entry) unheard(name string) bool {
	return name != "" && len(e.bearers) < maxNames && !slices.Contains(e.bearers, nameMark(name))
}

// first is the name that one of a group's identifiers was shown with first.
func (v *view) first(g *Group) called {
	var all names
	for _, x := range g.Nodes {
		all = all.join(v.facts.local(x).names)
	}
	if len(all) == 0 {
		return called{}
	}
	return all[0]
}

// named names the customer of a mailbox that several people write from, when the message bears the customer's own name. It is no
// surer than attested: anybody who reads the mailbox can write under it.
func (q *query) named(v *view) {
	if q.res.Customer != "" || len(q.shown.held) == 0 {
		return
	}
	p := Derive(v.facts)
	for _, id := range q.shown.held {
		x := v.facts.lifeAt(id.String(), q.at)
		g, s := p.group(x), p.state[x]
		if g == nil || g.ID == "" || s.contested || s.generic || !s.several {
			continue
		}
		name := v.called(g)
		if name.rank < message.Vouched {
			name = v.first(g) // whoever was first is whom it was made of
		}
		if mine := fullName(q.Name); mine == "" || twoPeople(mine, name.name) || fullName(name.name) == "" {
			continue
		}
		q.res.Customer, q.res.Contested = g.ID, false
		id.Level = min(id.Level, s.tie, message.Attested)
		q.res.Basis, q.res.Assurance = id, id.Level
		return
	}
}
