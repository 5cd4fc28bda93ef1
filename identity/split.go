package identity

import (
	"context"
	"fmt"
	"slices"

	"loket/internal/message"
)

// Split makes two customers of one: those identifiers are somebody else's. Both stay apart, whatever is seen, until a
// person merges them. The rest keeps the id, unless the id came with those that go. It is ErrNone when one of
// the identifiers is not the customer's, and ErrConflict when all are, or none, or several people share one.
func (r *Registry) Split(ctx context.Context, customer string, ids []message.Identifier, by Actor) (kept, fresh *Customer, err error) {
	var gone []string
	for _, id := range ids {
		if x := id.String(); !slices.Contains(gone, x) {
			gone = append(gone, x)
		}
	}
	c := &change{op: "split", by: by, nodes: append([]string{cidNode(customer)}, gone...), left: gone}
	var rest []string
	stays := 0
	c.say = func(v *view) error {
		p := Derive(v.facts)
		g, err := v.must(p, customer)
		if err != nil {
			return err
		}
		for _, x := range gone {
			if p.group(x) != g {
				return ErrNone
			}
			if p.state[x].generic {
				return ErrConflict
			}
		}
		rest = slices.DeleteFunc(slices.Clone(g.Nodes), func(x string) bool { return slices.Contains(gone, x) })
		stays = slices.IndexFunc(rest, func(x string) bool { return !p.state[x].generic })
		if stays < 0 || len(gone) == 0 {
			return ErrConflict
		}
		for _, x := range gone {
			for _, y := range rest {
				v.undo(x, y, by)
				v.decide(x, y, false, by)
			}
		}
		c.held = [][]string{gone, rest}
		return nil
	}
	v, p, err := r.do(ctx, c)
	if err != nil {
		return nil, nil, fmt.Errorf("split customer %s: %w", customer, err)
	}
	return v.customer(p, p.group(rest[stays])), v.customer(p, p.group(gone[0])), nil
}

// hold keeps together what a person took for one customer, where nothing else does any more. One alone is
// somebody's all the same. Who would now come to some of them, and is told apart from others, stays apart from all.
func (v *view) hold(p *Partition, nodes []string, by Actor) *Partition {
	nodes = v.joinable(p, nodes)
	switch len(nodes) {
	case 0:
		return p
	case 1:
		if _, isCID := cidOf(nodes[0]); isCID {
			return p
		}
		at := v.reg.instant(by.At)
		v.facts.know(nodes[0], node{first: at, last: at})
		return Derive(v.facts)
	}
	for range maxNodes {
		stray := slices.DeleteFunc(slices.Clone(nodes), func(x string) bool { return p.same(nodes[0], x) })
		if len(stray) == 0 {
			break
		}
		for _, x := range stray {
			v.decide(nodes[0], x, true, by)
		}
		if p = Derive(v.facts); !p.all(nodes) {
			v.shut(p, nodes, by)
			p = Derive(v.facts)
		}
	}
	return p
}

// joinable are the nodes by which a decision can join: an identifier itself, or, where it names nobody alone, the id of the customer that was
// made of it. One that is neither is left out.
func (v *view) joinable(p *Partition, nodes []string) []string {
	var out []string
	for _, x := range nodes {
		if !p.state[x].generic {
			out = append(out, x)
			continue
		}
		for cid, b := range v.facts.born {
			if b.node == x {
				out = append(out, cidNode(cid))
			}
		}
	}
	slices.Sort(out)
	return out
}

// shut tells apart from all of the nodes whoever else is with one of them.
func (v *view) shut(p *Partition, nodes []string, by Actor) {
	for _, x := range nodes {
		for _, y := range p.group(x).Nodes {
			if slices.Contains(nodes, y) {
				continue
			}
			for _, z := range nodes {
				v.undo(z, y, by)
				v.decide(z, y, false, by)
			}
		}
	}
}

// all tells whether the nodes are in one group.
func (p *Partition) all(nodes []string) bool {
	return !slices.ContainsFunc(nodes, func(x string) bool { return !p.same(nodes[0], x) })
}
