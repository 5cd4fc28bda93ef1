package app

import (
	"context"
	"time"

	"loket/router/queue"
	"loket/router/thread"
)

// zone is where times of a team are read: in the zone of its calendar, else in the daemon's, as those of no team.
func (r *rules) zone(team string) *time.Location {
	set := r.now.Load()
	t, _ := set.router.Team(team)
	return set.cfg.ZoneOf(t.Calendar)
}

// zoneOf is where times of a thread are read: those of the team that has its task. What cannot be told is the daemon's.
func (r *rules) zoneOf(q *queue.Queue) func(context.Context, *thread.Thread) *time.Location {
	return func(ctx context.Context, th *thread.Thread) *time.Location {
		t, err := q.Task(ctx, th.Task)
		if err != nil {
			return r.zone("")
		}
		return r.zone(t.Team)
	}
}
