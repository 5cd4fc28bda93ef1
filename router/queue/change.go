package queue

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	mrand "math/rand/v2"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
)

// How a change ends without being made.
var (
	errUnchanged = errors.New("nothing to change")
	errKnown     = errors.New("delivered before")
	errMerged    = errors.New("merged into another task")
)

// A change is one step of a task's life, computed from its card at one instant.
type change struct {
	task   Task      // as it will be
	now    time.Time // the store's clock
	events []*Event
	told   []string  // events that are complete, before those
	tx     *store.Tx // for what goes with it; checks may be added too
	agent  string    // who does it; "" when the daemon does
	over   int       // over so many messages that they were not shown, because they said so
	// again is asked when the change was not stored because something else was: an error ends it.
	again func(context.Context) error
	// reply is the answer the step is about, if it is about one.
	reply *Reply
	teams Teams
}

// event notes what happens. It is completed from the task as it is after the change, or when tell is called.
func (c *change) event(typ EventType) *Event {
	e := &Event{Type: typ}
	c.events = append(c.events, e)
	return e
}

// tell completes the events so far from the task as it is, and its history by them: what follows is another step.
func (c *change) tell() {
	for _, e := range c.events {
		full := c.task.event(e.Type, c.now)
		full.complete(e, c.agent)
		if full.Type == Replied && !full.Automatic || full.Type == Finished && c.task.Answerer == "" {
			c.task.Answerer = full.Agent
		}
		c.task.recall(&full)
		c.told = append(c.told, full.encode())
	}
	c.events = nil
}

// enqueue puts the task back into the lane of its team, at its due time. Nobody holds it then, nor is it kept
// for anybody, who may be away.
func (c *change) enqueue() {
	t := &c.task
	t.State, t.QueuedAt, t.Lane = Queued, millis(c.now), ""
	t.Agent, t.LeaseUntil, t.ClaimedAt, t.WaitingAt, t.Until = "", 0, 0, 0, 0
	t.attended()
}

// changeTries bounds how often a change starts again because others changed the task meanwhile.
const changeTries = 64

// change computes and stores one step. f may run several times, each time on the card as it then stands.
// op names the change: when the answer of the store was lost, our own change is recognised by it.
func (q *Queue) change(ctx context.Context, id, op string, f func(*change) error) (*Task, error) {
	return q.changeWith(ctx, id, "", op, f)
}

// changeWith is change for a step that also changes the answer with the id reply.
func (q *Queue) changeWith(ctx context.Context, id, reply, op string, f func(*change) error) (*Task, error) {
	return q.changeOf(ctx, about{task: id, reply: reply}, op, f)
}

// changeCurrent is change for what befalls a task, whoever does it: what is merged into another befalls that one.
func (q *Queue) changeCurrent(ctx context.Context, id, op string, f func(*change) error) (*Task, error) {
	return q.changeOf(ctx, about{task: id, follows: true}, op, f)
}

// about is what a step is about.
type about struct {
	task    string
	reply   string // an answer that the step changes too; "" for none
	follows bool   // of a task that is merged into another, it is the other
}

func (q *Queue) changeOf(ctx context.Context, s about, op string, f func(*change) error) (*Task, error) {
	for try := range changeTries {
		l, err := q.load(ctx, s)
		if err != nil {
			return nil, err
		}
		if try > 0 && l.task.Op == op {
			return l.task, nil
		}
		c := q.begun(l.task, l.now)
		l.fence(c.tx)
		if s.reply != "" {
			if c.reply, err = decodeReply(l.reply); err != nil {
				return nil, err
			}
			c.reply.follow(&c.task)
		}
		if err := f(c); err != nil {
			return l.task, err
		}
		if s.reply != "" {
			c.storeReply(l.reply)
		}
		c.task.Op = op
		q.settle(&c.task, l.now)
		done, err := q.store.Commit(ctx, c.build(l.task, l.card))
		if err != nil {
			return nil, err
		}
		if done {
			return &c.task, nil
		}
		if c.again != nil {
			if err := c.again(ctx); err != nil {
				return l.task, err
			}
		}
		pause(ctx, try)
	}
	return nil, fmt.Errorf("change task %s: %w", s.task, ErrBusy)
}

