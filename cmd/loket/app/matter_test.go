package app

import (
	"testing"

	"loket/router/queue"
)

// The customer of a task that waits for a moment read that it was their turn next.
func TestOnlyWhatIsQueuedForATeamHasAPlaceInLine(t *testing.T) {
	for name, row := range map[string]struct {
		task queue.Task
		want bool
	}{
		"queued for the team":  {queue.Task{State: queue.Queued}, true},
		"queued for one of us": {queue.Task{State: queue.Queued, Lane: "@anna"}, false},
		"waiting":              {queue.Task{State: queue.Waiting}, false},
		"claimed":              {queue.Task{State: queue.Claimed}, false},
		"closed":               {queue.Task{State: queue.Closed}, false},
	} {
		if got := inLine(&row.task); got != row.want {
			t.Errorf("%s: inLine = %v, want %v", name, got, row.want)
		}
	}
}
