package identity

import (
	"context"
	"fmt"

	"loket/internal/message"
)

// Why tells why two identifiers are one customer's: the chain of facts from the one to the other, each with where it
// is known from; or why they are not: what speaks for it, and the rule that does not let it count.
func (r *Registry) Why(ctx context.Context, x, y message.Identifier) (Explanation, error) {
	v, err := r.view(ctx, x.String(), y.String())
	if err == nil && (!v.has(x.String()) || !v.has(y.String())) {
		err = ErrNone
	}
	if err != nil {
		return Explanation{}, fmt.Errorf("explain: %w", err)
	}
	return v.facts.why(Derive(v.facts), x.String(), y.String()), nil
}

func (f *Facts) why(p *Partition, x, y string) Explanation {
	if p.same(x, y) {
		e := Explanation{Same: true}
		for _, a := range p.path(x, y) {
			s := f.step(a.from, a.x, a.y, "")
			if a.y == x {
				s.A, s.B = s.B, s.A
			}
			x = a.other(x)
			e.Steps = append(e.Steps, s)
		}
		return e
	}
	e := Explanation{Rule: string(unknown)}
	for _, k := range sortedKeys(f.linking(p, x, y), compareEdges) {
		if rule := f.against(p, k); rule != "" {
			e.Steps = append(e.Steps, f.step(k, k.x, k.y, rule))
		}
	}
	for _, r := range p.Refused {
		if p.same(r.X, x) && p.same(r.Y, y) || p.same(r.X, y) && p.same(r.Y, x) {
			e.Steps = append(e.Steps, f.step(r.from, r.X, r.Y, r.rule))
		}
	}
	if len(e.Steps) > 0 {
		e.Rule = e.Steps[0].Rule
	}
	for k, w := range f.decisions {
		if !w.same && (p.same(k.x, x) && p.same(k.y, y) || p.same(k.x, y) && p.same(k.y, x)) {
			e.Rule = string(differing)
		}
	}
	return e
}

// linking are the facts between the two, or, of an identifier that is nobody's, between it and the other's group.
func (f *Facts) linking(p *Partition, x, y string) map[edgeKey]bool {
	out := map[edgeKey]bool{}
	near := func(k, x string) bool { return k == x || p.state[k].generic == p.state[x].generic && p.same(k, x) }
	for k := range f.edges {
		if near(k.x, x) && near(k.y, y) || near(k.x, y) && near(k.y, x) {
			out[k] = true
		}
	}
	return out
}

// against is why an edge does not count, apart from being refused.
func (f *Facts) against(p *Partition, k edgeKey) rule {
	if why := f.dead(k, f.edges[k]); why != "" {
		return why
	}
	for _, x := range []string{k.x, k.y} {
		if p.state[x].generic {
			if identifierOf(x).Class() == message.Alias {
				return unborne
			}
			return sharedRule
		}
	}
	return ""
}

// step shows one fact. A birth has no edge: it is that a customer's id was made of an identifier.
func (f *Facts) step(k edgeKey, x, y string, why rule) Step {
	s := Step{A: identifierNamed(x), B: identifierNamed(y), Level: k.rank, Rule: string(why)}
	switch {
	case k.rank == message.Decided:
		w := f.words[k.pair]
		s.Since, s.Last, s.Evidence = instantOf(w.at), instantOf(w.at), w.by
	case k.rank > 0:
		e := f.edges[k]
		s.Since, s.Last, s.Evidence = instantOf(e.t0), instantOf(e.t1), e.by
	default:
		cid, _ := cidOf(x)
		b := f.born[cid]
		s.Since, s.Last, s.Evidence, s.Level = instantOf(b.at), instantOf(b.at), b.by, message.Decided
	}
	s.A.Level, s.B.Level = s.Level, s.Level
	return s
}

// identifierNamed shows a node, also a customer's id.
func identifierNamed(x string) message.Identifier {
	if id, ok := cidOf(x); ok {
		return message.Identifier{Kind: "cid", Value: id}
	}
	id := identifierOf(x)
	id.Level = 0
	return id
}
