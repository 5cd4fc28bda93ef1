package identity

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"loket/internal/store"
)

//go:embed scripts/note.lua
var noteSource string

var noteScript = store.NewScript("note", noteSource)

// noteKey is the hash of what is said of one identifier, or of one customer's id, besides whose it is: attributes,
// consent, what it is preferred for. It hangs on the identifier, so that joining and parting customers moves nothing.
func noteKey(node string) string { return "lk:{reg}:n:" + node }

// noteFields of the hash are a:<attribute>, c:<purpose>:<source> for consent to one address, o:<purpose> for none at
// all, p:<purpose>:<source> for what it is preferred for, and r, since when the attributes of a source are whole.
// The source of what a person said is empty. The word is its time, a semicolon, and what was said; the greatest
// counts, so that order and repetition cannot matter.
const (
	attributeField = "a:"
	consentField   = "c:"
	optOutField    = "o:"
	preferredField = "p:"
	wholeField     = "r"
)

// note is one word about one identifier.
type note struct{ node, field, word string }

// wordAt begins with the time in digits of equal number, so that the greater text is the later.
func wordAt(ms int64, rest string) string { return fmt.Sprintf("%013d;%s", ms, rest) }

func readWord(s string) (ms int64, rest string) {
	head, rest, _ := strings.Cut(s, ";")
	ms, _ = strconv.ParseInt(head, 10, 64)
	return ms, rest
}

// aliveKey is there as long as the node is known.
func aliveKey(node string) string {
	if cid, ok := cidOf(node); ok {
		return groupKey(cid)
	}
	return indexKey(node)
}

// keep writes notes in one step. It answers the nodes that no customer has: of them nothing is kept.
func (r *Registry) keep(ctx context.Context, notes []note) (unknown []string, err error) {
	if len(notes) == 0 {
		return nil, nil
	}
	var nodes, keys []string
	args := make([]any, 0, 3*len(notes))
	for _, n := range notes {
		at := slices.Index(nodes, n.node)
		if at < 0 {
			at = len(nodes)
			nodes, keys = append(nodes, n.node), append(keys, aliveKey(n.node), noteKey(n.node))
		}
		args = append(args, at+1, n.field, n.word)
	}
	answer, err := r.store.Run(ctx, noteScript, keys, args...)
	if err != nil {
		return nil, err
	}
	list, ok := answer.([]any)
	if !ok || len(list) != len(nodes) {
		return nil, fmt.Errorf("note: unexpected answer %T", answer)
	}
	for i, v := range list {
		if v != int64(1) {
			unknown = append(unknown, nodes[i])
		}
	}
	return unknown, nil
}

// notesOf reads what is said of nodes, by node and field.
func (r *Registry) notesOf(ctx context.Context, nodes []string) (map[string]map[string]string, error) {
	out := make(map[string]map[string]string, len(nodes))
	pipe := r.store.Redis().Pipeline()
	for _, x := range nodes {
		pipe.HGetAll(ctx, noteKey(x))
	}
	answers, err := pipe.Exec(ctx)
	if err != nil && len(nodes) > 0 {
		return nil, away(err)
	}
	for i, a := range answers {
		hash, ok := a.(interface{ Val() map[string]string })
		if ok && len(hash.Val()) > 0 {
			out[nodes[i]] = hash.Val()
		}
	}
	return out, nil
}

// An Attribute is what a source said of a customer: a town, a contract, a birth date. It proves nothing.
type Attribute struct {
	Name   string    `json:"name"`
	Value  string    `json:"value"`
	Source string    `json:"source"` // the number it was said of, as Identifier.String writes it
	At     time.Time `json:"at"`
}

// Attributes gives what is said of a customer, by name, then by source.
func (r *Registry) Attributes(ctx context.Context, customer string) ([]Attribute, error) {
	b, err := r.book(ctx, customer)
	if err != nil {
		return nil, fmt.Errorf("attributes of customer %s: %w", customer, err)
	}
	return b.attributes(), nil
}

// book is a customer with all that is said of it.
type book struct {
	view  *view
	p     *Partition
	group *Group
	notes map[string]map[string]string // by node
}

func (r *Registry) book(ctx context.Context, customer string) (*book, error) {
	v, p, g, err := r.find(ctx, customer)
	if err != nil {
		return nil, err
	}
	b := &book{view: v, p: p, group: g}
	nodes := b.nodes()
	for _, name := range g.Nodes {
		x, _ := baseOf(name)
		nodes = include(nodes, x)
	}
	b.notes, err = r.notesOf(ctx, nodes)
	b.ofTheirTime()
	return b, err
}

// ofTheirTime leaves of what is said of an identifier that was given up what was said while the customer had it. What was refused
// before stays with the address, and forbids.
func (b *book) ofTheirTime() {
	for x, fields := range b.notes {
		if len(b.view.facts.node(x).ends) == 0 {
			continue
		}
		for field, word := range fields {
			at, _ := readWord(word)
			mine := slices.ContainsFunc(b.view.facts.lives(x), func(l life) bool {
				return b.p.group(l.name) == b.group && l.after < at && at <= l.until
			})
			if has := b.p.group(x) == b.group; !mine && (permits(word) || !has) {
				delete(fields, field)
			}
		}
	}
}

// nodes are the customer's identifiers and ids, and what it shares with others.
func (b *book) nodes() []string {
	out := slices.DeleteFunc(slices.Clone(b.group.Nodes), isPast)
	for _, id := range b.group.IDs {
		out = append(out, cidNode(id))
	}
	return out
}

func (b *book) attributes() []Attribute {
	var out []Attribute
	for x, fields := range b.notes {
		for field, word := range fields {
			if name, ok := strings.CutPrefix(field, attributeField); ok {
				at, value := readWord(word)
				out = append(out, Attribute{Name: name, Value: value, Source: x, At: instantOf(at)})
			}
		}
	}
	slices.SortFunc(out, func(a, b Attribute) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Source, b.Source))
	})
	return out
}
