package pages

import (
	"cmp"
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"sync"
	"time"

	"loket/desk"
	"loket/desk/access"
)

// A subscriber is one browser's stream.
type subscriber struct {
	id   string
	by   access.Actor
	lang string
	wake chan struct{}

	mu      sync.Mutex
	after   string // what happened until then was given already
	pending map[string]notice
	behind  bool        // more than it may be
	held    []desk.Hold // as its browser was told last
}

// join begins to collect what a browser is told. The caller calls leave.
func (b *hub) join(by access.Actor, lang string) *subscriber {
	s := &subscriber{id: rand.Text(), by: by, lang: lang, wake: make(chan struct{}, 1), pending: map[string]notice{}}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.subs[s] = true
	for task, p := range b.here {
		s.pushHere(task, p)
	}
	return s
}

func (b *hub) leave(s *subscriber) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.subs, s)
}

// catchUp collects what happened after an event. What comes by itself meanwhile is told once.
func (b *hub) catchUp(ctx context.Context, s *subscriber, after string) error {
	events, whole, err := b.desk.EventsAfter(ctx, s.by, after, mostMissed)
	if err != nil {
		return err
	}
	if !whole {
		s.fallBehind()
		return nil
	}
	if len(events) == 0 {
		return nil
	}
	changed := map[string]change{}
	for i := range events {
		e := &events[i]
		c := change{id: e.ID, from: append(changed[e.Task].from, teamsOf(e)...), cause: changed[e.Task].cause}
		if time.Since(e.Time()) < callFor {
			c.cause = causeOf(e).and(c.cause)
		}
		changed[e.Task] = c
	}
	missed, err := b.read(ctx, changed)
	if err != nil {
		return err
	}
	s.push(missed)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after = events[len(events)-1].ID
	return nil
}

// push adds what is new, in its language and as far as its person may see it.
func (s *subscriber) push(told []news) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range told {
		n := &told[i]
		if desk.CompareEvents(n.id, s.after) <= 0 {
			continue
		}
		switch {
		case s.by.Sees(n.team) == nil:
			s.add(notice{id: n.id, task: n.task, text: n.rows[s.lang], call: n.calls(s.by), at: n.at})
		case slices.ContainsFunc(n.from, func(team string) bool { return s.by.Sees(team) == nil }):
			s.add(notice{id: n.id, task: n.task, text: n.gone, gone: true, at: n.at})
		}
	}
}

// add keeps the newest of each task.
func (s *subscriber) add(n notice) {
	have := s.pending[n.task]
	if desk.CompareEvents(have.id, n.id) > 0 {
		return
	}
	if !n.gone { // what they do not see calls nobody
		n.call = cmp.Or(n.call, have.call)
	}
	s.pending[n.task] = n
	if len(s.pending) > mostPending {
		s.pending, s.behind = map[string]notice{}, true
	}
	s.signal()
}

func (s *subscriber) fallBehind() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.behind = true
	s.signal()
}

func (s *subscriber) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// skip drops what happened until an event: it is read otherwise.
func (s *subscriber) skip(until string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after, s.pending, s.behind = until, map[string]notice{}, false
}

// take gives what is to be told, in the order in which it happened, so that whoever got a part of it can go on after the last of that; behind
// when there was too much.
func (s *subscriber) take() (notices []notice, behind bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	notices = slices.SortedFunc(maps.Values(s.pending), func(a, b notice) int { return desk.CompareEvents(a.id, b.id) })
	s.pending = map[string]notice{}
	return notices, s.behind
}
