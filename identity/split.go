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
func (r *Registry) Split(ctx context.Context, customer string, ids []message.Identifier, by By) (kept, fresh *Customer, err error) {
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
		v.hold(gone, by)
		v.hold(rest, by)
		return nil
	}
	v, p, err := r.do(ctx, c)
	if err != nil {
		return nil, nil, fmt.Errorf("split customer %s: %w", customer, err)
	}
	return v.customer(p, p.group(rest[stays])), v.customer(p, p.group(gone[0])), nil
}

// hold keeps together what a person took for one customer, where nothing else does any more. One alone is
// somebody's all the same.
func (v *view) hold(nodes []string, by By) {
	if len(nodes) == 1 {
		at := v.reg.instant(by.At)
		v.facts.know(nodes[0], node{first: at, last: at})
	}
	for _, x := range nodes[1:] {
		if !Derive(v.facts).same(nodes[0], x) {
			v.decide(nodes[0], x, true, by)
		}
	}
}
