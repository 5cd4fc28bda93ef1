package intake

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/zap"
	"pgregory.net/rapid"

	"loket/internal/message"
	"loket/internal/store"
	"loket/router/queue"
	"loket/router/thread"
)

// rooms are the real ones.
type rooms struct {
	store   *store.Store
	queue   *queue.Queue
	threads *thread.Threads
	teams   *fake
}

// fake teams promise what the operation of the moment says.
type fake struct{ now atomic.Pointer[promises] }

func (f *fake) Lease(string) time.Duration { return f.now.Load().lease }

func (f *fake) Reopen(string) time.Duration {
	if f.now.Load().reopens {
		return time.Hour
	}
	return -time.Hour
}

func (*fake) Targets(team, priority string) (first, next, resolution time.Duration) {
	return promised(team, priority)
}
func (*fake) After(_ string, from time.Time, d time.Duration) time.Time { return from.Add(d) }

func (*fake) LiftedAt(string, time.Time, int) time.Time { return time.Time{} }
func (*fake) Aside(_, outcome string) bool              { return strings.EqualFold(outcome, "wrong number") }
func (*fake) Answers(string, string) bool               { return true }

// newRooms are those of a store, whose teams promise what f says.
func newRooms(t testing.TB, st *store.Store, f *fake) *rooms {
	t.Helper()
	q, err := queue.New(queue.Options{Store: st, Teams: f})
	if err != nil {
		t.Fatal(err)
	}
	threads, err := thread.New(thread.Options{Store: st})
	if err != nil {
		t.Fatal(err)
	}
	return &rooms{st, q, threads, f}
}

// intake is one that only delivers.
func (r *rooms) intake(step func(string)) *Intake {
	if step == nil {
		step = func(string) {}
	}
	return &Intake{store: r.store, threads: r.threads, queue: r.queue, log: zap.NewNop(), step: step, walks: make(chan struct{}, 1)}
}

// An operation is done by the real rooms, and then step by step by the model.
type operation interface {
	run(ctx context.Context, r *rooms) string
	steps() stepper
}

// A stepper does what the store does at once. When it has done all of it, it gives the outcome.
type stepper interface {
	step(w *world, p promises) (outcome string, done bool)
	clone() stepper
}

// deliver walks a message from the journal to its task. The process dies after crash steps, unless it is 0.
type deliver struct {
	letter   letter
	decision recorded
	crash    int
}

func (d *deliver) run(ctx context.Context, r *rooms) (outcome string) {
	defer func() {
		if p := recover(); p != nil {
			outcome = word(p.(error))
		}
	}()
	n := 0
	in := r.intake(func(string) {
		if n++; n == d.crash {
			panic(errCrash)
		}
	})
	_, err := in.deliver(ctx, d.letter.message(), nil, d.decision, "")
	if err == nil {
		err = in.ack(ctx, d.letter.id, 1)
	}
	return word(err)
}

func (d *deliver) steps() stepper { return &delivery{deliver: d} }

type delivery struct {
	*deliver
	placed        bool
	task          string
	kept          *keep
	closed, prior string
	ends, asks    bool
	n             int
}

func (d *delivery) clone() stepper { c := *d; return &c }

func (d *delivery) step(w *world, p promises) (string, bool) {
	id := d.letter.id
	switch {
	case d.ends:
		if d.kept != nil && d.kept.prior != "" {
			w.link(d.kept.prior, d.task)
		}
		m := w.messages[id]
		m.walked = true
		w.messages[id] = m
		return "", true
	case d.asks:
		d.prior, d.asks = w.standing(d.task), false
		return "", false
	case !d.placed:
		d.task, d.kept = w.place(id, d.decision, d.closed, d.prior)
		d.placed = true
	default:
		switch w.put(id, d.task, d.kept, d.decision, p) {
		case queue.PutClosed:
			d.closed, d.placed, d.asks = d.task, false, true
		case queue.PutStale:
			d.closed, d.prior, d.placed = d.task, "", false
		default:
			d.ends = true
		}
	}
	if d.n++; d.n == d.crash {
		return errCrash.Error(), true
	}
	return "", false
}

type claim struct{ team, agent, request string }

func (c *claim) run(ctx context.Context, r *rooms) string {
	t, err := r.queue.Claim(ctx, queue.Claim{Team: c.team, Agent: c.agent, Request: c.request})
	if errors.Is(err, queue.ErrNothing) {
		return "nothing"
	}
	if err != nil {
		return word(err)
	}
	return t.ID
}

func (c *claim) steps() stepper { return c }
func (c *claim) clone() stepper { return c }

func (c *claim) step(w *world, p promises) (string, bool) {
	return w.claim(c.team, c.agent, c.request, p), true
}

