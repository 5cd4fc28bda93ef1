package thread

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"loket/internal/message"
	"loket/internal/store"
)

//go:embed scripts/join.lua
var joinSource string

var joinScript = store.NewScript("join", joinSource)

// referenceLife is how long an id that was mentioned can still bring a message to its thread.
const referenceLife = 400 * 24 * time.Hour

// Join finds the thread that a message belongs to by what it refers to, root first; fresh is the thread it
// begins otherwise. Ancestors that were never seen are remembered, so that siblings who share any one of
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
	return t.join(ctx, m.Connector, refs, m.Thread, fresh)
}

func (t *Threads) join(ctx context.Context, connector string, refs []string, known, fresh string) (string, error) {
	v, err := t.store.Run(ctx, joinScript, referenceKeys(connector, refs), known, fresh, referenceLife.Milliseconds())
	if err != nil {
		return "", fmt.Errorf("join thread: %w", err)
	}
	thread, _ := v.(string)
	return thread, nil
}

// Known finds the thread that a message belongs to, and "" when it would begin one. It remembers nothing.
func (t *Threads) Known(ctx context.Context, m *message.Message) (string, error) {
	if m.Thread != "" || len(m.References) == 0 {
		return m.Thread, nil
	}
	leads, err := t.store.Redis().MGet(ctx, referenceKeys(m.Connector, m.References)...).Result()
	if err != nil {
		return "", fmt.Errorf("look up references: %w", store.Cause(err))
	}
	for _, l := range leads {
		if thread, _ := l.(string); thread != "" {
			return thread, nil
		}
	}
	return "", nil
}
