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
