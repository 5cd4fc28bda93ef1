package identity

import (
	"context"
	_ "embed"
	"fmt"

	"loket/internal/message"
	"loket/internal/store"
)

//go:embed scripts/owners.lua
var ownersSource string

// A script and not MGET, so that look-ups that come together travel together and an absent store is ErrAway.
var ownersScript = store.NewScript("owners", ownersSource)

// owners gives the customer of each identifier, "" where there is none, in one round trip or none.
func (r *Registry) owners(ctx context.Context, ids []message.Identifier) ([]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = indexKey(id)
	}
	answer, err := r.store.Run(ctx, ownersScript, keys)
	if err != nil {
		return nil, err
	}
	list, ok := answer.([]any)
	if !ok || len(list) != len(ids) {
		return nil, fmt.Errorf("owners: unexpected answer %T", answer)
	}
	customers := make([]string, len(ids))
	for i, v := range list {
		if c, _ := v.(string); c != erased {
			customers[i] = c
		}
	}
	return customers, nil
}
