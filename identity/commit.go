package identity

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"loket/internal/store"
)

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
	w.suggestSilent()
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
	w.guard()
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

// guard demands that what was read of the index still stands, written or not: it was read before the groups, and what
// is made may equal it by chance when another changed it in between. What was not read is what the groups make, which
// are guarded; and of who joins nobody nothing else is known.
func (w *writing) guard() {
	for x, value := range w.view.index {
		if !w.view.guessed[x] {
			w.tx.IfString(indexKey(x), value)
		}
	}
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
