package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/redis/go-redis/v9"

	"loket/internal/message"
	"loket/internal/store"
)

// Task gives one task, or ErrNone.
func (q *Queue) Task(ctx context.Context, id string) (*Task, error) {
	tasks, err := q.Tasks(ctx, id)
	if err != nil {
		return nil, err
	}
	if len(tasks) == 0 {
		return nil, fmt.Errorf("task %s: %w", id, ErrNone)
	}
	return tasks[0], nil
}

// Tasks gives the tasks with these ids, archived ones too, in their order, leaving out what is not there.
func (q *Queue) Tasks(ctx context.Context, ids ...string) ([]*Task, error) {
	tasks, err := q.live(ctx, ids...)
	if err != nil || len(tasks) == len(ids) || q.archive == nil {
		return tasks, err
	}
	there := map[string]*Task{}
	for _, t := range tasks {
		there[t.ID] = t
	}
	tasks = tasks[:0]
	for _, id := range ids {
		t := there[id]
		if t == nil {
			if t, err = q.old(ctx, id); err != nil {
				return nil, err
			}
		}
		if t != nil {
			tasks = append(tasks, t)
		}
	}
	return tasks, nil
}

// old gives a task that was not in the store a moment ago: from the archive, or from the store if it came back.
func (q *Queue) old(ctx context.Context, id string) (*Task, error) {
	_, t, err := q.fromArchive(ctx, id)
	if t != nil || err != nil {
		return t, err
	}
	back, err := q.live(ctx, id)
	if len(back) == 0 {
		return nil, err
	}
	return back[0], nil
}

// live is Tasks of those in the store.
func (q *Queue) live(ctx context.Context, ids ...string) ([]*Task, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	cards, err := q.store.Redis().HMGet(ctx, tasksKey, ids...).Result()
	if err != nil {
		return nil, fmt.Errorf("read tasks: %w", store.Cause(err))
	}
	tasks := make([]*Task, 0, len(cards))
	for _, c := range cards {
		card, _ := c.(string)
		if card == "" {
			continue
		}
		t, err := decodeTask(card)
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, t)
	}
	return tasks, nil
}

// ByNumber gives the id of the task with a number, or ErrNone.
func (q *Queue) ByNumber(ctx context.Context, number int64) (string, error) {
	id, err := q.store.Redis().HGet(ctx, numbersKey, strconv.FormatInt(number, 10)).Result()
	if errors.Is(err, redis.Nil) {
		if id, err = q.oldNumber(ctx, number); id == "" && err == nil {
			return "", fmt.Errorf("task %s: %w", FormatNumber(number), ErrNone)
		}
	}
	return id, wrap(store.Cause(err), "find task %d", number)
}

// ByIdentifier gives the tasks in which an identifier wrote, whatever its level, newest first.
func (q *Queue) ByIdentifier(ctx context.Context, i message.Identifier, limit int) ([]*Task, error) {
	marks, err := q.wroteIn(ctx, i.String(), nil, limit)
	if err != nil {
		return nil, fmt.Errorf("find tasks of a sender: %w", err)
	}
	ids := make([]string, len(marks))
	for i, m := range marks {
		ids[i] = m.id
	}
	return q.Tasks(ctx, ids...)
}

// WrittenBy gives the tasks in which any of the identifiers wrote, whatever their level, newest first. No task comes
// twice in one walk through the pages.
func (q *Queue) WrittenBy(ctx context.Context, who []message.Identifier, limit int, cursor string) (Page, error) {
	limit = max(limit, 1)
	before, err := parseCursor(cursor)
	if err != nil {
		return Page{}, err
	}
	var marks []mark
	for _, i := range who {
		more, err := q.wroteIn(ctx, i.String(), before, limit+1)
		if err != nil {
			return Page{}, fmt.Errorf("find tasks of a sender: %w", err)
		}
		marks = append(marks, more...)
	}
	slices.SortFunc(marks, func(a, b mark) int { return b.compare(a) })
	marks = once(marks)
	var page Page
	if len(marks) > limit {
		marks = marks[:limit]
		page.Cursor = marks[limit-1].String()
	}
	ids := make([]string, len(marks))
	for i, m := range marks {
		ids[i] = m.id
	}
	page.Tasks, err = q.Tasks(ctx, ids...)
	return page, err
}

// Held gives what an agent holds now, over all teams.
func (q *Queue) Held(ctx context.Context, agent string) ([]*Task, error) {
	ids, err := q.store.Redis().ZRange(ctx, leasesKey, 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("list leases: %w", store.Cause(err))
	}
	var held []*Task
	for chunk := range slices.Chunk(ids, 500) {
		tasks, err := q.Tasks(ctx, chunk...)
		if err != nil {
			return nil, err
		}
		for _, t := range tasks {
			if t.State == Claimed && t.Agent == agent {
				held = append(held, t)
			}
		}
	}
	return held, nil
}

// Counts are how many tasks of a team stand where.
type Counts struct {
	Queued, Claimed, Waiting, Closed int64
	Overdue                          int64 // queued and past their due time
	Kept                             int64 // queued for one person
	Unattended                       int64 // closed or waiting, and a machine wrote since, of late
}

// Count counts a team's tasks.
func (q *Queue) Count(ctx context.Context, team string) (Counts, error) {
	pipe := q.store.Redis().Pipeline()
	lane, personal := pipe.ZCard(ctx, laneKey(team, "")), pipe.ZCard(ctx, personalKey(team))
	held, waiting, closed := pipe.ZCard(ctx, heldKey(team)), pipe.ZCard(ctx, waitingKey(team)), pipe.ZCard(ctx, closedKey(team))
	if _, err := pipe.Exec(ctx); err != nil {
		return Counts{}, fmt.Errorf("count tasks of %s: %w", team, store.Cause(err))
	}
	c := Counts{Queued: lane.Val() + personal.Val(), Claimed: held.Val(), Waiting: waiting.Val(), Closed: closed.Val(), Kept: personal.Val()}
	now, _, err := q.store.Load(ctx)
	if err != nil {
		return Counts{}, err
	}
	var late []*redis.IntCmd
	for band := range int64(Bands) {
		lo, hi := strconv.FormatInt(band<<42, 10), strconv.FormatInt(band<<42+millis(now), 10)
		late = append(late, pipe.ZCount(ctx, laneKey(team, ""), lo, hi), pipe.ZCount(ctx, personalKey(team), lo, hi))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return Counts{}, fmt.Errorf("count tasks of %s: %w", team, store.Cause(err))
	}
	for _, n := range late {
		c.Overdue += n.Val()
	}
	c.Unattended, err = q.countUnattended(ctx, team, now)
	return c, err
}
