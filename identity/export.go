package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"loket/internal/message"
)

// An Archive is everything the registry knows of one customer, for whom it is about. What other customers have with
// theirs is not in it: of a fact that leads to another, only that it does.
type Archive struct {
	Customer    string
	Former      []string
	Name        string
	Exported    time.Time
	Identifiers []ArchivedHeld
	Facts       []ArchivedFact
	Attributes  []Attribute
	Consent     []Consent
	Preferred   []ArchivedChoice
	Log         []ArchivedLog
	Suggestions []Reason // why the customer may be the same as another
}

// ArchivedHeld is an identifier, what its holder was called there, and since when.
type ArchivedHeld struct {
	Identifier string
	Level      string
	Name       string
	Since      time.Time
	Last       time.Time
	Contested  bool
	Shared     bool
	Retired    bool
}

// ArchivedFact is what was said of two identifiers, or of a customer's id.
type ArchivedFact struct {
	A        string
	B        string
	Said     string // one person, the same, not the same, made of
	Level    string
	First    time.Time
	Last     time.Time
	Evidence string
	Void     string // why it does not count
}

// ArchivedChoice is an address that was chosen for a purpose.
type ArchivedChoice struct {
	Purpose string
	Address string
	At      time.Time
	Source  string
}

// ArchivedLog is one entry of the customer's history.
type ArchivedLog struct {
	At          time.Time
	Op          string
	Actor       string
	Reason      string
	Evidence    string
	Identifiers []string
	Before      []string
	After       []string
}

// another stands for an identifier or customer that is not the one the archive is about.
const another = "another customer"

// Archive collects everything the registry knows of a customer. It is not one instant's: what is changed meanwhile may
// be in one part and not yet in another.
func (r *Registry) Archive(ctx context.Context, customer string) (*Archive, error) {
	b, err := r.book(ctx, customer)
	if err != nil {
		return nil, fmt.Errorf("export customer %s: %w", customer, err)
	}
	c := b.view.customer(b.p, b.group)
	a := &Archive{
		Customer: c.ID, Former: c.Former, Name: c.Name, Exported: r.now().UTC(), Attributes: b.attributes(), Consent: b.consents(),
		Facts: b.facts(), Preferred: b.choices(),
	}
	for _, h := range c.Held {
		x := h.String()
		a.Identifiers = append(a.Identifiers, ArchivedHeld{
			Identifier: x, Level: h.Level.String(), Name: b.view.facts.nodes[x].name.name, Since: h.Since, Last: h.Last,
			Contested: h.Contested, Shared: h.Shared, Retired: h.Retired,
		})
	}
	own := func(x string) bool {
		return b.p.group(x) == b.group || slices.ContainsFunc(c.Held, func(h Held) bool { return h.String() == x })
	}
	log, _, err := r.Log(ctx, customer, 0, "")
	if err != nil {
		return nil, fmt.Errorf("export customer %s: %w", customer, err)
	}
	for _, e := range log {
		a.Log = append(a.Log, ArchivedLog{
			At: e.At, Op: e.Op, Actor: e.Actor, Reason: e.Reason, Evidence: e.Evidence, Before: e.Before, After: e.After,
			Identifiers: slices.DeleteFunc(slices.Clone(e.Identifiers), func(x string) bool { return !own(x) && !strings.HasPrefix(x, "#") }),
		})
	}
	if a.Suggestions, err = r.reasonsFor(ctx, b.group.IDs); err != nil {
		return nil, fmt.Errorf("export customer %s: %w", customer, err)
	}
	return a, nil
}

func (b *book) facts() []ArchivedFact {
	out := []ArchivedFact{}
	own := func(x string) string {
		had := func(l life) bool { return b.p.group(l.name) == b.group }
		if b.p.state[x].generic || slices.ContainsFunc(b.view.facts.lives(x), had) {
			return x
		}
		return another
	}
	mine := func(k pair) bool { return b.p.group(k.x) == b.group || b.p.group(k.y) == b.group }
	for k, e := range b.view.facts.edges {
		if b.about(k, e) {
			out = append(out, ArchivedFact{
				A: own(k.x), B: own(k.y), Said: "one person", Level: k.rank.String(), First: instantOf(e.t0), Last: instantOf(e.t1),
				Evidence: e.by, Void: string(b.view.facts.dead(k, e)),
			})
		}
	}
	for k, w := range b.view.facts.words {
		said := "not the same"
		if w.same {
			said = "the same"
		}
		if mine(k) {
			out = append(out, ArchivedFact{
				A: own(k.x), B: own(k.y), Said: said, Level: message.Decided.String(), First: instantOf(w.at), Evidence: w.by,
			})
		}
	}
	for _, id := range b.group.IDs {
		born := b.view.facts.born[id]
		out = append(out, ArchivedFact{A: cidNode(id), B: own(born.node), Said: "made of", First: instantOf(born.at), Evidence: born.by})
	}
	slices.SortFunc(out, func(x, y ArchivedFact) int {
		return strings.Compare(x.A+"\x00"+x.B+"\x00"+x.Said+x.Level, y.A+"\x00"+y.B+"\x00"+y.Said+y.Level)
	})
	return out
}

// about tells whether an edge is about the customer: about whom they were or are, and not whoever had an identifier before or since.
func (b *book) about(k edgeKey, e edge) bool {
	f, counts := b.view.facts, false
	for _, x := range f.lives(k.x) {
		for _, y := range f.lives(k.y) {
			if _, _, ok := e.lived(k, x, y); ok {
				counts = true
				if b.p.group(x.name) == b.group || b.p.group(y.name) == b.group {
					return true
				}
			}
		}
	}
	always := func(x string) bool { return b.p.group(x) == b.group && len(f.node(x).ends) == 0 }
	return !counts && (always(k.x) || always(k.y))
}

func (b *book) choices() []ArchivedChoice {
	var out []ArchivedChoice
	for x, fields := range b.notes {
		for field, word := range fields {
			rest, ok := strings.CutPrefix(field, preferredField)
			if !ok || !permits(word) {
				continue
			}
			purpose, source, _ := strings.Cut(rest, ":")
			at, _ := readWord(word)
			out = append(out, ArchivedChoice{Purpose: purpose, Address: x, At: instantOf(at), Source: source})
		}
	}
	slices.SortFunc(out, func(a, b ArchivedChoice) int {
		return strings.Compare(a.Purpose+a.Address+a.Source, b.Purpose+b.Address+b.Source)
	})
	return out
}

// reasonsFor gives what speaks for suggestions about one of the ids, without naming the other.
func (r *Registry) reasonsFor(ctx context.Context, ids []string) ([]Reason, error) {
	var out []Reason
	for _, id := range ids {
		pairs, err := r.suggestionsAbout(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, pair := range pairs {
			fields, err := r.store.Redis().HGetAll(ctx, suggestionKey(pair)).Result()
			if err != nil {
				return nil, away(err)
			}
			for text, evidence := range fields {
				out = append(out, Reason{text, evidence})
			}
		}
	}
	slices.SortFunc(out, func(a, b Reason) int { return strings.Compare(a.Text+a.Evidence, b.Text+b.Evidence) })
	return out, nil
}
