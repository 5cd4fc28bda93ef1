package pages

import (
	"testing"
	"time"

	"loket/router/queue"
)

// Whoever has our answer, or was written to first, waits for nothing: their task is not late, and has nothing to be answered by.
func TestWhoHasAnAnswerIsNotLate(t *testing.T) {
	now := time.UnixMilli(1_000_000)
	h := &Handler{now: func() time.Time { return now }}
	past, soon := now.Add(-time.Minute).UnixMilli(), now.Add(time.Minute).UnixMilli()
	for name, row := range map[string]struct {
		task queue.Task
		due  int64
		late bool
	}{
		"in the queue":               {queue.Task{State: queue.Queued, Since: 1, Due: soon}, soon, false},
		"in the queue, late":         {queue.Task{State: queue.Queued, Since: 1, Due: past}, past, true},
		"being answered, late":       {queue.Task{State: queue.Claimed, Since: 1, Due: past}, past, true},
		"rests, and is not answered": {queue.Task{State: queue.Waiting, Since: 1, Due: past}, past, true},
		"answered":                   {queue.Task{State: queue.Waiting, Due: past}, 0, false},
		"closed":                     {queue.Task{State: queue.Closed, Due: past}, past, false},
	} {
		if due, late := dueOf(&row.task), h.isLate(&row.task); due != row.due || late != row.late {
			t.Errorf("%s: due %d, late %v; want %d, %v", name, due, late, row.due, row.late)
		}
	}
}