// begun is the beginning of a step.
func (q *Queue) begun(old *Task, now time.Time) *change {
	c := &change{task: *old, now: now, tx: &store.Tx{}, teams: q.teams}
	c.task.Threads, c.task.Links, c.task.Sending = slices.Clone(old.Threads), slices.Clone(old.Links), slices.Clone(old.Sending)
	return c
}

// loaded is what a step is computed from.
type loaded struct {
	now         time.Time
	card, reply string
	task        *Task
	passed      map[string]string // the cards that led to the task
}

// load reads what a step is about, and brings it back if it is archived.
func (q *Queue) load(ctx context.Context, s about) (*loaded, error) {
	l, id := &loaded{passed: map[string]string{}}, s.task
	for range changeTries {
		now, cards, err := q.store.Load(ctx, store.Field{Key: tasksKey, Name: id}, store.Field{Key: repliesKey, Name: s.reply})
		if err != nil {
			return nil, err
		}
		if cards[0] == "" {
			if back, err := q.Restore(ctx, id); err != nil {
				return nil, err
			} else if back {
				continue
			}
			return nil, ErrNone
		}
		l.now, l.card, l.reply = now, cards[0], cards[1]
		if l.task, err = decodeTask(l.card); err != nil {
			return nil, err
		}
		if !s.follows || l.task.Into.ID == "" {
			return l, nil
		}
		l.passed[id] = l.card
		id = l.task.Into.ID
	}
	return nil, ErrBusy
}

// fence lets the step be stored only while the same cards lead to its task.
func (l *loaded) fence(tx *store.Tx) {
	for _, id := range slices.Sorted(maps.Keys(l.passed)) {
		tx.IfField(tasksKey, id, l.passed[id])
	}
}

// notDelivered is errKnown when somebody else delivered the message meanwhile.
func (q *Queue) notDelivered(ctx context.Context, message string) error {
	err := q.store.Redis().ZScore(ctx, deliveredKey, message).Err()
	switch {
	case errors.Is(err, redis.Nil):
		return nil
	case err != nil:
		return fmt.Errorf("look whether delivered: %w", store.Cause(err))
	}
	return errKnown
}

// build makes the transaction: the card, the sets it leaves and enters, the events.
func (c *change) build(old *Task, card string) *store.Tx {
	t := &c.task
	c.tell()
	c.tx.IfField(tasksKey, old.ID, card)
	c.tx.SetField(tasksKey, t.ID, t.encode())
	was, is := old.places(), t.places()
	for _, key := range slices.Sorted(maps.Keys(was)) {
		if _, stays := is[key]; !stays {
			c.tx.ZRem(key, t.ID)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(is)) {
		if score, had := was[key]; !had || score != is[key] {
			c.tx.ZAdd(key, is[key], t.ID)
		}
	}
	for _, e := range c.told {
		c.tx.XAdd(eventsKey, e)
	}
	return c.tx
}

// complete takes over what the step said of itself.
func (e *Event) complete(said *Event, agent string) {
	whole := *said
	whole.Number, whole.At, whole.Task, whole.State, whole.Team, whole.Lane = e.Number, e.At, e.Task, e.State, e.Team, e.Lane
	whole.Channel, whole.Connector, whole.Priority, whole.Rule, whole.Tags = e.Channel, e.Connector, e.Priority, e.Rule, e.Tags
	whole.Due, whole.Created, whole.OnlyMachines = e.Due, e.Created, e.OnlyMachines
	if whole.Agent == "" {
		whole.Agent = agent
	}
	*e = whole
}

// pause waits a moment before a change starts again, longer with each try and never in step with others.
func pause(ctx context.Context, try int) {
	most := time.Millisecond << min(try, 6)
	select {
	case <-time.After(mrand.N(most)):
	case <-ctx.Done():
	}
}

// newToken makes a lease, request or operation id that nobody can guess.
func newToken() string { return rand.Text() }