// act is what a person does with one task.
type act struct {
	verb, task string
	by         queue.Actor
	to, key    string // team, agent, task, outcome or text
	until      int64
	said       int // what was said last when the agent looked
}

func (a *act) run(ctx context.Context, r *rooms) string {
	q := r.queue
	var err error
	switch a.verb {
	case "take":
		_, err = q.Take(ctx, a.task, a.by.Agent)
	case "heartbeat":
		_, err = q.Heartbeat(ctx, a.task, a.by)
	case "reply", "reply and close":
		m := &message.Message{Connector: "website", Channel: "web", Text: a.to}
		said := queue.Answer{Key: a.key, Message: m}
		if a.verb != "reply" {
			said.Close, said.Outcome = true, "answered"
		}
		_, _, err = q.Reply(ctx, a.task, a.by, said)
	case "answered":
		_, err = q.AnsweredOtherwise(ctx, a.task, a.by, queue.Otherwise{Key: a.key, Way: "phone", Text: a.to})
	case "note":
		_, err = q.AddNote(ctx, a.task, a.by, a.to)
	case "return":
		_, err = q.Return(ctx, a.task, a.by)
	case "transfer":
		_, err = q.Transfer(ctx, a.task, a.by, a.to, "")
	case "wait":
		var until time.Time
		if a.until != 0 {
			until = time.UnixMilli(a.until)
		}
		_, err = q.Wait(ctx, a.task, a.by, until)
	case "close":
		_, err = q.Close(ctx, a.task, a.by, a.to)
	case "reopen":
		_, err = q.Reopen(ctx, a.task, a.by.Agent)
	case "assign":
		_, err = q.Assign(ctx, a.task, a.to, a.by.Agent)
	case "look":
		err = q.Looked(ctx, a.task, a.by.Agent, a.said)
	case "link":
		_, err = q.Link(ctx, a.task, a.to, a.by.Agent)
	case "merge":
		_, err = q.Merge(ctx, queue.Merging{Stays: a.task, Goes: a.to}, a.by)
	case "label":
		_, err = q.Label(ctx, a.task, a.by, labels(a.to))
	}
	return word(err)
}

// labels give a task a priority, and a tag of the same name besides those that it has.
func labels(to string) queue.Labels {
	return queue.Labels{Priority: to, Band: bandOf(to), Tags: func(have []string) ([]string, error) {
		if slices.Contains(have, to) {
			return have, nil
		}
		return append(slices.Clone(have), to), nil
	}}
}

func bandOf(priority string) int {
	if priority == "high" {
		return 0
	}
	return 1
}

func (a *act) steps() stepper { return a }
func (a *act) clone() stepper { return a }

func (a *act) step(w *world, p promises) (string, bool) { return word(w.act(*a, p)), true }

// reap waits until short leases have run out: the store's clock has to move on by a millisecond.
type reap struct {
	until int64
	at    int64
}

func (o *reap) run(ctx context.Context, r *rooms) string {
	for o.at <= o.until {
		at, _, err := r.store.Load(ctx)
		if err != nil {
			return word(err)
		}
		o.at = at.UnixMilli()
	}
	n, err := r.queue.Reap(ctx)
	return strconv.Itoa(n) + word(err)
}

func (o *reap) steps() stepper { return o }
func (o *reap) clone() stepper { return o }

func (o *reap) step(w *world, _ promises) (string, bool) { return strconv.Itoa(w.reap(o.at)), true }

// machine draws operations, and holds the rooms against the model after each.
type machine struct {
	*rooms
	world  *world
	leases map[string][]queue.Actor // task → every lease that was ever given, oldest first
}

func (m *machine) do(rt *rapid.T, ops ...operation) {
	ctx := context.Background()
	p := promises{
		lease:   rapid.SampledFrom([]time.Duration{time.Millisecond, time.Hour}).Draw(rt, "lease"),
		reopens: rapid.Bool().Draw(rt, "reopens"),
	}
	m.teams.now.Store(&p)
	begun := time.Now()
	outcomes := make([]string, len(ops))
	if len(ops) == 1 {
		outcomes[0] = ops[0].run(ctx, m.rooms)
	} else {
		var wg sync.WaitGroup
		for i, op := range ops {
			wg.Go(func() { outcomes[i] = op.run(ctx, m.rooms) })
		}
		wg.Wait()
	}
	seen := m.look(rt, begun, time.Now())
	steppers := make([]stepper, len(ops))
	for i, op := range ops {
		steppers[i] = op.steps()
	}
	e := exploration{promises: p, outcomes: outcomes, seen: seen}
	e.explore(m.world, steppers, make([]string, len(ops)))
	if e.found == nil {
		for _, op := range ops {
			rt.Logf("operation %+v", op)
		}
		rt.Fatalf("outcomes %q with %+v: no order of the steps leads there; the nearest differs (-model +store):\n%s", outcomes, p, e.diff)
	}
	m.world = e.found
	for id, t := range seen.tasks {
		if by := (queue.Actor{Agent: t.Agent, Lease: t.Lease}); t.State == queue.Claimed && !slices.Contains(m.leases[id], by) {
			m.leases[id] = append(m.leases[id], by)
		}
	}
}

