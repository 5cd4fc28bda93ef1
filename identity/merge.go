package identity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"loket/internal/message"
)

// Merge makes two customers one, by the decision of a person or of the system that gave them their numbers. The
// older id stays, the other leads to it. Merging again changes nothing, and Unmerge undoes it. It is ErrAnchored
// when both have a number in one system, and ErrConflict when they were told apart, unless it is confirmed by whoever
// saw both.
func (r *Registry) Merge(ctx context.Context, a, b string, by Actor) (*Customer, error) {
	c := &change{op: "merge", by: by, nodes: []string{cidNode(a), cidNode(b)}}
	c.say = func(v *view) error {
		p := Derive(v.facts)
		ga, err := v.must(p, a)
		if err != nil {
			return err
		}
		gb, err := v.must(p, b)
		if err != nil || ga == gb {
			return err
		}
		if !by.Confirm && v.clash(ga, gb) {
			return ErrAnchored
		}
		v.unite(pairOf(cidNode(a), cidNode(b)), ga, gb, by)
		return nil
	}
	c.judge = func(_ *view, p *Partition) error {
		if !p.same(cidNode(a), cidNode(b)) {
			return fmt.Errorf("%w: %s", ErrConflict, differing)
		}
		return nil
	}
	v, p, err := r.do(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("merge customers %s and %s: %w", a, b, err)
	}
	return v.customer(p, p.group(cidNode(a))), nil
}

// clash tells whether both have a number in one system.
func (v *view) clash(a, b *Group) bool {
	has := map[string]bool{}
	for _, x := range a.Nodes {
		if id := identifierOf(x); id.Class() == message.Anchor && !isPast(x) {
			has[system(id)] = true
		}
	}
	return slices.ContainsFunc(b.Nodes, func(x string) bool {
		id := identifierOf(x)
		return id.Class() == message.Anchor && has[system(id)] && !isPast(x)
	})
}

// unite decides that two groups are one, by the ids that they were named by, and, when somebody saw both, lifts what told them
// apart. All of it is said at one time, so that it can be undone together; an id that came with another merge would go with
// the undoing of that.
func (v *view) unite(named pair, a, b *Group, by Actor) {
	in := func(g *Group, x string) bool {
		cid, ok := cidOf(x)
		return slices.Contains(g.Nodes, x) || ok && slices.Contains(g.IDs, cid)
	}
	all := []pair{named}
	for k, w := range v.facts.decisions {
		if by.Confirm && !w.same && k != all[0] && (in(a, k.x) && in(b, k.y) || in(a, k.y) && in(b, k.x)) {
			all = append(all, k)
		}
	}
	if by.At.IsZero() {
		at := v.reg.instant(by.At)
		for _, k := range all {
			at = max(at, v.facts.words[k].at+1)
		}
		by.At = time.UnixMilli(at)
	}
	at := by.At.UnixMilli()
	for _, k := range all {
		v.facts.say(k.x, k.y, word{same: true, at: at, by: by.evidence()})
	}
}

// Unmerge tells two customers apart who are one: the last decision that joined them is undone, and from now on they
// stay apart, whatever is seen. Every identifier goes back to where it was; a and b are ids that lead to
// the one customer, or did. It gives the customers of a and of b. It is ErrConflict when both are ids of one
// and the same identifier.
func (r *Registry) Unmerge(ctx context.Context, a, b string, by Actor) (*Customer, *Customer, error) {
	x, y := cidNode(a), cidNode(b)
	c := &change{op: "unmerge", by: by, nodes: []string{x, y}}
	c.say = func(v *view) error {
		p := Derive(v.facts)
		for _, id := range []string{a, b} {
			if _, err := v.must(p, id); err != nil {
				return err
			}
		}
		if v.facts.words[pairOf(x, y)].same {
			v.retract(pairOf(x, y), by)
			p = Derive(v.facts)
		}
		for range maxNodes {
			last, ok := latestDecision(p.path(x, y))
			if !ok {
				break
			}
			v.retract(last, by)
			p = Derive(v.facts)
		}
		if w, ok := v.facts.words[pairOf(x, y)]; p.same(x, y) || !ok || w.same {
			v.decide(x, y, false, by)
		}
		v.retractOthers(x, y, by)
		return nil
	}
	c.judge = func(_ *view, p *Partition) error {
		if p.same(x, y) {
			return ErrConflict
		}
		return nil
	}
	v, p, err := r.do(ctx, c)
	if err != nil {
		return nil, nil, fmt.Errorf("unmerge customers %s and %s: %w", a, b, err)
	}
	return v.customer(p, p.group(x)), v.customer(p, p.group(y)), nil
}

// retractOthers takes back what else was decided to join the customers of x and y.
func (v *view) retractOthers(x, y string, by Actor) {
	p := Derive(v.facts)
	for k, w := range v.facts.decisions {
		if w.same && (p.same(k.x, x) && p.same(k.y, y) || p.same(k.x, y) && p.same(k.y, x)) {
			v.retract(k, by)
		}
	}
}

// retract takes back a decision, and what a merge lifted with it.
func (v *view) retract(k pair, by Actor) {
	w := v.facts.words[k]
	v.decide(k.x, k.y, false, by)
	_, x := cidOf(k.x)
	_, y := cidOf(k.y)
	if !x || !y {
		return
	}
	for other, o := range v.facts.words {
		if o.same && o.at == w.at && o.by == w.by {
			v.decide(other.x, other.y, false, by)
		}
	}
}

// latestDecision is the last thing that people decided along a path: of two at one time the one that would join last, so
// that what an undoing leaves is what there would be if the two had been told apart before.
func latestDecision(path []arc) (pair, bool) {
	var last arc
	for _, a := range path {
		if a.from.rank == message.Decided && (last.from == (edgeKey{}) || strongestThenOldest(a, last) > 0) {
			last = a
		}
	}
	return last.from.pair, last.from != (edgeKey{})
}

// path is the chain of facts that holds two nodes together, none when they are apart.
func (p *Partition) path(x, y string) []arc {
	if !p.same(x, y) {
		return nil
	}
	came := map[string]arc{x: {}}
	for queue := []string{x}; len(queue) > 0; queue = queue[1:] {
		for _, a := range p.tree[queue[0]] {
			next := a.other(queue[0])
			if _, been := came[next]; !been {
				came[next] = a
				queue = append(queue, next)
			}
		}
	}
	var out []arc
	for y != x {
		a, ok := came[y]
		if !ok {
			return nil
		}
		out = append(out, a)
		y = a.other(y)
	}
	slices.Reverse(out)
	return out
}
