package queue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
)

// A Page is a part of a list. Cursor continues it; "" at its end.
type Page struct {
	Tasks  []*Task
	Cursor string
}

// List gives tasks of a team: queued ones in the order they will be given out, claimed and waiting ones longest
// first, closed ones newest first; with state Open all of them but the closed ones, queued and claimed ones in the order of
// giving out, then those that wait (one that is set waiting meanwhile may come again); and with state "" all, oldest first.
// No task comes twice in one walk through the pages as long as it stays in the list; what changes meanwhile may be missed.
func (q *Queue) List(ctx context.Context, team string, state State, limit int, cursor string) (Page, error) {
	if state == Open {
		return q.list(ctx, team, q.open, limit, cursor, func(t *Task) bool { return t.State != Closed })
	}
	keys := map[State][]string{
		Queued: {laneKey(team, ""), personalKey(team)}, Claimed: {heldKey(team)},
		Waiting: {waitingKey(team)}, Closed: {closedKey(team)}, "": {allKey(team)},
	}[state]
	return q.list(ctx, team, q.members(keys...), limit, cursor, func(t *Task) bool { return state == "" || t.State == state })
}

// marking reads up to n marks of a team's tasks that come after one, or more.
type marking func(ctx context.Context, team string, after *mark, n int) ([]mark, error)

// members reads the marks of sorted sets.
func (q *Queue) members(keys ...string) marking {
	return func(ctx context.Context, _ string, after *mark, n int) ([]mark, error) {
		var marks []mark
		for _, key := range keys {
			more, err := q.after(ctx, key, after, n)
			if err != nil {
				return nil, err
			}
			marks = append(marks, more...)
		}
		return marks, nil
	}
}

// afterUrgent is what is added to the score of a task that waits, so that it comes after those that do not.
const afterUrgent = Bands << 42

// Order is where a task stands in the list of those that are not closed: what is less comes first. Among closed ones it is so that
// what was closed last comes first.
func (t *Task) Order() int64 {
	switch t.State {
	case Waiting:
		return t.WaitingAt + afterUrgent
	case Closed:
		return -t.ClosedAt
	}
	return t.urgency()
}

// open reads the marks of tasks that are not closed.
func (q *Queue) open(ctx context.Context, team string, after *mark, n int) ([]mark, error) {
	marks, err := q.members(laneKey(team, ""), personalKey(team))(ctx, team, after, n)
	if err != nil {
		return nil, err
	}
	held, err := q.urgent(ctx, heldKey(team))
	if err != nil {
		return nil, err
	}
	marks = append(marks, slices.DeleteFunc(held, func(m mark) bool { return after != nil && m.compare(*after) <= 0 })...)
	if len(marks) >= n {
		return marks, nil
	}
	if after != nil {
		after = &mark{after.score - afterUrgent, after.id}
	}
	waiting, err := q.after(ctx, waitingKey(team), after, n-len(marks))
	for _, m := range waiting {
		marks = append(marks, mark{m.score + afterUrgent, m.id})
	}
	return marks, err
}

// urgent reads the tasks of a set, and how urgent each is.
func (q *Queue) urgent(ctx context.Context, key string) ([]mark, error) {
	ids, err := q.store.Redis().ZRange(ctx, key, 0, -1).Result()
	if err != nil {
		return nil, err
	}
	var marks []mark
	for chunk := range slices.Chunk(ids, 500) {
		tasks, err := q.live(ctx, chunk...)
		if err != nil {
			return nil, err
		}
		for _, t := range tasks {
			marks = append(marks, mark{t.urgency(), t.ID})
		}
	}
	return marks, nil
}

// list gives a page of the tasks that are marked, of those that still belong there.
func (q *Queue) list(ctx context.Context, team string, read marking, limit int, cursor string, belongs func(*Task) bool) (Page, error) {
	limit = max(limit, 1)
	after, err := parseCursor(cursor)
	if err != nil {
		return Page{}, err
	}
	marks, err := read(ctx, team, after, limit+1)
	if err != nil {
		return Page{}, fmt.Errorf("list tasks of %s: %w", team, store.Cause(err))
	}
	slices.SortFunc(marks, mark.compare)
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
	// Some moved on between the two readings.
	page.Tasks = slices.DeleteFunc(page.Tasks, func(t *Task) bool { return t.Team != team || !belongs(t) })
	return page, err
}