// sight is what the rooms hold after an operation.
type sight struct {
	begun, ended time.Time
	tasks        map[string]queue.Task
	threads      map[string]string // thread → task
	placed       map[string]string // message → task
	kept         map[string]string // thread → the decision for its task
	claims       map[string]string // agent → request, task and lease of the last claim
	looks        map[look]int
}

func (m *machine) look(rt *rapid.T, begun, ended time.Time) sight {
	ctx := context.Background()
	s := sight{begun: begun, ended: ended, tasks: map[string]queue.Task{}, threads: map[string]string{}, placed: map[string]string{}, kept: map[string]string{}, looks: map[look]int{}}
	s.claims = m.store.Redis().HGetAll(ctx, "lk:{q}:q").Val()
	for id, card := range m.store.Redis().HGetAll(ctx, "lk:{q}:t").Val() {
		var t queue.Task
		if err := json.Unmarshal([]byte(card), &t); err != nil {
			rt.Fatal(err)
		}
		s.tasks[id] = t
		for _, z := range m.store.Redis().ZRangeWithScores(ctx, "lk:{q}:look:"+id, 0, -1).Val() {
			s.looks[look{id, z.Member.(string)}] = int(z.Score)
		}
	}
	for _, l := range m.world.messages {
		if _, ok := s.threads[l.thread]; ok {
			continue
		}
		if th, err := m.threads.Find(ctx, l.thread); err == nil {
			s.threads[l.thread] = th.Task
			s.kept[l.thread] = m.store.Redis().HGet(ctx, "lk:{c:"+l.thread+"}:t", "record").Val()
		}
		entries, err := m.threads.Messages(ctx, l.thread, 1000)
		if err != nil {
			rt.Fatal(err)
		}
		for _, e := range entries {
			if s.placed[e.Message.ID] != "" {
				rt.Fatalf("message %s stands twice", e.Message.ID)
			}
			s.placed[e.Message.ID] = e.Task
		}
	}
	return s
}

// exploration tries every order in which the steps of operations may have happened, until one explains what is seen.
type exploration struct {
	promises promises
	outcomes []string
	seen     sight
	found    *world
	diff     string // of the order that leads nearest
}

func (e *exploration) explore(w *world, left []stepper, outcomes []string) {
	moved := false
	for i, s := range left {
		if s == nil || e.found != nil {
			continue
		}
		moved = true
		next, steppers, said := w.clone(), slices.Clone(left), slices.Clone(outcomes)
		steppers[i] = s.clone()
		outcome, done := steppers[i].step(next, e.promises)
		if done {
			steppers[i], said[i] = nil, outcome
		}
		e.explore(next, steppers, said)
	}
	if moved {
		return
	}
	diff := cmp.Diff(outcomes, e.outcomes)
	if diff == "" {
		if diff = e.seen.differs(w); diff == "" {
			e.found = w
			return
		}
	} else {
		diff += e.seen.differs(w)
	}
	if e.diff == "" || len(diff) < len(e.diff) {
		e.diff = diff
	}
}

func (s sight) differs(w *world) string {
	if err := w.fit(s.tasks, s.begun, s.ended); err != nil {
		return err.Error()
	}
	if err := w.fitClaims(s.claims); err != nil {
		return err.Error()
	}
	threads, placed, kept := map[string]string{}, map[string]string{}, map[string]string{}
	for id, th := range w.threads {
		threads[id] = th.task
		text, err := json.Marshal(record{Decision: th.kept.decision, Prior: th.kept.prior})
		if err != nil {
			return err.Error()
		}
		kept[id] = string(text)
	}
	for id, l := range w.messages {
		if l.task != "" {
			placed[id] = l.task
		}
	}
	return cmp.Diff(threads, s.threads) + cmp.Diff(w.looks, s.looks, cmp.AllowUnexported(look{})) + cmp.Diff(kept, s.kept) + cmp.Diff(placed, s.placed) + cmp.Diff(w.tasks, s.tasks, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(
		queue.Task{}, "Op", "Sending", "Channel", "Connector", "Subject", "History", "HistoryLost"))
}
