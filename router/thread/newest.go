package thread

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
)

// Newest gives the newest messages of a thread in the order they came, at most that many and as stored at most that
// many bytes, but always one; older tells whether there are more. A page must not grow with what a sender likes to
// write.
func (t *Threads) Newest(ctx context.Context, id string, messages, bytes int) (entries []Entry, older bool, err error) {
	ids, err := t.store.Redis().ZRange(ctx, orderKey(id), -int64(messages)-1, -1).Result()
	if err != nil {
		return nil, false, fmt.Errorf("list messages of thread %s: %w", id, store.Cause(err))
	}
	if len(ids) == 0 {
		return nil, false, nil
	}
	from, err := t.fitting(ctx, id, ids, messages, bytes)
	if err != nil {
		return nil, false, fmt.Errorf("measure messages of thread %s: %w", id, store.Cause(err))
	}
	entries, err = t.entries(ctx, id, ids[from:])
	return entries, from > 0, err
}

// fitting is the position of the oldest message that still fits.
func (t *Threads) fitting(ctx context.Context, id string, ids []string, messages, bytes int) (int, error) {
	pipe := t.store.Redis().Pipeline()
	sizes := make([]*redis.IntCmd, len(ids))
	for i, m := range ids {
		sizes[i] = pipe.HStrLen(ctx, threadKey(id), m)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return 0, err
	}
	from, sum := len(ids)-1, sizes[len(ids)-1].Val()
	for from > max(0, len(ids)-messages) && sum+sizes[from-1].Val() <= int64(bytes) {
		from--
		sum += sizes[from].Val()
	}
	return from, nil
}
