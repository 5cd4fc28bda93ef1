package identity

import (
	"slices"

	"loket/internal/message"
)

// indexes writes what the index says of a group's identifiers where it changes.
func (w *writing) indexes(g *Group) {
	for _, x := range g.Nodes {
		now := w.view.entryOf(x, g, w.p.state[x])
		was, known := w.view.entry(x)
		if was.contested != now.contested || was.generic != now.generic || was.several != now.several {
			w.turned = true
		}
		if text := now.String(); text != w.view.index[x] {
			w.set(indexKey(x), text)
		}
		switch {
		case !known:
			w.tx.IfString(indexKey(x), "")
			if !w.change.revived[x] {
				w.tx.IfNoMember(goneKey(), w.reg.hash(x))
			}
			w.moves = append(w.moves, move{x, "", g.ID, true})
		case was.customer() != g.ID:
			w.moves = append(w.moves, move{x, was.customer(), g.ID, false})
		}
	}
}

func (v *view) entryOf(x string, g *Group, s state) entry {
	n := v.facts.local(x)
	e := entry{
		group: g.key(), tie: s.tie, generic: s.generic, contested: s.contested, blocked: n.blocked.on, full: n.isFull(), beside: s.beside, several: s.several,
	}
	if isPast(x) {
		return e
	}
	e.ends = v.facts.nodes[x].ends
	last := n.last
	latest := map[string]bearer{}
	isHandle := identifierOf(x).Class() == message.Alias
	for k, edge := range v.facts.edges {
		if k.x != x && k.y != x || v.facts.dead(k, edge) != "" {
			continue
		}
		last = max(last, edge.t1)
		other := k.x
		if other == x {
			other = k.y
		}
		if id := identifierOf(other); isHandle && id.Bears(identifierOf(x)) {
			if b, ok := latest[id.Scope]; !ok || edge.t1 > b.t1 || edge.t1 == b.t1 && other < b.account {
				latest[id.Scope] = bearer{account: other, t1: edge.t1}
			}
		}
	}
	for _, b := range latest {
		e.bearers = append(e.bearers, b.account)
	}
	if !isHandle {
		e.bearers = n.names.marks()
		for _, l := range n.languages {
			e.languages = append(e.languages, l.name)
		}
	}
	slices.Sort(e.bearers)
	slices.Sort(e.languages)
	e.day = dayOf(last)
	return e
}

// redirects keeps former ids leading where their group is.
func (w *writing) redirects(g *Group) {
	for _, id := range g.IDs {
		was, known := w.view.ids[id]
		switch {
		case id == g.ID && known && was != id:
			w.del(indexKey(cidNode(id)))
		case id != g.ID && was != g.ID:
			w.set(indexKey(cidNode(id)), g.ID)
		}
	}
}
