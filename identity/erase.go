package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"loket/internal/message"
)

// Erase forgets a customer: all identifiers, all that was said of them, and the history. What is left of them are
// keyed hashes, by which registering them again is refused; the ids answer ErrGone for ever. Who was connected with
// the customer is derived anew, and in their history the reasons are taken out that were given for both. Erasing again
// is ErrGone, and finishes what a process that died in between has left.
func (r *Registry) Erase(ctx context.Context, customer string, by By) error {
	// The name and the reason must not tell in the history of others who it was.
	c := &change{op: "erase", by: By{Actor: by.Actor, At: by.At}, nodes: []string{cidNode(customer)}}
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
	in := func(x string) bool {
		cid, ok := cidOf(x)
		return slices.Contains(g.Nodes, x) || ok && slices.Contains(g.IDs, cid)
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

// drop takes a group and all its facts away, with the handles and shared identifiers that only it had. It gives
// the names of all that is gone.
func (v *view) drop(g *Group) []string {
	gone := slices.Clone(g.Nodes)
	for _, id := range g.IDs {
		gone = append(gone, cidNode(id))
		delete(v.facts.born, id)
	}
	v.cut(gone)
	for x, n := range v.facts.nodes {
		id := identifierOf(x)
		nobodys := n.shared.at == 0 && n.blocked.at == 0 && n.first == 0 && n.full == 0
		if (id.Class() == message.Alias || id.Role()) && nobodys && v.partners(x) == 0 {
			gone = append(gone, x)
			delete(v.facts.nodes, x)
		}
	}
	return gone
}

// cut removes nodes and every fact that touches them.
func (v *view) cut(nodes []string) {
	for _, x := range nodes {
		delete(v.facts.nodes, x)
	}
	for k := range v.facts.edges {
		if slices.Contains(nodes, k.x) || slices.Contains(nodes, k.y) {
			delete(v.facts.edges, k)
		}
	}
	for k := range v.facts.words {
		if slices.Contains(nodes, k.x) || slices.Contains(nodes, k.y) {
			delete(v.facts.words, k)
		}
	}
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

// gone tells which identifiers were erased.
func (r *Registry) gone(ctx context.Context, ids []message.Identifier) (map[string]bool, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	hashes := make([]string, len(ids))
	for i, id := range ids {
		hashes[i] = r.hash(id.String())
	}
	scores, err := r.store.Redis().ZMScore(ctx, goneKey(), hashes...).Result()
	if err != nil {
		return nil, fmt.Errorf("look what was erased: %w", away(err))
	}
	out := map[string]bool{}
	for i, id := range ids {
		out[id.String()] = scores[i] > 0
	}
	return out, nil
}
