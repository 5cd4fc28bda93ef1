package identity

import (
	"context"
	"encoding/json"
	"slices"
)

// trace is what others keep of a customer.
type trace struct {
	suggestions []string
	// reasons are entries in the lists of others, with what is to stand there instead.
	reasons []retold
}

type retold struct{ key, was, now string }

// tracesOf finds what others keep of a customer.
func (r *Registry) tracesOf(ctx context.Context, ids []string) (trace, error) {
	var t trace
	for _, id := range ids {
		pairs, err := r.suggestionsAbout(ctx, id)
		if err != nil {
			return t, err
		}
		t.suggestions = append(t.suggestions, pairs...)
		list, err := r.store.Redis().LRange(ctx, lifeKey(id), 0, -1).Result()
		if err != nil {
			return t, away(err)
		}
		for _, was := range list {
			var l logged
			if err := json.Unmarshal([]byte(was), &l); err != nil {
				return t, err
			}
			if l.Reason == "" {
				continue
			}
			l.Reason = ""
			now, err := json.Marshal(l)
			if err != nil {
				return t, err
			}
			for _, other := range slices.Concat(l.Before, l.After) {
				e := retold{lifeKey(other), was, string(now)}
				if !slices.Contains(ids, other) && !slices.Contains(t.reasons, e) {
					t.reasons = append(t.reasons, e)
				}
			}
		}
	}
	return t, nil
}
