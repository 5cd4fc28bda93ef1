package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"loket/internal/message"
	"loket/internal/spool"
	"loket/internal/store"
)

// A Forgetting says which messages on the way in are a person's.
type Forgetting struct {
	Theirs func(m *message.Message) bool
	// Drop removes the files of a message. It comes before the message itself goes, and may come again.
	Drop func(ctx context.Context, m *message.Message) error
}

// Forget takes what is a person's out of quarantine and out of the spool of this process. What is on its way into a task
// is left to arrive there: waiting counts it, and there it can be forgotten. Doing it again is harmless.
func (in *Intake) Forget(ctx context.Context, f Forgetting) (went bool, waiting int, err error) {
	for p := range partition(partitions) {
		gone, left, err := in.forgetIn(ctx, p, f)
		if err != nil {
			return went, waiting, fmt.Errorf("forget in journal: %w", err)
		}
		went, waiting = went || gone, waiting+left
	}
	ids, err := in.spool.List(0)
	if err != nil {
		return went, waiting, err
	}
	for _, id := range ids {
		m, err := in.spool.Get(id)
		if errors.Is(err, spool.ErrNone) || errors.Is(err, spool.ErrCorrupt) {
			continue
		}
		if err != nil {
			return went, waiting, err
		}
		if !f.Theirs(m) {
			continue
		}
		if err := f.Drop(ctx, m); err != nil {
			return went, waiting, err
		}
		if err := in.spool.Remove(id); err != nil {
			return went, waiting, err
		}
		went = true
	}
	return went, waiting, nil
}

func (in *Intake) forgetIn(ctx context.Context, p partition, f Forgetting) (went bool, waiting int, err error) {
	rdb := in.store.Redis()
	seen := map[string]bool{} // a scan may give an entry twice
	it := rdb.HScan(ctx, p.bodies(), 0, "", 200).Iterator()
	for it.Next(ctx) {
		id := it.Val()
		if !it.Next(ctx) {
			break
		}
		var m message.Message
		if seen[id] || json.Unmarshal([]byte(it.Val()), &m) != nil || !f.Theirs(&m) {
			continue
		}
		seen[id] = true
		buried, err := rdb.HExists(ctx, p.quarantine(), id).Result()
		if err != nil {
			return went, waiting, store.Cause(err)
		}
		if !buried {
			waiting++
			continue
		}
		if err := f.Drop(ctx, &m); err != nil {
			return went, waiting, err
		}
		if err := in.Drop(ctx, id); err != nil && !errors.Is(err, ErrNone) {
			return went, waiting, err
		}
		went = true
	}
	return went, waiting, store.Cause(it.Err())
}
