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
		gone, err := r.gone(ctx, x.String())
		if err == nil && gone[x.String()] > 0 {
			err = ErrGone
		}
		return nil, nil, fmt.Errorf("find owner: %w", cmp.Or(err, ErrNone))
	}
	p := Derive(v.facts)
	s := p.state[x.String()]
	if g := p.group(x.String()); !s.contested && !s.generic && g.ID != "" {
		return v.customer(p, g), nil, nil
	}
	all := once(v.candidates(r.instant(time.Time{}), []message.Identifier{x}))
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
	level := max(v.facts.local(x).name.rank, message.Attested)
	base, _ := baseOf(x)
	for k := range v.partnersOf(base) {
		if v.within(p, g, k, x) {
			level = max(level, k.rank)
		}
	}
	for k, w := range v.facts.decisions {
		if w.same && (k.x == x || k.y == x) && p.group(k.x) == g && p.group(k.y) == g {
			level = message.Decided
		}
	}
	return level
}

// within tells whether an edge counts for an identifier, in one life of it, and leads to another of the group.
func (v *view) within(p *Partition, g *Group, k edgeKey, name string) bool {
	e := v.facts.edges[k]
	if v.facts.barred(k) {
		return false
	}
	x, _ := baseOf(name)
	other := k.x
	if other == x {
		other = k.y
	}
	mine := v.facts.lifeOf(name)
	for _, l := range v.facts.lives(other) {
		if _, _, ok := e.lived(k, mine, l); ok && p.group(l.name) == g {
			return true
		}
	}
	return false
}

// customer shows a group.
func (v *view) customer(p *Partition, g *Group) *Customer {
	c := &Customer{ID: g.ID, Name: v.called(g).name, Version: v.versions[g.ID]}
	if len(g.IDs) > 1 {
		c.Former = slices.Clone(g.IDs[1:])
	}
	held := map[string]*Held{}
	for _, x := range g.Nodes {
		n, s := v.facts.local(x), p.state[x]
		h := &Held{Identifier: identifierOf(x), Contested: s.contested || s.several, Shared: s.generic}
		v.lived(h, x)
		h.Level = min(s.tie, v.shown(p, g, x), message.Vouched)
		h.Since, h.Last = instantOf(n.first), instantOf(n.last)
		held[x] = h
	}
	inside := func(x string) bool { return p.group(x) == g }
	for k, e := range v.facts.edges {
		for _, x := range v.facts.lives(k.x) {
			for _, y := range v.facts.lives(k.y) {
				if _, _, ok := e.lived(k, x, y); !ok {
					continue
				}
				for _, side := range [2][2]string{{x.name, y.name}, {y.name, x.name}} {
					if inside(side[0]) {
						held[side[0]].span(e)
					} else if inside(side[1]) {
						v.outside(p, held, side[0], k, e)
					}
				}
			}
		}
	}
	for _, h := range held {
		c.Held = append(c.Held, *h)
	}
	slices.SortFunc(c.Held, func(a, b Held) int {
		return cmp.Or(cmp.Compare(lasting(a.Identifier), lasting(b.Identifier)), a.Since.Compare(b.Since), cmp.Compare(a.String(), b.String()),
			b.Until.Compare(a.Until))
	})
	return c
}

// lived adds from when and until when an identifier was somebody's.
func (v *view) lived(h *Held, name string) {
	l := v.facts.lifeOf(name)
	h.From, h.Retired = instantOf(l.after), isPast(name)
	if h.Retired {
		_, until := baseOf(name)
		h.Until = instantOf(until)
	}
}

// outside adds an identifier that is tied to the customer and is not its alone: a shared number, a handle.
func (v *view) outside(p *Partition, held map[string]*Held, x string, k edgeKey, e edge) {
	if !p.state[x].generic {
		return // it is another's; what was refused is among the conflicts
	}
	h := held[x]
	if h == nil {
		h = &Held{Identifier: identifierOf(x)}
		h.Level = message.Mentioned
		v.lived(h, x)
		held[x] = h
	}
	h.span(e)
	h.Level = max(h.Level, k.rank)
	h.Shared = h.Class() != message.Alias
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
