package queue_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"loket/internal/message"
	"loket/internal/store"
	"loket/internal/store/storetest"
	"loket/router"
	"loket/router/queue"
)

const (
	support = "support"
	webcare = "webcare"
)

// promises are what the teams of a test promised.
type promises struct {
	mu                              sync.Mutex
	lease, reopen, next, resolution time.Duration
	age                             time.Duration // after which what is late rises; 0 for never
	gone                            string        // who answers for no team
}

func (p *promises) Lease(string) time.Duration  { return p.get(&p.lease) }
func (p *promises) Reopen(string) time.Duration { return p.get(&p.reopen) }

// Targets are half as long for what is high, and webcare's a quarter of the others'.
func (p *promises) Targets(team, priority string) (first, next, resolution time.Duration) {
	first, next, resolution = 4*time.Hour, p.get(&p.next), p.get(&p.resolution)
	if priority == "high" {
		first, next, resolution = first/2, next/2, resolution/2
	}
	if team == webcare {
		first, next, resolution = first/4, next/4, resolution/4
	}
	return first, next, resolution
}

func (p *promises) After(_ string, from time.Time, d time.Duration) time.Time { return from.Add(d) }

func (p *promises) LiftedAt(_ string, due time.Time, n int) time.Time {
	age := p.get(&p.age)
	if age == 0 {
		return time.Time{}
	}
	return due.Add(time.Duration(n) * age)
}

func (p *promises) Aside(_, outcome string) bool { return strings.EqualFold(outcome, "wrong number") }
func (p *promises) Answers(_, person string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return person != p.gone
}

func (p *promises) leaves(person string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone = person
}

func (p *promises) get(d *time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return *d
}

func (p *promises) set(d *time.Duration, to time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*d = to
}

// A room is a queue on a Redis of its own.
type room struct {
	*queue.Queue
	t     *testing.T
	store *store.Store
	teams *promises
	begun time.Time
}

func TestMain(m *testing.M) { os.Exit(storetest.Main(m, 2)) }

// newRoom checks the queue when the test ends: no test may leave a broken invariant.
func newRoom(t *testing.T) *room {
	t.Parallel()
	return checked(roomOn(t, storetest.New(t)))
}

func roomOn(t *testing.T, s *store.Store) *room {
	teams := &promises{lease: time.Hour, reopen: 24 * time.Hour, next: 8 * time.Hour}
	q, err := queue.New(queue.Options{Store: s, Teams: teams})
	if err != nil {
		t.Fatal(err)
	}
	return &room{q, t, s, teams, time.Now().UTC().Truncate(time.Millisecond)}
}

func checked(r *room) *room {
	r.t.Cleanup(func() {
		if found, err := r.Check(context.Background()); err != nil || len(found) > 0 {
			r.t.Errorf("Check = %q, %v; want nothing", found, err)
		}
	})
	return r
}

// said is a message that came so long after the test began.
func (r *room) said(text string, after time.Duration) *message.Message {
	return &message.Message{
		ID: message.NewID([]byte(text)), Connector: "website", Channel: "web", Thread: "thread", Text: text,
		From:     []message.Identifier{{Kind: "email", Value: "kate@example.org", Level: message.Claimed}},
		Received: r.begun.Add(after),
	}
}

func (r *room) automatic(text string, after time.Duration) *message.Message {
	m := r.said(text, after)
	m.Automatic = message.Reply
	return m
}

// first puts m so that it would begin task, for support, due four hours after it came.
func (r *room) first(task string, m *message.Message, edit ...func(*queue.Put)) queue.Put {
	due := m.Received.Add(4 * time.Hour)
	p := queue.Put{
		Task: task, Message: m, Thread: m.Thread,
		Decision: router.Decision{Team: support, Priority: "normal", Band: 2, FirstReply: 4 * time.Hour, Due: due, Rule: "fallback"}, Decided: time.Now(),
	}
	for _, f := range edit {
		f(&p)
	}
	return p
}

func (r *room) put(p queue.Put, want queue.PutResult) {
	r.t.Helper()
	if got, err := r.Put(r.t.Context(), p); err != nil || got != want {
		r.t.Fatalf("Put(%q into %s) = %q, %v; want %q", p.Message.Text, p.Task, got, err, want)
	}
}

