package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
)

// Check looks for broken invariants of the queue and lists them in words. It only reads. What it finds it
// looks at again, because others write meanwhile; only what is wrong twice in the same way is told.
//
//   - a task stands in exactly the sorted sets that its card says, with the score that its card says, and the
//     sorted sets hold nothing else;
//   - a claimed task has an agent, a lease and its end; numbers and tasks name each other;
//   - a reply that is not settled stands in the outbox's order and in its task, and no other does;
//   - a task has the drafts that its card counts;
//   - the newest event of a task tells the state and team that its card has;
//   - the number of an archived task leads to its document;
//   - a task that goes on in another is closed, and the other names it.
func (q *Queue) Check(ctx context.Context) ([]string, error) {
	first, err := q.look(ctx)
	if err != nil || len(first) == 0 {
		return nil, err
	}
	again, err := q.look(ctx)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, line := range slices.Sorted(maps.Keys(first)) {
		if again[line] {
			found = append(found, line)
		}
	}
	return found, nil
}

type findings map[string]bool

func (f findings) add(format string, args ...any) { f["queue: "+fmt.Sprintf(format, args...)] = true }

func (q *Queue) look(ctx context.Context) (findings, error) {
	found := findings{}
	tasks, err := q.everyTask(ctx, found)
	if err != nil {
		return nil, err
	}
	for _, look := range []func(context.Context, map[string]*Task, findings) error{
		q.checkPlaces, q.checkNumbers, q.checkReplies, q.checkDrafts, q.checkEvents, q.checkArchive, q.checkMerged,
	} {
		if err := look(ctx, tasks, found); err != nil {
			return nil, fmt.Errorf("check queue: %w", store.Cause(err))
		}
	}
	return found, nil
}

func (q *Queue) everyTask(ctx context.Context, found findings) (map[string]*Task, error) {
	tasks := map[string]*Task{}
	err := q.scanHash(ctx, tasksKey, func(id, card string) {
		t, err := decodeTask(card)
		if err != nil || t.ID != id {
			found.add("card of task %s cannot be read: %v", id, err)
			return
		}
		if t.State == Claimed && (t.Agent == "" || t.Lease == "" || t.LeaseUntil == 0) {
			found.add("task %s is claimed by nobody", id)
		}
		if t.State != Claimed && t.Agent != "" {
			found.add("task %s is %s and yet held by an agent", id, t.State)
		}
		tasks[id] = t
	})
	return tasks, err
}

// scanHash calls each once for every field: a scan of a hash that grows or shrinks may give one twice.
func (q *Queue) scanHash(ctx context.Context, key string, each func(field, value string)) error {
	seen := map[string]bool{}
	it := q.store.Redis().HScan(ctx, key, 0, "", 500).Iterator()
	for it.Next(ctx) {
		field := it.Val()
		if !it.Next(ctx) {
			break
		}
		if !seen[field] {
			seen[field] = true
			each(field, it.Val())
		}
	}
	return store.Cause(it.Err())
}

// checkPlaces compares the sorted sets with what the cards say.
func (q *Queue) checkPlaces(ctx context.Context, tasks map[string]*Task, found findings) error {
	keys := map[string]bool{leasesKey: true, timersKey: true}
	for _, t := range tasks {
		for key := range t.places() {
			keys[key] = true
		}
	}
	if err := q.findPlaces(ctx, keys); err != nil {
		return err
	}
	seen := map[string]map[string]int64{}
	for key := range keys {
		members, err := q.store.Redis().ZRangeWithScores(ctx, key, 0, -1).Result()
		if err != nil {
			return err
		}
		seen[key] = map[string]int64{}
		for _, z := range members {
			id, _ := z.Member.(string)
			seen[key][id] = int64(z.Score)
			t := tasks[id]
			if t == nil {
				found.add("%s holds %s, which is no task", key, id)
			} else if want, ok := t.places()[key]; !ok {
				found.add("%s holds task %s, which is %s in %s", key, id, t.State, t.Team)
			} else if want != int64(z.Score) {
				found.add("%s holds task %s at %d, its card says %d", key, id, int64(z.Score), want)
			}
		}
	}
	for id, t := range tasks {
		for key := range t.places() {
			if _, ok := seen[key][id]; !ok {
				found.add("%s lacks task %s, which is %s in %s", key, id, t.State, t.Team)
			}
		}
	}
	return nil
}

// findPlaces finds sorted sets of tasks that no card speaks of.
func (q *Queue) findPlaces(ctx context.Context, keys map[string]bool) error {
	for _, kind := range []string{"r", "p", "h", "w", "k", "c", "a", "u", "b"} {
		if err := q.scanKeys(ctx, "lk:{q}:"+kind+":*", keys); err != nil {
			return err
		}
	}
	return nil
}

