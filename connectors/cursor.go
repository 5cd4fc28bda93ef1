package connectors

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// ErrUnreadable is why something is not recalled that another version kept.
var ErrUnreadable = errors.New("what was kept cannot be read")

// Keep keeps v, which can be written as JSON, under a key of a cursor.
func Keep(ctx context.Context, c Cursor, key string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("keep: %w", err)
	}
	return c.Save(ctx, key, string(b))
}

// Recall reads into v what Keep kept under a key; found is false when there is nothing.
func Recall(ctx context.Context, c Cursor, key string, v any) (found bool, err error) {
	saved, err := c.Load(ctx, key)
	if err != nil || saved == "" {
		return false, err
	}
	if err := json.Unmarshal([]byte(saved), v); err != nil {
		return false, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return true, nil
}