// begin makes a task and gives its id.
func (r *room) begin(task string, edit ...func(*queue.Put)) string {
	r.t.Helper()
	r.put(r.first(task, r.said("begins "+task, 0), edit...), queue.PutCreated)
	return task
}

// again is one more message of the customer in a task that is there.
func (r *room) again(task string, m *message.Message, want queue.PutResult) {
	r.t.Helper()
	r.put(r.first(task, m), want)
}

func (r *room) task(id string) *queue.Task {
	r.t.Helper()
	t, err := r.Task(r.t.Context(), id)
	if err != nil {
		r.t.Fatalf("Task(%s) = %v", id, err)
	}
	return t
}

func (r *room) want(id string, state queue.State) *queue.Task {
	r.t.Helper()
	t := r.task(id)
	if t.State != state {
		r.t.Fatalf("task %s is %s, want %s", id, t.State, state)
	}
	return t
}

func (r *room) take(id, agent string) queue.Actor {
	r.t.Helper()
	t, err := r.Take(r.t.Context(), id, agent)
	if err != nil {
		r.t.Fatalf("Take(%s, %s) = %v", id, agent, err)
	}
	return queue.Actor{Agent: agent, Lease: t.Lease}
}

// look shows the task to the agent.
func (r *room) look(id, agent string) {
	r.t.Helper()
	if err := r.Looked(r.t.Context(), id, agent, r.task(id).Newest()); err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) reap(want int) {
	r.t.Helper()
	if n, err := r.Reap(r.t.Context()); err != nil || n != want {
		r.t.Fatalf("Reap = %d, %v; want %d", n, err, want)
	}
}

// expire lets the lease of a held task run out, without waiting for it.
func (r *room) expire(id string) {
	r.t.Helper()
	r.teams.set(&r.teams.lease, 0)
	if _, err := r.Heartbeat(r.t.Context(), id, queue.Actor{Agent: r.task(id).Agent}); err != nil {
		r.t.Fatal(err)
	}
	r.teams.set(&r.teams.lease, time.Hour)
	r.reap(1)
	r.want(id, queue.Queued)
}

func (r *room) answer(id string, by queue.Actor, a queue.Answer) *queue.Reply {
	r.t.Helper()
	_, reply, err := r.Reply(r.t.Context(), id, by, a)
	if err != nil {
		r.t.Fatalf("Reply(%s) = %v", id, err)
	}
	return reply
}

func (r *room) close(id string, by queue.Actor, outcome string) {
	r.t.Helper()
	if _, err := r.Close(r.t.Context(), id, by, outcome); err != nil {
		r.t.Fatalf("Close(%s) = %v", id, err)
	}
}

func answer(text string) queue.Answer {
	return queue.Answer{Message: &message.Message{Connector: "website", Channel: "web", Thread: "thread", Text: text}}
}

// events are what happened to a task, oldest first.
func (r *room) events(task string) []queue.Event {
	r.t.Helper()
	all, err := r.Since(r.t.Context(), "", 10_000)
	if err != nil {
		r.t.Fatal(err)
	}
	var of []queue.Event
	for _, e := range all {
		if e.Task == task {
			of = append(of, e)
		}
	}
	return of
}

func (r *room) newest(task string, typ queue.EventType) queue.Event {
	r.t.Helper()
	events := r.events(task)
	if len(events) == 0 || events[len(events)-1].Type != typ {
		r.t.Fatalf("events of %s are %+v, want %s at their end", task, events, typ)
	}
	return events[len(events)-1]
}

// everything is what the store holds, key by key.
func (r *room) everything() map[string]string {
	r.t.Helper()
	rdb, all := r.store.Redis(), map[string]string{}
	for _, key := range rdb.Keys(r.t.Context(), "*").Val() {
		all[key] = rdb.Dump(r.t.Context(), key).Val()
	}
	return all
}

func ms(t time.Time) int64 { return t.UnixMilli() }

func number(i int) string { return fmt.Sprintf("T%03d", i) }
