package queue

import (
	"context"
	"fmt"
	"strconv"

	"loket/internal/store"
)

// Ahead gives how many tasks stand before one in its lane: those that are more urgent. Of a task that is not queued it is 0.
func (q *Queue) Ahead(ctx context.Context, t *Task) (int, error) {
	if t.State != Queued {
		return 0, nil
	}
	n, err := q.store.Redis().ZCount(ctx, laneKey(t.Team, t.Lane), "-inf", "("+strconv.FormatInt(t.urgency(), 10)).Result()
	if err != nil {
		return 0, fmt.Errorf("count what is before task %s: %w", t.ID, store.Cause(err))
	}
	return int(n), nil
}
