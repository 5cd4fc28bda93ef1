package queue

import (
	"context"
	"fmt"
	"slices"

	"loket/internal/store"
)

// OpenWaits gives the tasks of the teams whose customer waits for us now, in no order: queued ones, held ones, and those
// that rest although nobody answered. It reads that many cards; one that moves meanwhile may be missed.
func (q *Queue) OpenWaits(ctx context.Context, teams ...string) ([]*Task, error) {
	rdb := q.store.Redis()
	var ids []string
	for _, team := range teams {
		for _, key := range []string{laneKey(team, ""), personalKey(team), heldKey(team), parkedKey(team)} {
			more, err := rdb.ZRange(ctx, key, 0, -1).Result()
			if err != nil {
				return nil, fmt.Errorf("list open waits of %s: %w", team, store.Cause(err))
			}
			ids = append(ids, more...)
		}
	}
	slices.Sort(ids)
	var open []*Task
	for some := range slices.Chunk(slices.Compact(ids), 500) {
		tasks, err := q.Tasks(ctx, some...)
		if err != nil {
			return nil, err
		}
		open = append(open, slices.DeleteFunc(tasks, func(t *Task) bool { return t.Since == 0 || t.State == Closed })...)
	}
	return open, nil
}

// DueSoon tells whether the running wait is due soon at an instant, in ms, and not late yet.
func (t *Task) DueSoon(at int64) bool { return t.warnAt() > 0 && at >= t.warnAt() && at <= t.WaitDue }

// ByNumbers gives the tasks with these numbers, archived ones too, leaving out what is not there.
func (q *Queue) ByNumbers(ctx context.Context, numbers ...int64) (map[int64]*Task, error) {
	out := map[int64]*Task{}
	for some := range slices.Chunk(numbers, 500) {
		fields := make([]string, len(some))
		for i, n := range some {
			fields[i] = fmt.Sprint(n)
		}
		raw, err := q.store.Redis().HMGet(ctx, numbersKey, fields...).Result()
		if err != nil {
			return nil, fmt.Errorf("find tasks by number: %w", store.Cause(err))
		}
		var ids []string
		for i, r := range raw {
			id, ok := r.(string)
			if !ok {
				if id, err = q.oldNumber(ctx, some[i]); err != nil {
					return nil, fmt.Errorf("find tasks by number: %w", err)
				}
			}
			if id != "" {
				ids = append(ids, id)
			}
		}
		tasks, err := q.Tasks(ctx, ids...)
		if err != nil {
			return nil, err
		}
		for _, t := range tasks {
			out[t.Number] = t
		}
	}
	return out, nil
}
