package store

import (
	"context"
	"fmt"
)

// Once fixes a value for the life of the store and tells whether it is the one that was fixed first.
func (s *Store) Once(ctx context.Context, name, value string) (same bool, err error) {
	key := onceKey(name)
	if err := s.rdb.SetNX(ctx, key, value, 0).Err(); err != nil {
		return false, fmt.Errorf("fix %s: %w", name, Cause(err))
	}
	first, err := s.rdb.Get(ctx, key).Result()
	if err != nil {
		return false, fmt.Errorf("fix %s: %w", name, Cause(err))
	}
	return first == value, nil
}
