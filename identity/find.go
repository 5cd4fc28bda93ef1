package identity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"loket/internal/message"
	"loket/internal/store"
)

// Customer gives the customer of an id. A former id leads to the customer it belongs to now. It is ErrNone when
// there never was one, and ErrGone when it was erased.
func (r *Registry) Customer(ctx context.Context, id string) (*Customer, error) {
	v, p, g, err := r.find(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("find customer %s: %w", id, err)
	}
	return v.customer(p, g), nil
}

// find reads a customer and all it hangs together with.
func (r *Registry) find(ctx context.Context, id string) (*view, *Partition, *Group, error) {
	v, err := r.view(ctx, cidNode(id))
	if err != nil {
		return nil, nil, nil, err
	}
	p := Derive(v.facts)
	g, err := v.must(p, id)
	return v, p, g, err
}

// must gives the group of a customer's id.
func (v *view) must(p *Partition, id string) (*Group, error) {
	if g := p.group(cidNode(id)); g != nil {
		return g, nil
	}
	if v.index[cidNode(id)] == erased {
		return nil, ErrGone
	}
	return nil, ErrNone
}

// Owner tells whose an identifier is. When it is contested or shared there is no customer, and everybody it may be of
// is a candidate. An identifier that is only claimed is looked up as if it were not. It is ErrNone when nobody is
// registered with it.
func (r *Registry) Owner(ctx context.Context, x message.Identifier) (*Customer, []Candidate, error) {
	v, err := r.view(ctx, x.String())
	if err != nil {
		return nil, nil, fmt.Errorf("find owner: %w", err)
	}
	if !v.has(x.String()) {
		gone, err := r.gone(ctx, []message.Identifier{x})
		if err == nil && gone[x.String()] {
			err = ErrGone
		}
		return nil, nil, fmt.Errorf("find owner: %w", cmp.Or(err, ErrNone))
	}
	p := Derive(v.facts)
	s := p.state[x.String()]
	if g := p.group(x.String()); !s.contested && !s.generic && g.ID != "" {
		return v.customer(p, g), nil, nil
	}
	all := once(v.candidates([]message.Identifier{x}))
	if len(all) == 0 && !s.contested && !s.generic {
		return nil, nil, fmt.Errorf("find owner: %w", ErrNone)
	}
	return nil, all, nil
}

// shown is how surely somebody of the group was seen or registered with x: what the group was made of ties to itself as
// surely as can be, however little is known of who holds it.
func (v *view) shown(p *Partition, g *Group, x string) message.Level {
	if identifierOf(x).Class() == message.Anchor {
		return message.Vouched
	}
	n := v.facts.nodes[x]
	level := max(n.name.rank, message.Attested)
	for k := range v.partnersOf(x) {
		if p.group(k.x) == g && p.group(k.y) == g && v.facts.dead(k, v.facts.edges[k]) == "" {
			level = max(level, k.rank)
		}
	}
	for k, w := range v.facts.words {
		if w.same && (k.x == x || k.y == x) && p.group(k.x) == g && p.group(k.y) == g {
			level = message.Decided
		}
	}
	return level
}

// customer shows a group.
func (v *view) customer(p *Partition, g *Group) *Customer {
	c := &Customer{ID: g.ID, Name: v.called(g).name, Version: v.versions[g.ID]}
	if len(g.IDs) > 1 {
		c.Former = slices.Clone(g.IDs[1:])
	}
	held := map[string]*Held{}
	for _, x := range g.Nodes {
		n, s := v.facts.nodes[x], p.state[x]
		h := &Held{Identifier: identifierOf(x), Contested: s.contested, Shared: s.generic}
		h.Level = min(s.tie, v.shown(p, g, x), message.Vouched)
		h.Since, h.Last = instantOf(n.first), instantOf(n.last)
		held[x] = h
	}
	inside := func(x string) bool { return p.group(x) == g }
	for k, e := range v.facts.edges {
		if e.off > 0 && e.off >= e.t1 {
			continue
		}
		for _, side := range [2][2]string{{k.x, k.y}, {k.y, k.x}} {
			x, other := side[0], side[1]
			if inside(x) {
				held[x].span(e)
				continue
			}
			if inside(other) {
				v.outside(p, held, x, k, e)
			}
		}
	}
	for x, h := range held {
		if h.Retired {
			n, ok := v.facts.nodes[x]
			if !ok {
				n = v.facts.stubs[x]
			}
			h.Until = instantOf(n.retired)
		}
		c.Held = append(c.Held, *h)
	}
	slices.SortFunc(c.Held, func(a, b Held) int {
		return cmp.Or(cmp.Compare(lasting(a.Identifier), lasting(b.Identifier)), a.Since.Compare(b.Since), cmp.Compare(a.String(), b.String()))
	})
	return c
}

// outside adds an identifier that is tied to the customer and is not its alone: a shared number, a handle, one
// it had to give up.
func (v *view) outside(p *Partition, held map[string]*Held, x string, k edgeKey, e edge) {
	why := v.facts.dead(k, e)
	if !p.state[x].generic && why != retired {
		return // it is another's; what was refused is among the conflicts
	}
	h := held[x]
	if h == nil {
		h = &Held{Identifier: identifierOf(x), Retired: true}
		h.Level = message.Mentioned
		held[x] = h
	}
	h.span(e)
	h.Level = max(h.Level, k.rank)
	if why != retired {
		h.Retired = false
	}
	h.Shared = p.state[x].generic && h.Class() != message.Alias
}

func (h *Held) span(e edge) {
	if from := instantOf(e.t0); h.Since.IsZero() || from.Before(h.Since) {
		h.Since = from
	}
	if to := instantOf(e.t1); to.After(h.Last) {
		h.Last = to
	}
}

func instantOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// away marks an error of plain reading as the store's.
func away(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%w: %w", store.ErrAway, err)
}
