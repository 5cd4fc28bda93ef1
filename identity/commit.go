package identity

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/oklog/ulid/v2"

	"loket/internal/message"
	"loket/internal/store"
)

// A change is one operation: what it reads, the facts it adds, and what it demands of the outcome.
type change struct {
	op    string
	by    By
	nodes []string          // what it is about: identifiers and cidNodes
	index map[string]string // what was read of the index just now
	// say adds the facts. It runs again when others changed the same customers meanwhile.
	say func(v *view) error
	// judge looks at what comes of it. An error and nothing is done.
	judge func(v *view, p *Partition) error
	// bounded: nobody looked at it, so that too many joins trip it.
	bounded bool
	tripped bool
	// left are identifiers that a person takes from their customer, whose id stays with the others.
	left  []string
	hints []hint   // what is filed for a person to look at, besides what is refused
	erase []string // nodes that are no more
	// quiet does not stand in the log.
	quiet bool
	// lazy: what is seen with those who have too many partners is only counted.
	lazy bool
}

// hint is that two customers may be one, how in words for people.
type hint struct{ a, b, how string }

// maxTries bounds how often a change is computed again because others were faster.
const maxTries = 400

// do computes and commits a change. The partition it answers has all ids.
func (r *Registry) do(ctx context.Context, c *change) (*view, *Partition, error) {
	for try := range maxTries {
		v, err := r.loadFor(ctx, c)
		if err != nil && !errors.Is(err, errStale) {
			return nil, nil, err
		}
		if err == nil {
			v.suspects = try > 0
			p, done, err := r.try(ctx, c, v)
			if done || err != nil && !errors.Is(err, errStale) {
				return v, p, err
			}
		}
		c.index = nil
		r.counts.retries.Add(1)
		if err := pause(ctx, try); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, errStale
}

func pause(ctx context.Context, try int) error {
	if try == 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(rand.N(min(time.Duration(try)*500*time.Microsecond, 20*time.Millisecond))):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *Registry) try(ctx context.Context, c *change, v *view) (*Partition, bool, error) {
	v.remember()
	if err := c.say(v); err != nil {
		return nil, false, err
	}
	p := Derive(v.facts)
	if v.bequeath(p, c.left, r.now().UnixMilli()) {
		p = Derive(v.facts)
	}
	joins := v.joins(p)
	if c.bounded && !c.tripped && len(joins) > 0 {
		tooMany, err := r.tooMany(ctx, c, joins)
		if err != nil {
			return nil, false, err
		}
		if tooMany {
			c.tripped = true
			r.counts.tripped.Add(1)
			return nil, false, nil
		}
	}
	if c.judge != nil {
		if err := c.judge(v, p); err != nil {
			return p, false, err
		}
	}
	w := &writing{reg: r, view: v, p: p, change: c, now: r.now(), joins: joins}
	done, err := w.commit(ctx)
	return p, done, err
}

// remember fills in what the index says of those whose entry was not read: it is what their facts make.
func (v *view) remember() {
	p := Derive(v.facts)
	for i := range p.Groups {
		for _, x := range p.Groups[i].Nodes {
			if _, read := v.index[x]; !read {
				v.index[x] = v.entryOf(x, &p.Groups[i], p.state[x]).String()
			}
		}
	}
}

// writing is one attempt to commit.
type writing struct {
	reg    *Registry
	view   *view
	p      *Partition
	change *change
	now    time.Time
	joins  [][]string
	tx     store.Tx
	writes int
	fresh  []string // ids made
	moves  []move
	turned bool // something is contested or shared that was not, or the other way round
}

// move is an identifier that goes from one customer to another, or to nobody. A new one comes from nowhere.
type move struct {
	node, from, to string
	fresh          bool
}

func (w *writing) commit(ctx context.Context) (bool, error) {
	w.settle()
	version := w.view.version + 1
	touching := w.view.facts.touching()
	keys := map[string]bool{}
	var changed []string
	for i := range w.p.Groups {
		g := &w.p.Groups[i]
		key := g.key()
		keys[key] = true
		text, err := w.view.facts.write(g, touching, w.view.keeps)
		if err != nil {
			return false, fmt.Errorf("write group %s: %w", key, err)
		}
		if text != w.view.groups[key] {
			changed = append(changed, key)
			w.set(groupKey(key), strconv.FormatInt(version, 10)+";"+text)
			if !w.view.loaded(key) && key != g.ID {
				w.tx.IfString(groupKey(key), "")
			}
		}
		w.indexes(g)
		w.redirects(g)
	}
	for key, text := range w.view.groups {
		if text != "" && !keys[key] {
			w.del(groupKey(key))
		}
	}
	for _, h := range w.change.hints {
		w.suggest(h.a, h.b, h.how, 40)
	}
	w.suggestTripped()
	w.forget()
	w.searchable()
	if w.writes == 0 && len(w.view.hubs) == 0 {
		return true, nil
	}
	for key, text := range w.view.groups {
		if text == "" {
			w.tx.IfString(groupKey(key), "")
			continue
		}
		w.tx.IfPrefix(groupKey(key), strconv.FormatInt(w.view.versions[key], 10)+";")
	}
	for x := range w.view.facts.stubs { // they join nobody: if only that still holds
		w.tx.IfString(indexKey(x), w.view.index[x])
	}
	for x, n := range w.view.hubs {
		w.tx.CountField(hubKey(), x, n)
	}
	w.count()
	if err := w.log(); err != nil {
		return false, err
	}
	done, err := w.reg.store.Commit(ctx, &w.tx)
	if done {
		w.tally()
		for _, key := range changed {
			w.view.versions[key] = version
		}
	}
	return done, err
}

func (w *writing) set(key, value string) { w.tx.Set(key, value); w.writes++ }
func (w *writing) del(key string)        { w.tx.Del(key); w.writes++ }

// key is under what a group is kept: its customer's id, or the name of the one identifier that is nobody's.
func (g *Group) key() string {
	if g.ID != "" {
		return g.ID
	}
	return ownGroup(g.Nodes[0])
}

// settle notes who has too many partners to keep, and gives every customer an id.
func (w *writing) settle() {
	v := w.view
	for x, n := range v.facts.nodes {
		if w.p.state[x].generic && !n.isFull() && v.partners(x) >= maxPartners {
			v.own[x] = map[edgeKey]bool{}
			latest := max(n.shared.at, n.retired+1)
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

// held tells whether anybody is known to hold x since it was last given up.
func (v *view) held(x string) bool {
	n := v.facts.nodes[x]
	if n.last > n.retired && n.last > 0 {
		return true
	}
	for k := range v.partnersOf(x) {
		if v.facts.dead(k, v.facts.edges[k]) == "" {
			return true
		}
	}
	return false
}

// bequeath leaves the ids that were made of an identifier with those it was nearest to, when it goes from them:
// because a person takes it away, or because it turns out to be nobody's alone. So the customer keeps the id.
func (v *view) bequeath(p *Partition, left []string, at int64) bool {
	any := false
	for cid, b := range v.facts.born {
		x := b.node
		was, known := v.entry(x)
		if !known || !slices.Contains(left, x) && (was.generic || !p.state[x].generic) {
			continue
		}
		heir, best := "", arc{}
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
			if heir == "" || strongestThenOldest(a, best) < 0 {
				heir, best = y, a
			}
		}
		if heir != "" {
			v.facts.bear(cid, birth{node: heir, at: max(at, b.at+1), by: b.by})
			any = true
		}
	}
	return any
}

// indexes writes what the index says of a group's identifiers where it changes.
func (w *writing) indexes(g *Group) {
	for _, x := range g.Nodes {
		now := w.view.entryOf(x, g, w.p.state[x])
		was, known := w.view.entry(x)
		if was.contested != now.contested || was.generic != now.generic {
			w.turned = true
		}
		if text := now.String(); text != w.view.index[x] {
			w.set(indexKey(x), text)
		}
		switch {
		case !known:
			w.tx.IfString(indexKey(x), "")
			w.tx.IfNoMember(goneKey(), w.reg.hash(x))
			w.moves = append(w.moves, move{x, "", g.ID, true})
		case was.customer() != g.ID:
			w.moves = append(w.moves, move{x, was.customer(), g.ID, false})
		}
	}
}

func (v *view) entryOf(x string, g *Group, s state) entry {
	n := v.facts.nodes[x]
	e := entry{
		group: g.key(), tie: s.tie, generic: s.generic, contested: s.contested, blocked: n.blocked.on, full: n.isFull(),
		retired: n.retired,
	}
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
		if id := identifierOf(other); isHandle && id.Kind == bearerKind(identifierOf(x).Kind) {
			if b, ok := latest[id.Scope]; !ok || edge.t1 > b.t1 || edge.t1 == b.t1 && other < b.account {
				latest[id.Scope] = bearer{account: other, t1: edge.t1}
			}
		}
	}
	for _, b := range latest {
		e.bearers = append(e.bearers, b.account)
	}
	slices.Sort(e.bearers)
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

// joins are the customers, known before, that come together, a list for each of the groups.
func (v *view) joins(p *Partition) [][]string {
	var out [][]string
	for i := range p.Groups {
		var were []string
		for _, x := range p.Groups[i].Nodes {
			e, _ := v.entry(x)
			if c := e.customer(); c != "" && !slices.Contains(were, c) {
				were = append(were, c)
			}
		}
		if len(were) > 1 {
			slices.Sort(were)
			out = append(out, were)
		}
	}
	return out
}

func (b By) evidence() string {
	if b.Message != "" {
		return b.Message
	}
	return b.Actor
}
