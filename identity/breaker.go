package identity

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"
)

// Limits are how many customers may come together without a person looking at it. More is taken for an attack or a
// mistake: it is only suggested.
type Limits struct {
	PerCustomer   int // a day
	PerIdentifier int // a day
	PerMinute     int // all of them
}

func (l Limits) orDefaults() Limits {
	if l == (Limits{}) {
		return Limits{PerCustomer: 10, PerIdentifier: 5, PerMinute: 600}
	}
	return l
}

const day = 24 * time.Hour

// tooMany tells whether the joins of a change would be more than the limits allow.
func (r *Registry) tooMany(ctx context.Context, c *change, joins [][]string) (bool, error) {
	now := r.now()
	keys, most := []string{minuteKey(now)}, []int{r.limits.PerMinute}
	for _, id := range r.counted(c, joins) {
		keys, most = append(keys, joinsKey(id.name, now)), append(most, id.most)
	}
	values, err := r.strings(ctx, keys)
	if err != nil {
		return false, err
	}
	for i, v := range values {
		if n, _ := strconv.Atoi(v); n >= most[i] {
			return true, nil
		}
	}
	return false, nil
}

type counted struct {
	name string
	most int
}

// counted are the names under which the joins of a change are counted. Identifiers are counted by their hashes.
func (r *Registry) counted(c *change, joins [][]string) []counted {
	var out []counted
	for _, were := range joins {
		for _, id := range were {
			out = append(out, counted{id, r.limits.PerCustomer})
		}
	}
	for _, x := range c.nodes {
		if _, ok := cidOf(x); !ok {
			out = append(out, counted{r.hash(x), r.limits.PerIdentifier})
		}
	}
	return out
}

// count notes the joins that nobody looked at. The oldest customer is counted as well, so that one who swallows many
// trips, whoever comes second.
func (w *writing) count() {
	if !w.change.bounded || len(w.joins) == 0 {
		return
	}
	w.tx.Count(minuteKey(w.now), int64(len(w.joins)), 2*time.Minute)
	for _, c := range w.reg.counted(w.change, w.joins) {
		w.tx.Count(joinsKey(c.name, w.now), 1, day)
	}
}

// suggestTripped files what was not joined because there were too many joins.
func (w *writing) suggestTripped() {
	first := ""
	for _, x := range w.change.nodes {
		if g := w.p.group(x); w.change.tripped && g != nil && g.ID != "" {
			first = cmp.Or(first, g.ID)
			w.suggest(first, g.ID, "joins were stopped because there were too many", 20)
		}
	}
}

// suggest files that two customers may be one, for a person to look at. how is in words for people.
func (w *writing) suggest(a, b, how string, score int64) {
	if a == "" || b == "" || a == b {
		return
	}
	both := []string{a, b}
	slices.Sort(both)
	pair := both[0] + "+" + both[1]
	w.writes++
	w.tx.ZAdd(suggestionsKey(), score, pair)
	w.tx.SetField(suggestionKey(pair), how, w.change.by.evidence())
}