// TeamsInUse gives the teams that ever had a task. It looks at every key of the store: for start-up and the doctor.
func (q *Queue) TeamsInUse(ctx context.Context) ([]string, error) {
	keys := map[string]bool{}
	if err := q.scanKeys(ctx, allKey("*"), keys); err != nil {
		return nil, fmt.Errorf("look for teams: %w", store.Cause(err))
	}
	teams := make([]string, 0, len(keys))
	for key := range keys {
		teams = append(teams, strings.TrimPrefix(key, allKey("")))
	}
	slices.Sort(teams)
	return teams, nil
}

func (q *Queue) scanKeys(ctx context.Context, pattern string, keys map[string]bool) error {
	rdb := q.store.Redis()
	node := redis.Cmdable(rdb)
	if c, ok := rdb.(*redis.ClusterClient); ok {
		master, err := c.MasterForKey(ctx, tasksKey)
		if err != nil {
			return err
		}
		node = master
	}
	it := node.Scan(ctx, 0, pattern, 1000).Iterator()
	for it.Next(ctx) {
		keys[it.Val()] = true
	}
	return it.Err()
}

func (q *Queue) checkNumbers(ctx context.Context, tasks map[string]*Task, found findings) error {
	numbered := 0
	err := q.scanHash(ctx, numbersKey, func(number, id string) {
		numbered++
		if t := tasks[id]; t == nil || strconv.FormatInt(t.Number, 10) != number {
			found.add("number %s names task %s, which does not have it", number, id)
		}
	})
	if numbered != len(tasks) {
		found.add("%d numbers for %d tasks", numbered, len(tasks))
	}
	return err
}

func (q *Queue) checkReplies(ctx context.Context, tasks map[string]*Task, found findings) error {
	due, err := q.store.Redis().ZRangeWithScores(ctx, sendKey, 0, -1).Result()
	if err != nil {
		return err
	}
	at := map[string]int64{}
	for _, z := range due {
		id, _ := z.Member.(string)
		at[id] = int64(z.Score)
	}
	err = q.scanHash(ctx, repliesKey, func(id, card string) {
		r, err := decodeReply(card)
		if err != nil {
			found.add("reply %s cannot be read: %v", id, err)
			return
		}
		next, inOrder := at[id]
		delete(at, id)
		if want := r.pending() && r.Next > 0; want != inOrder || want && next != r.Next {
			found.add("reply %s is %s for %d, the outbox has it at %d", id, r.State, r.Next, next)
		}
		t := tasks[r.Task]
		if t == nil {
			if r.pending() || !q.hasArchived(ctx, r.Task) {
				found.add("reply %s belongs to %s, which is no task", id, r.Task)
			}
		} else if r.pending() && !slices.Contains(t.Sending, id) {
			found.add("reply %s is under way, its task does not know", id)
		}
	})
	for id := range at {
		found.add("the outbox has %s, which is no reply", id)
	}
	return err
}

func (q *Queue) checkMerged(ctx context.Context, tasks map[string]*Task, found findings) error {
	for id, t := range tasks {
		if t.Into.ID == "" {
			continue
		}
		if t.State != Closed {
			found.add("task %s goes on in %s and yet is %s", id, t.Into.ID, t.State)
		}
		other := tasks[t.Into.ID]
		if other == nil {
			var err error
			if other, err = q.Task(ctx, t.Into.ID); errors.Is(err, ErrNone) {
				found.add("task %s goes on in %s, which is no task", id, t.Into.ID)
				continue
			} else if err != nil {
				return err
			}
		}
		if !other.Holds(id) {
			found.add("task %s goes on in %s, which does not say so", id, t.Into.ID)
		}
	}
	return nil
}

// checkEvents compares the newest event of each task with its card. Tasks whose events were trimmed are left out.
func (q *Queue) checkEvents(ctx context.Context, _ map[string]*Task, found findings) error {
	newest := map[string]Event{}
	from := "-"
	for {
		msgs, err := q.store.Redis().XRangeN(ctx, eventsKey, from, "+", 5000).Result()
		if err != nil {
			return err
		}
		for _, m := range msgs {
			raw, _ := m.Values["e"].(string)
			var e Event
			if err := json.Unmarshal([]byte(raw), &e); err != nil {
				found.add("event %s cannot be read: %v", m.ID, err)
				continue
			}
			newest[e.Task] = e
		}
		if len(msgs) < 5000 {
			break
		}
		from = "(" + msgs[len(msgs)-1].ID
	}
	for ids := range slices.Chunk(slices.Collect(maps.Keys(newest)), 500) {
		cards, err := q.store.Redis().HMGet(ctx, tasksKey, ids...).Result()
		if err != nil {
			return err
		}
		for i, id := range ids {
			card, _ := cards[i].(string)
			if card == "" && q.hasArchived(ctx, id) {
				continue // its events are kept a little longer
			}
			found.compare(id, card, newest[id])
		}
	}
	return nil
}

func (f findings) compare(id, card string, newest Event) {
	if card == "" {
		f.add("event %s tells of task %s, which is not there", newest.Type, id)
		return
	}
	t, err := decodeTask(card)
	if err == nil && (t.State != newest.State || t.Team != newest.Team) {
		f.add("task %s is %s in %s, its newest event says %s in %s", id, t.State, t.Team, newest.State, newest.Team)
	}
}
