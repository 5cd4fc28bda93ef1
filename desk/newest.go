package desk

import (
	"cmp"
	"context"
	"slices"

	"loket/desk/access"
	"loket/router/queue"
)

// newestBytes bounds what Newest reads of one thread, as it is stored.
const newestBytes = 256 << 10

// Newest gives the newest messages of a task in the order they came, at most limit of each of its threads, and our answers on their way
// there; older tells that there are more.
func (d *Desk) Newest(ctx context.Context, by access.Actor, t *queue.Task, limit int) (all []Message, older bool, err error) {
	if err := by.SeesTask(t.Team); err != nil {
		return nil, false, err
	}
	v, ours := &Task{Card: t}, slices.Clone(t.Sending)
	for _, id := range t.Threads {
		entries, more, err := d.threads.Newest(ctx, id, limit, newestBytes)
		if err != nil {
			return nil, false, err
		}
		older = older || more
		for _, e := range entries {
			if t.Holds(e.Task) {
				v.Messages = append(v.Messages, Message{Message: e.Message, Task: t.ID})
				ours = append(ours, e.Message.ID)
			}
		}
	}
	if err := d.deliveries(ctx, t, v, ours); err != nil {
		return nil, false, err
	}
	slices.SortStableFunc(v.Messages, func(a, b Message) int {
		return cmp.Or(a.Received.Compare(b.Received), cmp.Compare(a.ID, b.ID))
	})
	return v.Messages, older, nil
}
