package queue

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"loket/internal/store"
)

// keptUntil is how long a task is kept for one person, from an instant on: until it is due soon, so that others can answer
// in time when that person is away; what is late already as long as a warning comes before.
func keptUntil(now, due int64) int64 {
	if due > now {
		return warnOf(now, due)
	}
	return now + warnBefore.Milliseconds()
}

// person is for whom the task is kept, "" for nobody.
func (t *Task) person() string { return strings.TrimPrefix(t.Lane, "@") }

// release gives the team what is kept for one person when it was left too long, or when nobody of that name answers for the
// team, and tells whether it did. The task was there to be claimed all the while.
func (q *Queue) release(c *change) bool {
	t := &c.task
	if t.State != Queued || t.Lane == "" {
		return false
	}
	reason := "not claimed in time"
	switch {
	case !q.teams.Answers(t.Team, t.person()):
		reason = "nobody of that name in the team"
	case t.LaneUntil > millis(c.now):
		return false
	}
	e := c.event(Released)
	e.Agent, e.Reason = t.person(), reason
	t.Lane, t.LaneUntil = "", 0
	return true
}

// settle makes the card say what follows from the rest of it, the clock and what the team promised: how many bands it rose
// by, when it rises next, and that it is kept for one person no longer than until it is due. It tells whether that is new.
func (q *Queue) settle(t *Task, now time.Time) bool {
	was := *t
	t.Lift, t.LiftAt = 0, 0
	switch {
	case t.State != Queued && t.State != Claimed, t.Lane == "", t.State == Claimed && t.LaneUntil <= millis(now):
		t.LaneUntil = 0
	case t.LaneUntil > t.Due && (t.Due > millis(now) || t.LaneUntil > millis(now)+warnBefore.Milliseconds()):
		// the customer wrote again, and was promised more; or what is heard of late was due long ago
		t.LaneUntil = keptUntil(millis(now), t.Due)
	}
	for (t.State == Queued || t.State == Claimed) && t.Due > 0 && t.Lift < t.Band {
		at := q.teams.LiftedAt(t.Team, instant(t.Due), t.Lift+1)
		if at.IsZero() {
			break
		}
		if at.After(now) {
			t.LiftAt = millis(at)
			break
		}
		t.Lift++
	}
	return t.Lift != was.Lift || t.LiftAt != was.LiftAt || t.LaneUntil != was.LaneUntil
}

// Regain looks through what is queued in these teams after their people or promises changed: what is kept for somebody who
// does not answer for the team goes to the team, and what is late rises as is promised now. Any process may do it at any
// time. It gives how many tasks it changed.
func (q *Queue) Regain(ctx context.Context, teams ...string) (int, error) {
	changed := 0
	for _, team := range teams {
		for _, key := range []string{personalKey(team), laneKey(team, "")} {
			ids, err := q.store.Redis().ZRange(ctx, key, 0, -1).Result()
			if err != nil {
				return changed, wrap(store.Cause(err), "look through %s", team)
			}
			for some := range slices.Chunk(ids, 500) {
				n, err := q.regain(ctx, some)
				changed += n
				if err != nil {
					return changed, wrap(err, "look through %s", team)
				}
			}
		}
	}
	return changed, nil
}

func (q *Queue) regain(ctx context.Context, ids []string) (int, error) {
	tasks, err := q.live(ctx, ids...)
	if err != nil {
		return 0, err
	}
	now, _, err := q.store.Load(ctx)
	if err != nil {
		return 0, err
	}
	changed := 0
	for _, t := range tasks {
		if t.Lane != "" && !q.teams.Answers(t.Team, t.person()) || q.settle(t, now) {
			switch err := q.ring(ctx, t.ID); {
			case err == nil:
				changed++
			case !errors.Is(err, errUnchanged) && !errors.Is(err, ErrNone):
				return changed, err
			}
		}
	}
	return changed, nil
}

// Kept gives what is queued for single persons of a team, the most urgent first.
func (q *Queue) Kept(ctx context.Context, team string) ([]*Task, error) {
	ids, err := q.store.Redis().ZRange(ctx, personalKey(team), 0, -1).Result()
	if err != nil {
		return nil, wrap(store.Cause(err), "list what %s keeps for persons", team)
	}
	tasks, err := q.live(ctx, ids...)
	return slices.DeleteFunc(tasks, func(t *Task) bool { return t.State != Queued || t.Lane == "" }), err
}
