package identity_test

import (
	"context"

	"loket/identity"
	"loket/internal/message"
)

// plain joins whatever it sees together at a level: what many registries do.
type plain struct {
	least  message.Level
	parent map[string]string
	age    map[string]int
}

func newPlain(least message.Level) *plain {
	return &plain{least: least, parent: map[string]string{}, age: map[string]int{}}
}

// find is the customer: the oldest of what was joined.
func (p *plain) find(n string) string {
	if p.parent[n] == "" {
		p.parent[n], p.age[n] = n, len(p.age)
	}
	for p.parent[n] != n {
		p.parent[n] = p.parent[p.parent[n]]
		n = p.parent[n]
	}
	return n
}

func (p *plain) enter(_ context.Context, ids []message.Identifier, _ string) (string, error) {
	for _, id := range ids[1:] {
		a, b := p.find(ids[0].String()), p.find(id.String())
		if p.age[a] > p.age[b] {
			a, b = b, a
		}
		p.parent[b] = a
	}
	return p.find(ids[0].String()), nil
}

func (p *plain) Resolve(ctx context.Context, s identity.Subject) (identity.Result, error) {
	var res identity.Result
	var held []message.Identifier
	for _, id := range s.IDs {
		if id.Class() == message.Ephemeral {
			continue
		}
		if id.Level >= p.least {
			held = append(held, id)
			res.Assurance = max(res.Assurance, id.Level)
		} else if p.parent[id.String()] != "" {
			res.ClaimsToBe = append(res.ClaimsToBe, identity.Candidate{Customer: p.find(id.String())})
		}
	}
	if len(held) > 0 {
		res.Customer, _ = p.enter(ctx, held, "")
	}
	return res, nil
}
