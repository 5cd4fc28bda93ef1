package thread

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
)

// Said gives the newest entries of each of the threads that are in the store, and how many bytes they are: at most so many
// entries and bytes of one thread, but always one. It takes three round trips. What is archived, or cannot be read, is left
// out.
func (t *Threads) Said(ctx context.Context, threads []string, most, bytes int) (said map[string][]Entry, size int, err error) {
	ids, size, err := t.newestOf(ctx, threads, most, bytes)
	if err != nil {
		return nil, 0, err
	}
	pipe := t.store.Redis().Pipeline()
	fields := make([]*redis.SliceCmd, len(threads))
	for i, id := range threads {
		if len(ids[i]) > 0 {
			fields[i] = pipe.HMGet(ctx, threadKey(id), ids[i]...)
		}
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, 0, fmt.Errorf("read messages of threads: %w", store.Cause(err))
	}
	said = map[string][]Entry{}
	for i, id := range threads {
		if fields[i] == nil {
			continue
		}
		for _, raw := range fields[i].Val() {
			text, _ := raw.(string)
			if e, err := decodeEntry(text); err == nil && e.Message != nil {
				said[id] = append(said[id], e)
			}
		}
	}
	return said, size, nil
}

// newestOf are the ids of those that fit, and their size.
func (t *Threads) newestOf(ctx context.Context, threads []string, most, bytes int) (ids [][]string, size int, err error) {
	pipe := t.store.Redis().Pipeline()
	orders := make([]*redis.StringSliceCmd, len(threads))
	for i, id := range threads {
		orders[i] = pipe.ZRange(ctx, orderKey(id), -int64(most), -1)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, 0, fmt.Errorf("list messages of threads: %w", store.Cause(err))
	}
	ids = make([][]string, len(threads))
	sizes := make([][]*redis.IntCmd, len(threads))
	for i, id := range threads {
		ids[i] = orders[i].Val()
		for _, m := range ids[i] {
			sizes[i] = append(sizes[i], pipe.HStrLen(ctx, threadKey(id), m))
		}
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, 0, fmt.Errorf("measure messages of threads: %w", store.Cause(err))
	}
	for i := range ids {
		n := len(ids[i])
		if n == 0 {
			continue
		}
		from := oldestFitting(n, most, bytes, func(j int) int { return int(sizes[i][j].Val()) })
		for _, s := range sizes[i][from:] {
			size += int(s.Val())
		}
		ids[i] = ids[i][from:]
	}
	return ids, size, nil
}
