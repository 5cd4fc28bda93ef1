package identity

import (
	"slices"

	"github.com/oklog/ulid/v2"
)

// settle notes who has too many partners to keep, and gives every customer an id.
func (w *writing) settle() {
	v := w.view
	for x, n := range v.facts.nodes {
		if w.p.state[x].generic && !n.isFull() && v.partners(x) >= maxPartners {
			v.own[x] = map[edgeKey]bool{}
			latest := max(n.shared.at, n.ends.last()+1)
			for k, e := range v.facts.edges {
				if k.x == x || k.y == x {
					v.own[x][k] = true
					latest = max(latest, e.t1)
				}
			}
			v.facts.know(x, node{full: latest})
		}
	}
	for i := range w.p.Groups {
		g := &w.p.Groups[i]
		if g.ID != "" || w.p.state[g.Nodes[0]].generic || len(g.Nodes) == 1 && !v.held(g.Nodes[0]) {
			continue
		}
		id := ulid.MustNew(ulid.Timestamp(w.now), ulid.DefaultEntropy()).String()
		w.fresh = append(w.fresh, id)
		v.facts.bear(id, birth{node: g.Core, at: w.now.UnixMilli(), by: w.change.by.evidence()})
		g.IDs, g.ID = []string{id}, id
		w.p.of[cidNode(id)] = i
	}
}

// held tells whether anybody is known to hold an identifier, or to have held it, in that life of it.
func (v *view) held(name string) bool {
	if v.facts.local(name).last > 0 {
		return true
	}
	x, _ := baseOf(name)
	for k := range v.partnersOf(x) {
		if v.facts.speaks(k, v.facts.edges[k], name) {
			return true
		}
	}
	return false
}

// passOnIDs leaves the ids that were made of an identifier with those it was nearest to, when it goes from them:
// because a person takes it away, or because it turns out to be nobody's alone. So the customer keeps the id.
func (v *view) passOnIDs(p *Partition, left []string, at int64) bool {
	changed := false
	for cid, b := range v.facts.born {
		x := b.node
		was, known := v.entry(x)
		if !known || !slices.Contains(left, x) && (was.generic || !p.state[x].generic) {
			continue
		}
		next, best := "", arc{}
		for k, e := range v.facts.edges {
			a := arc{x: k.x, y: k.y, rank: k.rank, t0: e.t0, from: k}
			if k.x != x && k.y != x {
				continue
			}
			y := a.other(x)
			now, ok := v.entry(y)
			if !ok || now.group != was.group || p.state[y].generic || slices.Contains(left, y) || p.same(x, y) {
				continue
			}
			if next == "" || strongestThenOldest(a, best) < 0 {
				next, best = y, a
			}
		}
		if next != "" {
			v.facts.bear(cid, birth{node: next, at: max(at, b.at+1), by: b.by})
			changed = true
		}
	}
	return changed
}
