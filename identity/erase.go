package identity

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"loket/internal/message"
)

// Erase forgets a customer: all identifiers, all that was said of them, and the history. What is left of them are
// keyed hashes, by which registering them again is refused; the ids answer ErrGone for ever. Who was connected with
// the customer is derived anew, and in their history the reasons are taken out that were given for both. Erasing again
// is ErrGone, and finishes what a process that died in between has left.
func (r *Registry) Erase(ctx context.Context, customer string, by Actor) error {
	// The name and the reason must not tell in the history of others who it was.
	c := &change{op: "erase", by: Actor{Name: by.Name, At: by.At}, nodes: []string{cidNode(customer)}}
	c.say = func(v *view) error {
		p := Derive(v.facts)
		g, err := v.must(p, customer)
		if err != nil {
			return err
		}
		// Who was tied to the customer once, or told apart from it, still has facts that name it.
		if err := v.more(ctx, v.acquainted(g)); err != nil {
			return err
		}
		// Shared identifiers hold facts of the customer too, and may be shared no longer.
		if err := v.open(ctx, func(string) bool { return true }); err != nil {
			return err
		}
		c.erase = v.drop(g)
		c.trace, err = r.tracesOf(ctx, g.IDs)
		return err
	}
	_, _, err := r.do(ctx, c)
	if err == nil || errors.Is(err, ErrGone) {
		// What was filed while the customer was erased.
		if err := r.dropSuggestions(ctx, append(c.erase, cidNode(customer))); err != nil {
			return fmt.Errorf("erase customer %s: %w", customer, err)
		}
	}
	if err != nil {
		return fmt.Errorf("erase customer %s: %w", customer, err)
	}
	return nil
}

// acquainted are the nodes outside a group of which anything was ever said together with it.
func (v *view) acquainted(g *Group) []string {
	had := map[string]bool{}
	for _, name := range g.Nodes {
		x, _ := baseOf(name)
		had[x] = true
	}
	in := func(x string) bool {
		cid, ok := cidOf(x)
		x, _ = baseOf(x)
		return had[x] || ok && slices.Contains(g.IDs, cid)
	}
	var out []string
	add := func(k pair) {
		if in(k.x) != in(k.y) {
			out = append(out, k.x, k.y)
		}
	}
	for k := range v.facts.edges {
		add(k.pair)
	}
	for k := range v.facts.words {
		add(k)
	}
	return out
}

// open reads the shared identifiers that were left out, and then all that is missing.
func (v *view) open(ctx context.Context, which func(x string) bool) error {
	var nodes []string
	for x := range v.facts.stubs {
		if v.index[x] != "" && which(x) {
			v.opened[x] = true
			nodes = append(nodes, x)
			delete(v.facts.stubs, x)
		}
	}
	if err := v.more(ctx, nodes); err != nil {
		return err
	}
	if err := v.fits(); err != nil {
		return err
	}
	v.remember()
	return nil
}

// drop takes a group and all its facts away, with the handles and shared identifiers that only it had. What others were, or
// are, by an identifier that it gave up or took over stays theirs. It gives the names of all that is gone.
func (v *view) drop(g *Group) []string {
	gone := map[string]bool{}
	for _, id := range g.IDs {
		gone[cidNode(id)] = true
		delete(v.facts.born, id)
	}
	for _, name := range g.Nodes {
		gone[name] = true
	}
	touched := v.cut(gone)
	names := slices.Clone(g.Nodes)
	slices.SortFunc(names, func(x, y string) int { return -presence(x, y) }) // what it had first
	for _, name := range names {
		v.empty(name)
	}
	for x, n := range v.facts.nodes {
		id := identifierOf(x)
		nobodys := n.shared.at == 0 && n.blocked.at == 0 && n.first == 0 && n.full == 0
		if touched[x] && (id.Class() == message.Alias || id.Role()) && nobodys && v.partners(x) == 0 && !v.succeeded(x) {
			v.vanish(x, gone)
		}
	}
	for _, name := range g.Nodes {
		x, _ := baseOf(name)
		if n, ok := v.facts.nodes[x]; ok && n.shared.at == 0 && n.blocked.at == 0 && !v.held(x) && !v.succeeded(x) {
			v.vanish(x, gone)
			v.cut(map[string]bool{x: true})
		}
		if v.has(x) {
			delete(gone, x) // others had it: that it is nobody's now must be known
		}
	}
	return slices.Sorted(maps.Keys(gone))
}

