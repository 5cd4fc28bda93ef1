package thread

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/message"
	"loket/internal/store"
)

// referenceLife is how long an id that was mentioned can still bring a message to its thread.
const referenceLife = 400 * 24 * time.Hour

// Join finds the thread that a message belongs to by what it refers to, root first; fresh is the thread it
// begins otherwise. Ancestors that were never seen are remembered, so that siblings who share only one of
// them meet, even when they come at the same instant. A message that knows its thread keeps it, and its references
// lead there from then on. Doing it again gives the same thread.
func (t *Threads) Join(ctx context.Context, m *message.Message, fresh string) (string, error) {
	refs := m.References
	if m.Own != "" && !slices.Contains(refs, m.Own) {
		refs = append(slices.Clone(refs), m.Own)
	}
	if len(refs) == 0 {
		return cmp.Or(m.Thread, fresh), nil
	}
	rdb := t.store.Redis()
	pipe := rdb.Pipeline()
	gets := make([]*redis.StringCmd, len(refs))
	for i, r := range refs {
		gets[i] = pipe.Get(ctx, referenceKey(m.Connector, r))
	}
	_, _ = pipe.Exec(ctx) // gives the first error alone, which may be that a reference is not known
	thread, known := cmp.Or(m.Thread, fresh), m.Thread != ""
	for _, g := range gets {
		if err := g.Err(); err != nil && !errors.Is(err, redis.Nil) {
			return "", fmt.Errorf("look up references of %s: %w", m.ID, store.Cause(err))
		}
		if g.Val() != "" && !known {
			thread, known = g.Val(), true
		}
	}
	if !known {
		// The root decides who of several newcomers was first.
		root := referenceKey(m.Connector, refs[0])
		if err := rdb.SetNX(ctx, root, thread, referenceLife).Err(); err != nil {
			return "", fmt.Errorf("remember references of %s: %w", m.ID, store.Cause(err))
		}
		first, err := rdb.Get(ctx, root).Result()
		if err != nil {
			return "", fmt.Errorf("remember references of %s: %w", m.ID, store.Cause(err))
		}
		thread = first
	}
	pipe = rdb.Pipeline()
	for i, r := range refs {
		if gets[i].Val() == "" {
			pipe.SetNX(ctx, referenceKey(m.Connector, r), thread, referenceLife)
		}
	}
	if pipe.Len() == 0 {
		return thread, nil
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return "", fmt.Errorf("remember references of %s: %w", m.ID, store.Cause(err))
	}
	return thread, nil
}
