package intake

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
)

//go:embed scripts/ids.lua
var idsSource string

var idsScript = store.NewScript("ids", idsSource)

// Status is how much is on its way in.
type Status struct {
	Journal       int64 // accepted, not yet in a task
	Quarantine    int64
	Caught        int64 // in quarantine too, and goes by itself
	SpoolMessages int
	SpoolBytes    int64
	SpoolOldest   time.Time
	SpoolBad      int // files that could not be read
}

// Status counts. With the store away it still tells about the spool, beside the error.
func (in *Intake) Status(ctx context.Context) (Status, error) {
	sp := in.spool.Stats()
	s := Status{SpoolMessages: sp.Messages, SpoolBytes: sp.Bytes, SpoolOldest: sp.Oldest, SpoolBad: sp.Bad}
	pipe := in.store.Redis().Pipeline()
	var journal, quarantine, passing [partitions]*redis.IntCmd
	for p := range partition(partitions) {
		journal[p], quarantine[p], passing[p] = pipe.ZCard(ctx, p.next()), pipe.HLen(ctx, p.quarantine()), pipe.ZCard(ctx, p.passing())
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return s, fmt.Errorf("count journal: %w", store.Cause(err))
	}
	for p := range partition(partitions) {
		s.Journal += journal[p].Val()
		s.Quarantine += quarantine[p].Val() - passing[p].Val()
		s.Caught += passing[p].Val()
	}
	return s, nil
}

// Check looks for broken invariants of the journal: every message in it is either on its way or in quarantine,
// never both, never neither. It only reads; what it finds it looks at twice, because others write meanwhile.
func (in *Intake) Check(ctx context.Context) ([]string, error) {
	var found []string
	for p := range partition(partitions) {
		first, err := in.checkPartition(ctx, p)
		if err != nil {
			return nil, err
		}
		if len(first) == 0 {
			continue
		}
		again, err := in.checkPartition(ctx, p)
		if err != nil {
			return nil, err
		}
		for id, text := range first {
			if again[id] == text {
				found = append(found, text)
			}
		}
	}
	return found, nil
}

func (in *Intake) checkPartition(ctx context.Context, p partition) (map[string]string, error) {
	v, err := in.store.Run(ctx, idsScript, []string{p.bodies(), p.next(), p.quarantine(), p.seen(), p.passing()})
	if err != nil {
		return nil, fmt.Errorf("check journal: %w", err)
	}
	ids := v.([]any)
	body, due, dead, known, passing := set(ids[0]), set(ids[1]), set(ids[2]), set(ids[3]), set(ids[4])
	bad := map[string]string{}
	for id := range body {
		switch {
		case due[id] && dead[id]:
			bad[id] = fmt.Sprintf("journal: message %s is on its way and in quarantine", id)
		case !due[id] && !dead[id]:
			bad[id] = fmt.Sprintf("journal: message %s is neither on its way nor in quarantine", id)
		case !known[id] && !dead[id]:
			bad[id] = fmt.Sprintf("journal: message %s would be accepted a second time", id)
		}
	}
	for id := range due {
		if !body[id] {
			bad[id] = fmt.Sprintf("journal: message %s is due but its text is gone", id)
		}
	}
	for id := range dead {
		if !body[id] {
			bad[id] = fmt.Sprintf("journal: message %s is in quarantine but its text is gone", id)
		}
	}
	for id := range passing {
		if !dead[id] {
			bad[id] = fmt.Sprintf("journal: message %s would go by itself and is not in quarantine", id)
		}
	}
	return bad, nil
}

func set(list any) map[string]bool {
	ids := list.([]any)
	m := make(map[string]bool, len(ids))
	for _, id := range ids {
		m[id.(string)] = true
	}
	return m
}
