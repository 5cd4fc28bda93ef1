package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
)

// A Feed follows the events of the queue once for a process and passes them on: to waiting claims,
// to subscribers as they are, to those who watch one task. What it passes on are hints; the truth is in the store.
type Feed struct {
	store *store.Store

	mu      sync.Mutex
	waiters []*waiter
	subs    map[*Subscription]struct{}
	watched map[string]map[*Watch]struct{} // by task
}

func newFeed(s *store.Store) *Feed {
	return &Feed{store: s, subs: map[*Subscription]struct{}{}, watched: map[string]map[*Watch]struct{}{}}
}

// A waiter is one waiting claim: wake gets a value when work may have come for it.
type waiter struct {
	feed        *Feed
	team, agent string
	wake        chan struct{}
}

func (f *Feed) wait(team, agent string) *waiter {
	w := &waiter{feed: f, team: team, agent: agent, wake: make(chan struct{}, 1)}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiters = append(f.waiters, w)
	return w
}

func (w *waiter) stop() {
	w.feed.mu.Lock()
	defer w.feed.mu.Unlock()
	w.feed.waiters = slices.DeleteFunc(w.feed.waiters, func(o *waiter) bool { return o == w })
}

// A Subscription receives events until it is closed. One that does not keep up is dropped: C is closed then,
// and the subscriber reads what it missed with Since.
type Subscription struct {
	C    <-chan Event
	c    chan Event
	feed *Feed
}

// Subscribe begins to receive events from now on, buffering as many as size. The caller closes it.
func (f *Feed) Subscribe(size int) *Subscription {
	c := make(chan Event, size)
	s := &Subscription{C: c, c: c, feed: f}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.subs[s] = struct{}{}
	return s
}

// Close ends the subscription. It may be called twice.
func (s *Subscription) Close() {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	s.feed.drop(s)
}

func (f *Feed) drop(s *Subscription) {
	if _, ok := f.subs[s]; ok {
		delete(f.subs, s)
		close(s.c)
	}
}

// Run follows the stream until ctx ends. It rides out a store that is away. It is called once.
func (f *Feed) Run(ctx context.Context) error {
	last := "$"
	for ctx.Err() == nil {
		events, next, err := f.read(ctx, last)
		if err != nil {
			select {
			case <-time.After(250 * time.Millisecond):
			case <-ctx.Done():
			}
			continue
		}
		last = next
		f.pass(events)
	}
	return nil
}

// blockFor bounds one blocking read, which the end of a context does not interrupt.
const blockFor = 250 * time.Millisecond

// read waits at most blockFor for events after last. From "$" it first asks where the stream ends, so that nothing
// is missed between two reads.
func (f *Feed) read(ctx context.Context, last string) ([]Event, string, error) {
	rdb := f.store.Redis()
	if last == "$" {
		newest, err := lastEvent(ctx, rdb)
		if err != nil {
			return nil, last, err
		}
		return nil, newest, nil
	}
	streams, err := rdb.XRead(ctx, &redis.XReadArgs{Streams: []string{eventsKey, last}, Count: 500, Block: blockFor}).Result()
	if errors.Is(err, redis.Nil) {
		return nil, last, nil
	}
	if err != nil || len(streams) == 0 {
		return nil, last, err
	}
	msgs := streams[0].Messages
	return decodeEvents(msgs), msgs[len(msgs)-1].ID, nil
}

func lastEvent(ctx context.Context, rdb redis.Cmdable) (string, error) {
	newest, err := rdb.XRevRangeN(ctx, eventsKey, "+", "-", 1).Result()
	if err != nil || len(newest) == 0 {
		return "0-0", err
	}
	return newest[0].ID, nil
}

// pass gives the events to the subscribers and wakes one waiter for each task that came into a lane.
func (f *Feed) pass(events []Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range events {
		for s := range f.subs {
			select {
			case s.c <- e:
			default:
				f.drop(s)
			}
		}
		f.hint(e.Task)
		if e.State == Queued {
			f.wake(&e)
		}
	}
}

// wake wakes the waiter that has waited longest and may claim the task, and moves it to the end: many tasks
// wake many claims.
func (f *Feed) wake(e *Event) {
	for i, w := range f.waiters {
		if w.team != e.Team || e.Lane != "" && e.Lane != "@"+w.agent {
			continue
		}
		select {
		case w.wake <- struct{}{}:
		default:
			continue // woken already
		}
		f.waiters = append(slices.Delete(f.waiters, i, i+1), w)
		return
	}
}

// LastEvent is the id of the newest event of all, "0-0" before the first.
func (q *Queue) LastEvent(ctx context.Context) (string, error) {
	id, err := lastEvent(ctx, q.store.Redis())
	return id, wrap(store.Cause(err), "read events")
}

// Since gives events after an id, oldest first, at most limit; with "" from the oldest that is kept.
func (q *Queue) Since(ctx context.Context, id string, limit int) ([]Event, error) {
	events, _, err := q.After(ctx, id, limit)
	return events, err
}

// After is Since for readers that go through the whole stream: it also gives the id to go on after, which is id itself
// at the end, and passes over what is no event of ours.
func (q *Queue) After(ctx context.Context, id string, limit int) (events []Event, next string, err error) {
	start := "-"
	if id != "" {
		start = "(" + id
	}
	msgs, err := q.store.Redis().XRangeN(ctx, eventsKey, start, "+", int64(limit)).Result()
	if err != nil {
		return nil, id, fmt.Errorf("read events: %w", store.Cause(err))
	}
	if len(msgs) > 0 {
		id = msgs[len(msgs)-1].ID
	}
	return decodeEvents(msgs), id, nil
}

// decodeEvents skips what is no event of ours: somebody's own entry must not stop the feed.
func decodeEvents(msgs []redis.XMessage) []Event {
	events := make([]Event, 0, len(msgs))
	for _, m := range msgs {
		raw, _ := m.Values["e"].(string)
		var e Event
		if json.Unmarshal([]byte(raw), &e) != nil {
			continue
		}
		e.ID = m.ID
		events = append(events, e)
	}
	return events
}
