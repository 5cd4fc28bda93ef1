package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// A Cursor keeps the small things one connector must remember. Its methods may be called concurrently.
type Cursor struct {
	store     *Store
	connector string
}

// Cursor is the cursor of the connector with that name.
func (s *Store) Cursor(connector string) *Cursor { return &Cursor{store: s, connector: connector} }

// Load is what was saved last under key, "" when there is nothing.
func (c *Cursor) Load(ctx context.Context, key string) (string, error) {
	_, values, err := c.store.Load(ctx, Field{Key: cursorKey(c.connector), Name: key})
	if err != nil {
		return "", fmt.Errorf("load cursor %s of %s: %w", key, c.connector, err)
	}
	return values[0], nil
}

// Save keeps value under key, as durably as the store keeps anything. Saving "" forgets the key.
func (c *Cursor) Save(ctx context.Context, key, value string) error {
	var tx Tx
	if value == "" {
		tx.DelField(cursorKey(c.connector), key)
	} else {
		tx.SetField(cursorKey(c.connector), key, value)
	}
	if _, err := c.store.Commit(ctx, &tx); err != nil {
		return fmt.Errorf("save cursor %s of %s: %w", key, c.connector, err)
	}
	return nil
}

// First keeps value under key for keep, unless something is kept there: it gives what was, "" when nothing was. After an
// error nobody knows.
func (c *Cursor) First(ctx context.Context, key, value string, keep time.Duration) (kept string, err error) {
	name := seenKey(c.connector, key)
	for {
		set, err := c.store.rdb.SetNX(ctx, name, value, keep).Result()
		if err == nil && set {
			return "", nil
		}
		if err == nil {
			kept, err = c.store.rdb.Get(ctx, name).Result()
		}
		if errors.Is(err, redis.Nil) { // it ran out in between
			continue
		}
		if err != nil {
			return "", fmt.Errorf("note %s of %s: %w", key, c.connector, Cause(err))
		}
		return kept, nil
	}
}

// Note keeps value under key for keep, in the place of what was kept there.
func (c *Cursor) Note(ctx context.Context, key, value string, keep time.Duration) error {
	if err := c.store.rdb.Set(ctx, seenKey(c.connector, key), value, keep).Err(); err != nil {
		return fmt.Errorf("note %s of %s: %w", key, c.connector, Cause(err))
	}
	return nil
}

// Kept is what Note, First or Once keeps under key; found is false when nothing is.
func (c *Cursor) Kept(ctx context.Context, key string) (value string, found bool, err error) {
	value, err = c.store.rdb.Get(ctx, seenKey(c.connector, key)).Result()
	if errors.Is(err, redis.Nil) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("look for %s of %s: %w", key, c.connector, Cause(err))
	}
	return value, true, nil
}

// Once tells whether key is asked for the first time within keep, whoever asks. After an error nobody knows.
func (c *Cursor) Once(ctx context.Context, key string, keep time.Duration) (first bool, err error) {
	first, err = c.store.rdb.SetNX(ctx, seenKey(c.connector, key), "", keep).Result()
	if err != nil {
		return false, fmt.Errorf("note %s of %s: %w", key, c.connector, Cause(err))
	}
	return first, nil
}
