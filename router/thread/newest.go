package thread

import (
	"cmp"
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"loket/internal/message"
	"loket/internal/store"
)

// A Position is where a message stands in its thread. It stays while others come.
type Position struct {
	ID string `json:"id"`
	At int64  `json:"at"` // when it came, ms
}

// PositionOf is that of a message.
func PositionOf(m *message.Message) Position { return Position{m.ID, m.Received.UnixMilli()} }

// IsZero tells whether it is the end of the thread, behind its newest message.
func (p Position) IsZero() bool { return p == Position{} }

// Compare is less than 0 when p stands before q.
func (p Position) Compare(q Position) int {
	return cmp.Or(cmp.Compare(p.At, q.At), cmp.Compare(p.ID, q.ID))
}

// Newest gives the newest messages of a thread in the order they came, at most that many and as stored at most that
// many bytes, but always one; older tells whether there are more. A page must not grow with what a sender likes to
// write.
func (t *Threads) Newest(ctx context.Context, id string, messages, bytes int) (entries []Entry, older bool, err error) {
	return t.Older(ctx, id, Position{}, messages, bytes)
}

// Older is Newest of what stands before a position.
func (t *Threads) Older(ctx context.Context, id string, before Position, messages, bytes int) (entries []Entry, older bool, err error) {
	ids, a, err := t.older(ctx, id, before, messages+1)
	if err != nil {
		return nil, false, fmt.Errorf("list messages of thread %s: %w", id, err)
	}
	if len(ids) == 0 {
		return nil, false, nil
	}
	if a != nil {
		from := oldestFitting(len(ids), messages, bytes, func(i int) int { return len(a.Fields[ids[i]]) })
		entries, err = a.entries(ids[from:])
		return entries, from > 0, err
	}
	from, err := t.fitting(ctx, id, ids, messages, bytes)
	if err != nil {
		return nil, false, fmt.Errorf("measure messages of thread %s: %w", id, store.Cause(err))
	}
	entries, err = t.entries(ctx, id, nil, ids[from:])
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
	return oldestFitting(len(ids), messages, bytes, func(i int) int { return int(sizes[i].Val()) }), nil
}

func oldestFitting(n, messages, bytes int, size func(int) int) int {
	from, sum := n-1, size(n-1)
	for from > max(0, n-messages) && sum+size(from-1) <= bytes {
		from--
		sum += size(from)
	}
	return from
}
