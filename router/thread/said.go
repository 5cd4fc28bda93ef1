package thread

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"loket/internal/message"
	"loket/internal/store"
)

// Said gives the newest messages of each of the threads that are in the store, at most that many of one, in two round
// trips. What is archived, or cannot be read, is left out.
func (t *Threads) Said(ctx context.Context, threads []string, most int) (map[string][]*message.Message, error) {
	pipe := t.store.Redis().Pipeline()
	orders := make([]*redis.StringSliceCmd, len(threads))
	for i, id := range threads {
		orders[i] = pipe.ZRange(ctx, orderKey(id), -int64(most), -1)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("list messages of threads: %w", store.Cause(err))
	}
	fields := make([]*redis.SliceCmd, len(threads))
	for i, id := range threads {
		if ids := orders[i].Val(); len(ids) > 0 {
			fields[i] = pipe.HMGet(ctx, threadKey(id), ids...)
		}
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("read messages of threads: %w", store.Cause(err))
	}
	said := map[string][]*message.Message{}
	for i, id := range threads {
		if fields[i] == nil {
			continue
		}
		for _, raw := range fields[i].Val() {
			text, _ := raw.(string)
			if e, err := decodeEntry(text); err == nil && e.Message != nil {
				said[id] = append(said[id], e.Message)
			}
		}
	}
	return said, nil
}
