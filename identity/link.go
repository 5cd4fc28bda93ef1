package identity

import (
	"context"
	"fmt"
	"slices"

	"loket/internal/message"
)

// Link registers one more identifier of a customer. One that is known alone so far is bound. One that is another
// customer's does not move: it is ErrConflict, and what was said is kept. When it contradicts the other's the
// identifier is contested; when it would make one of the two it is a suggestion, until a person confirms it,
// merges them, or takes the identifier from the other.
func (r *Registry) Link(ctx context.Context, x message.Identifier, customer string, by Actor) (*Customer, error) {
	c := &change{op: "link", by: by, nodes: []string{cidNode(customer), x.String()}, bounded: !by.Confirm}
	l := &linking{reg: r, change: c, id: x, node: x.String(), customer: customer}
	c.say = func(v *view) error { return l.say(ctx, v) }
	_, err := registrable([]message.Identifier{x})
	var v *view
	var p *Partition
	if err == nil {
		v, p, err = r.do(ctx, c)
	}
	switch {
	case err != nil:
	case c.tripped:
		err = ErrLimit
	case len(c.hints) > 0:
		err = fmt.Errorf("%s is customer %s's: %w", x.String(), c.hints[0].b, ErrConflict)
	}
	if err != nil {
		return nil, fmt.Errorf("link to customer %s: %w", customer, err)
	}
	g := p.group(cidNode(customer))
	return v.customer(p, g), apart(p, g, c.nodes)
}

type linking struct {
	reg      *Registry
	change   *change
	id       message.Identifier
	node     string
	customer string
}

func (l *linking) say(ctx context.Context, v *view) error {
	l.change.hints = nil
	p := Derive(v.facts)
	g, err := v.must(p, l.customer)
	if err != nil {
		return err
	}
	if err := l.reg.refuseGone(ctx, v, []message.Identifier{l.id}); err != nil {
		return err
	}
	if l.change.tripped {
		return nil
	}
	if other := p.group(l.node); other != nil && other != g && l.keeps(v, other) && !l.change.by.Confirm {
		if l.joins(v, g) {
			l.change.hints = []hint{{g.ID, other.ID, "a person said that one identifier of the one is the other's"}}
			return nil
		}
	}
	return l.tie(v, g)
}

// keeps tells whether an identifier does not leave its group without a word more: for whoever may join no customers not one
// that stands by itself either.
func (l *linking) keeps(v *view, g *Group) bool {
	return g.ID != "" && len(g.Nodes) > 1 || l.change.by.Apart && v.stands(g)
}

// joins tells whether what is said would make two customers one.
func (l *linking) joins(v *view, g *Group) bool {
	trial := v.trial()
	return l.tie(trial, g) == nil && Derive(trial.facts).same(l.node, g.Core)
}

// trial is a copy to see on it what would come of something.
func (v *view) trial() *view {
	trial := *v
	trial.facts, trial.hubs, trial.added = v.facts.clone(), map[string]int64{}, map[edgeKey]bool{}
	return &trial
}

func (l *linking) tie(v *view, g *Group) error {
	e := l.reg.said(l.change.by)
	v.facts.know(l.node, node{})
	if !v.together(g.Core, l.node, min(l.id.Level, message.Vouched), e) {
		return fmt.Errorf("%w: the customer has too many identifiers", ErrLimit)
	}
	// Whoever was told apart from the customer before is theirs after all.
	for _, y := range g.Nodes {
		k := pairOf(l.node, y)
		if w, ok := v.facts.words[k]; ok && !w.same {
			v.decide(l.node, y, true, l.change.by)
		}
	}
	return nil
}

// decide adds what a person decided of two. Without a time of its own it is later than what was decided before.
func (v *view) decide(x, y string, same bool, by Actor) {
	at := v.reg.instant(by.At)
	if old, ok := v.facts.words[pairOf(x, y)]; ok && by.At.IsZero() {
		at = max(at, old.at+1)
	}
	v.facts.say(x, y, word{same: same, at: at, by: by.evidence()})
}

// Unlink takes an identifier from its customer: it is not theirs. It stays apart, whatever is seen, until a person
// decides otherwise; the customer keeps all else, and the id unless it came with x. A handle is no longer of those who
// registered it. It is ErrNone when nobody has it, ErrConflict when it is all the customer has or several people
// share it, and ErrSure when by.Apart and more speaks for it than what was seen and what the same person said before.
func (r *Registry) Unlink(ctx context.Context, x message.Identifier, by Actor) (*Customer, error) {
	node := x.String()
	c := &change{op: "unlink", by: by, nodes: []string{node}, left: []string{node}}
	stays := ""
	c.say = func(v *view) error {
		if !v.has(node) {
			return ErrNone
		}
		if by.Apart && v.sure(node, by) {
			return ErrSure
		}
		p := Derive(v.facts)
		if x.Class() == message.Alias || identifierOf(node).Class() == message.Alias {
			var err error
			stays, err = v.unname(p, node, by)
			return err
		}
		g := p.group(node)
		if p.state[node].generic || len(g.Nodes) < 2 {
			return ErrConflict
		}
		rest := slices.DeleteFunc(slices.Clone(g.Nodes), func(y string) bool { return y == node })
		for _, y := range rest {
			v.undo(node, y, by)
			v.decide(node, y, false, by)
			stays = y
		}
		c.held = [][]string{rest}
		return nil
	}
	v, p, err := r.do(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("unlink: %w", err)
	}
	return v.customer(p, p.group(stays)), nil
}

// sure tells whether more speaks for it whose an identifier is than what was seen of it, and what whoever asks said before and
// nobody since: it was proven, it stands in the CRM, or others registered it.
func (v *view) sure(node string, by Actor) bool {
	for k := range v.partnersOf(node) {
		e := v.facts.edges[k]
		if k.rank > message.Attested && v.facts.dead(k, e) == "" && !e.only(by) {
			return true
		}
	}
	for k, w := range v.facts.words {
		if w.same && w.by != by.Name && (k.x == node || k.y == node) {
			return true
		}
	}
	return false
}

// only tells whether nobody but one person, or one program, said so.
func (e edge) only(by Actor) bool {
	if by.Repeats {
		return e.by == by.Name && e.anew == 0
	}
	return e.by == by.Name && e.anew == e.t1
}

// undo takes back all that ties two.
func (v *view) undo(x, y string, by Actor) {
	at := v.reg.instant(by.At)
	for rank := message.Attested; rank <= message.Vouched; rank++ {
		k := edgeKey{pairOf(x, y), rank}
		if e, ok := v.facts.edges[k]; ok && v.facts.dead(k, e) == "" {
			e.off = max(at, e.t1)
			v.facts.tie(x, y, rank, e)
		}
	}
	if w, ok := v.facts.words[pairOf(x, y)]; ok && w.same {
		v.decide(x, y, false, by)
	}
}

// unname takes a handle from those who are registered with it. Who was seen to bear it stays known.
func (v *view) unname(p *Partition, handle string, by Actor) (string, error) {
	stays := ""
	for k := range v.partnersOf(handle) {
		other := k.x
		if other == handle {
			other = k.y
		}
		if g := p.group(other); g != nil && g.ID != "" && !identifierOf(other).Bears(identifierOf(handle)) {
			v.undo(handle, other, by)
			stays = max(stays, other)
		}
	}
	if stays == "" {
		return "", ErrNone
	}
	return stays, nil
}
