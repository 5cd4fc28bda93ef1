package identity

import (
	"context"
	"fmt"
	"strings"

	"loket/internal/message"
)

// Joined finds what Unmerge undoes when two are named as somebody merged them: by identifiers of theirs, as
// Identifier.String writes them, or by ids. It gives the ids that the last merge between the two made one, the one of x first.
// Those who are two already are given as they are. It is ErrNone when one is nobody's, and ErrConflict when no merge
// joined them, or several people share one.
func (r *Registry) Joined(ctx context.Context, x, y string) (a, b string, err error) {
	nodes := [2]string{wordNode(x), wordNode(y)}
	v, err := r.view(ctx, nodes[:]...)
	if err == nil {
		a, b, err = v.joined(Derive(v.facts), nodes)
	}
	if err != nil {
		return "", "", fmt.Errorf("find what joined two customers: %w", err)
	}
	return a, b, nil
}

// wordNode is the node of a customer's id or an identifier.
func wordNode(word string) string {
	if strings.Contains(word, ":") {
		return word
	}
	return cidNode(word)
}

func (v *view) joined(p *Partition, nodes [2]string) (a, b string, err error) {
	var groups [2]*Group
	for i, x := range nodes {
		if id, ok := cidOf(x); ok {
			if groups[i], err = v.must(p, id); err != nil {
				return "", "", err
			}
			continue
		}
		if groups[i] = p.group(x); groups[i] == nil || groups[i].ID == "" {
			return "", "", ErrNone
		}
		if p.state[x].generic {
			return "", "", ErrConflict
		}
	}
	if groups[0] != groups[1] {
		return groups[0].ID, groups[1].ID, nil
	}
	var last int64
	side := nodes[0]
	for _, step := range p.path(nodes[0], nodes[1]) {
		near, far := side, step.other(side)
		side = far
		one, isID := cidOf(near)
		other, bothIDs := cidOf(far)
		if isID && bothIDs && step.from.rank == message.Decided && step.t0 > last {
			a, b, last = one, other, step.t0
		}
	}
	if last == 0 {
		return "", "", ErrConflict
	}
	return a, b, nil
}
