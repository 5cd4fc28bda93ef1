package identity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"loket/internal/message"
)

// Register notes what somebody who answers for it says: these identifiers are one person's, and this is the name.
// They are tied to the customer's number among them, else to the most lasting. It makes the customer or binds
// those who are known already. Registering the same again changes nothing.
//
// It is ErrConflict when some are another's: what was said is kept, they are contested, and the customer is given
// all the same. It is ErrConflict too, and only a suggestion, when it would make two customers one that are known by several
// identifiers, or by a name that somebody gave them, and by.Apart forbids that. It is ErrLimit when too much would be joined and nobody confirmed it, ErrGone when one of the
// identifiers was erased, ErrAnchored when there are two numbers of one system: then nothing is noted.
func (r *Registry) Register(ctx context.Context, ids []message.Identifier, name string, by Actor) (*Customer, error) {
	sorted, err := registrable(ids)
	if err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	e := r.said(by)
	c := &change{op: "register", by: by, bounded: !by.Confirm, quiet: true}
	for _, id := range sorted {
		c.nodes = append(c.nodes, id.String())
	}
	first := c.nodes[0]
	c.say = func(v *view) error {
		if err := r.refuseGone(ctx, v, sorted); err != nil {
			return err
		}
		if c.tripped {
			return nil
		}
		if by.Apart {
			if c.hints = r.joining(v, sorted, e); len(c.hints) > 0 {
				return nil
			}
		}
		if err := v.tieAll(sorted, e); err != nil {
			return err
		}
		if len(sorted) == 1 {
			v.seen(first, e.t0, false, called{})
		}
		if name = cut(strings.TrimSpace(name)); name != "" && v.facts.nodes[first].name.name != name {
			v.facts.know(first, node{name: called{rank: message.Vouched, at: e.t0, name: name}})
		}
		return nil
	}
	v, p, err := r.do(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	if c.tripped {
		return nil, fmt.Errorf("register: %w", ErrLimit)
	}
	if len(c.hints) > 0 {
		return nil, fmt.Errorf("register: it would make two customers one, which a manager decides: %w", ErrConflict)
	}
	g := p.group(first)
	if g.ID == "" {
		return nil, fmt.Errorf("register: %w: several people share what is to be registered", ErrConflict)
	}
	return v.customer(p, g), apart(p, g, c.nodes)
}

// tieAll ties identifiers of one person to the first.
func (v *view) tieAll(sorted []message.Identifier, e edge) error {
	first := sorted[0].String()
	for i, id := range sorted {
		v.facts.know(id.String(), node{})
		if i > 0 && !v.together(first, id.String(), min(sorted[0].Level, id.Level, message.Vouched), e) {
			return fmt.Errorf("%s: %w: the customer has too many identifiers", id.Node(), ErrLimit)
		}
	}
	return nil
}

// stands tells whether a group is a customer whom only a manager makes one with another: known by several identifiers, or
// named by a person or an import. Who once wrote, and is known by that alone, is bound to whom they belong.
func (v *view) stands(g *Group) bool {
	return g.ID != "" && (len(g.Nodes) > 1 || v.facts.nodes[g.Nodes[0]].name.rank >= message.Vouched)
}

// joining are the pairs of customers that would become one if identifiers were tied.
func (r *Registry) joining(v *view, sorted []message.Identifier, e edge) []hint {
	before, trial := Derive(v.facts), v.trial()
	if trial.tieAll(sorted, e) != nil {
		return nil // it ends there when it is tied
	}
	after := Derive(trial.facts)
	var met *Group
	var hints []hint
	for _, id := range sorted {
		g := before.group(id.String())
		switch {
		case g == nil || g == met || !v.stands(g):
		case met == nil:
			met = g
		case after.same(met.Core, g.Core):
			hints = append(hints, hint{met.ID, g.ID, "a person said that identifiers of both are one person's"})
		}
	}
	return hints
}

// registrable sorts identifiers that one person is to be registered with, the one that all are tied to first.
func registrable(ids []message.Identifier) ([]message.Identifier, error) {
	var out []message.Identifier
	systems := map[string]bool{}
	for _, id := range ids {
		switch {
		case id.Claim():
			return nil, fmt.Errorf("%s: must be more than a claim", id.Kind)
		case id.Blocked():
			return nil, fmt.Errorf("%s: must be somebody's, not a value that says nothing about anybody", id.Kind)
		case id.Class() == message.Ephemeral || id.Class() == message.ClaimOnly:
			return nil, fmt.Errorf("%s: must be of a kind that lasts", id.Kind)
		case slices.ContainsFunc(out, func(o message.Identifier) bool { return o.String() == id.String() }):
			continue
		case id.Class() == message.Anchor && systems[system(id)]:
			return nil, fmt.Errorf("%s: %w", id.Kind, ErrAnchored)
		}
		systems[system(id)] = true
		out = append(out, id)
	}
	if len(out) == 0 {
		return nil, errors.New("must have at least one identifier")
	}
	slices.SortFunc(out, func(a, b message.Identifier) int {
		return cmp.Or(cmp.Compare(shareable(a), shareable(b)), cmp.Compare(lasting(a), lasting(b)), cmp.Compare(a.String(), b.String()))
	})
	return out, nil
}

// shareable puts last what cannot hold others together: handles, and mailboxes of several people.
func shareable(id message.Identifier) int {
	if id.Role() || id.Class() == message.Alias {
		return 1
	}
	return 0
}

// said is the edge that a person's or a program's word makes.
func (r *Registry) said(by Actor) edge {
	at := r.instant(by.At)
	e := edge{t0: at, t1: at, anew: at, by: by.evidence()}
	if by.Repeats {
		e.anew = 0
	}
	return e
}

// apart is ErrConflict when some of the nodes did not come into the group because they are another's.
func apart(p *Partition, g *Group, nodes []string) error {
	var errs []error
	for _, x := range nodes {
		if _, isCID := cidOf(x); !isCID && p.group(x) != g && !p.state[x].generic {
			errs = append(errs, fmt.Errorf("%s is customer %s's: %w", x, p.group(x).ID, ErrConflict))
		}
	}
	return errors.Join(errs...)
}

// refuseGone is ErrGone when one of the identifiers was erased. Only who is not known needs a look, when the commit
// failed.
func (r *Registry) refuseGone(ctx context.Context, v *view, ids []message.Identifier) error {
	if !v.suspects {
		return nil
	}
	var names []string
	for _, id := range ids {
		if x := id.String(); !v.has(x) { // else they wrote again, and are as known as anybody
			names = append(names, x)
		}
	}
	gone, err := r.gone(ctx, names...)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if gone[id.String()] > 0 {
			return fmt.Errorf("whoever had this %s asked to be forgotten: %w", id.Kind, ErrGone)
		}
	}
	return nil
}