// vanish takes away all that is known of an identifier alone.
func (v *view) vanish(x string, gone map[string]bool) {
	for _, l := range v.facts.lives(x) {
		gone[l.name] = true
		delete(v.facts.nodes, l.name)
	}
}

// succeeded tells whether somebody is known who had an identifier before it was given up.
func (v *view) succeeded(x string) bool {
	return slices.ContainsFunc(v.facts.lives(x), func(l life) bool { return l.name != x && v.held(l.name) })
}

// empty takes away what is known of one life of an identifier alone. If others had it before, that is still known.
func (v *view) empty(name string) {
	x, until := baseOf(name)
	n, l := v.facts.nodes[x], v.facts.lifeOf(name)
	left := node{ends: n.ends}
	within := func(at int64) bool { return l.after < at && at <= l.until }
	if !within(n.name.at) {
		left.name = n.name
	}
	if n.alone > 0 && !within(n.alone) {
		left.alone = n.alone
	}
	others := func(all names) names {
		return slices.DeleteFunc(slices.Clone(all), func(c called) bool { return within(c.at) })
	}
	left.names, left.languages = others(n.names), others(n.languages)
	for _, at := range []int64{n.first, n.last} {
		if at > 0 && !within(at) {
			left.first, left.last = earlier(left.first, at), max(left.last, at)
		}
	}
	if until > 0 {
		delete(v.facts.nodes, name)
		left.shared, left.blocked, left.full = n.shared, n.blocked, n.full
	}
	if v.has(x) {
		v.facts.nodes[x] = left
	}
}

// cut removes every fact that touches nodes, and of facts that speak of others too what they say of those nodes. It gives the
// identifiers of which something was removed.
func (v *view) cut(nodes map[string]bool) map[string]bool {
	touched := map[string]bool{}
	for k, e := range v.facts.edges {
		kept, lived, since := false, false, int64(0)
		for _, x := range v.facts.lives(k.x) {
			for _, y := range v.facts.lives(k.y) {
				at, _, ok := e.lived(k, x, y)
				lived = lived || ok
				if ok && !nodes[x.name] && !nodes[y.name] {
					if !kept || at < since {
						since = at
					}
					kept = true
				}
			}
		}
		switch {
		case !lived && !nodes[k.x] && !nodes[k.y]: // it counts for nobody
		case !kept:
			delete(v.facts.edges, k)
			touched[k.x], touched[k.y] = true, true
		case since > e.t0:
			e.t0, e.by = since, ""
			v.facts.edges[k] = e
		}
	}
	theirs, others := map[pair]bool{}, map[pair]bool{}
	for k := range v.facts.decisions {
		x, _ := baseOf(k.x)
		y, _ := baseOf(k.y)
		if nodes[k.x] || nodes[k.y] {
			theirs[pairOf(x, y)] = true
		} else {
			others[pairOf(x, y)] = true
		}
	}
	for k := range v.facts.words {
		if nodes[k.x] || nodes[k.y] || theirs[k] && !others[k] {
			delete(v.facts.words, k)
			touched[k.x], touched[k.y] = true, true
		}
	}
	return touched
}

// forget removes what is kept of erased nodes and notes their hashes.
func (w *writing) forget() {
	if len(w.change.erase) > 0 {
		w.tx.MakeRoom()
	}
	for _, id := range w.change.trace.suggestions {
		w.tx.ZRem(suggestionsKey(), id)
		w.tx.Del(suggestionKey(id))
	}
	for _, e := range w.change.trace.reasons {
		w.tx.Replace(e.key, e.was, e.now)
	}
	for _, x := range w.change.erase {
		if id, ok := cidOf(x); ok {
			w.set(indexKey(x), erased)
			w.tx.Del(lifeKey(id))
			w.tx.Del(noteKey(x))
			continue
		}
		w.tx.Del(noteKey(x))
		w.del(indexKey(x))
		w.tx.DelField(hubKey(), x)
		w.tx.ZAdd(goneKey(), w.now.UnixMilli(), w.reg.hash(x))
	}
}

// gone tells which names of identifiers were erased, and when.
func (r *Registry) gone(ctx context.Context, names ...string) (map[string]int64, error) {
	if len(names) == 0 {
		return nil, nil
	}
	hashes := make([]string, len(names))
	for i, x := range names {
		hashes[i] = r.hash(x)
	}
	scores, err := r.store.Redis().ZMScore(ctx, goneKey(), hashes...).Result()
	if err != nil {
		return nil, fmt.Errorf("look what was erased: %w", away(err))
	}
	out := map[string]int64{}
	for i, x := range names {
		out[x] = int64(scores[i])
	}
	return out, nil
}