// Recent gives the tasks of the teams that began last, the newest first, at most n of those in the store.
func (q *Queue) Recent(ctx context.Context, teams []string, n int) ([]*Task, error) {
	var marks []mark
	for _, team := range teams {
		more, err := q.before(ctx, allKey(team), nil, n)
		if err != nil {
			return nil, fmt.Errorf("list tasks of %s: %w", team, store.Cause(err))
		}
		marks = append(marks, more...)
	}
	slices.SortFunc(marks, func(a, b mark) int { return b.compare(a) })
	var tasks []*Task
	for chunk := range slices.Chunk(marks[:min(n, len(marks))], 500) {
		ids := make([]string, len(chunk))
		for i, m := range chunk {
			ids[i] = m.id
		}
		some, err := q.live(ctx, ids...)
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, some...)
	}
	return tasks, nil
}

// once leaves the first mark of each task: one that is assigned between two readings stands in both lanes.
func once(marks []mark) []mark {
	seen := make(map[string]bool, len(marks))
	return slices.DeleteFunc(marks, func(m mark) bool {
		had := seen[m.id]
		seen[m.id] = true
		return had
	})
}

// mark is a member of a sorted set with its score; pages continue after one.
type mark struct {
	score int64
	id    string
}

func (m mark) compare(o mark) int {
	return cmp.Or(cmp.Compare(m.score, o.score), strings.Compare(m.id, o.id))
}

func (m mark) String() string { return strconv.FormatInt(m.score, 36) + "." + m.id }

// Before is the cursor of a walk through tasks in which somebody wrote, newest first, that goes on with those that began
// before this one.
func (t *Task) Before() string { return mark{t.Created, t.ID}.String() }

// ErrCursor says that a cursor was not given by List.
var ErrCursor = errors.New("not a cursor of ours")

func parseCursor(s string) (*mark, error) {
	if s == "" {
		return nil, nil
	}
	score, id, ok := strings.Cut(s, ".")
	n, err := strconv.ParseInt(score, 36, 64)
	if !ok || err != nil {
		return nil, ErrCursor
	}
	return &mark{n, id}, nil
}

// after reads up to n members that come after a mark.
func (q *Queue) after(ctx context.Context, key string, m *mark, n int) ([]mark, error) {
	start, offset := "-inf", int64(0)
	if m != nil {
		start = strconv.FormatInt(m.score, 10)
	}
	var out []mark
	last := m
	for len(out) < n {
		zs, err := q.store.Redis().ZRangeArgsWithScores(ctx, redis.ZRangeArgs{
			Key: key, ByScore: true, Start: start, Stop: "+inf", Offset: offset, Count: int64(n),
		}).Result()
		if err != nil {
			return nil, err
		}
		for _, z := range zs {
			id, _ := z.Member.(string)
			one := mark{int64(z.Score), id}
			if last == nil || one.compare(*last) > 0 { // others may push members along between two readings
				out = append(out, one)
				last = &one
			}
		}
		if len(zs) < n {
			break
		}
		offset += int64(n)
	}
	return out[:min(len(out), n)], nil
}

// before reads up to n members that come before a mark, the last first.
func (q *Queue) before(ctx context.Context, key string, m *mark, n int) ([]mark, error) {
	from, offset := "+inf", int64(0)
	if m != nil {
		from = strconv.FormatInt(m.score, 10)
	}
	var out []mark
	for len(out) < n {
		zs, err := q.store.Redis().ZRangeArgsWithScores(ctx, redis.ZRangeArgs{
			Key: key, ByScore: true, Rev: true, Start: from, Stop: "-inf", Offset: offset, Count: int64(n),
		}).Result()
		if err != nil {
			return nil, err
		}
		for _, z := range zs {
			id, _ := z.Member.(string)
			if one := (mark{int64(z.Score), id}); m == nil || one.compare(*m) < 0 {
				out = append(out, one)
			}
		}
		if len(zs) < n {
			break
		}
		offset += int64(n)
	}
	return out[:min(len(out), n)], nil
}
