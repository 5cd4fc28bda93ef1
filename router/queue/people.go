package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"loket/internal/store"
)

// Return gives a held task back to its team. Its due time, and so its place, is kept.
func (q *Queue) Return(ctx context.Context, id string, by Actor) (*Task, error) {
	t, err := q.change(ctx, id, newToken(), func(c *change) error {
		c.agent = by.Agent
		if by.Lease == "" && c.task.State != Claimed {
			return c.task.refuse(ErrNotHeld, "is not held by %s", by.Agent)
		}
		if err := q.hold(c, by); err != nil {
			return err
		}
		c.tx.MakeRoom()
		c.event(Returned).ClaimedAt = c.task.ClaimedAt
		c.enqueue()
		c.task.Lease = ""
		return nil
	})
	return t, wrap(err, "return task %s", id)
}

// Transfer passes a task on to another team, at its due time: nobody waits longer for being passed on.
func (q *Queue) Transfer(ctx context.Context, id string, by Actor, team, note string) (*Task, error) {
	t, err := q.change(ctx, id, newToken(), func(c *change) error {
		if err := q.hold(c, by); err != nil {
			return err
		}
		c.pass(team)
		if note != "" {
			c.note(Note{Agent: c.agent, Text: note})
		}
		return nil
	})
	return t, wrap(err, "transfer task %s", id)
}

// pass puts the task into the lane of another team.
func (c *change) pass(team string) {
	t := &c.task
	e := c.event(Transferred)
	e.ClaimedAt, e.FromTeam = t.ClaimedAt, t.Team
	if t.Since > 0 {
		e.HeldSince = t.heldSince()
		t.WaitTeam = t.promisedBy()
	}
	c.enqueue()
	t.TeamSince = millis(c.now)
	t.Team, t.Lease, t.FirstReply, t.NextReply = team, "", 0, 0 // what the rule said was meant for the other team
	t.Hops++
}

// Wait lets a task rest until an instant, or until the customer writes when until is zero. It does not stop
// the clock of a customer who waits for an answer. Over what the agent was not shown it is Unseen: what the task is to
// wait for may have come.
func (q *Queue) Wait(ctx context.Context, id string, by Actor, until time.Time) (*Task, error) {
	t, err := q.change(ctx, id, newToken(), func(c *change) error {
		if err := q.hold(c, by); err != nil {
			return err
		}
		if err := q.saw(ctx, c, by); err != nil {
			return err
		}
		e := c.event(Parked)
		e.ClaimedAt, e.Until, e.Unseen = c.task.ClaimedAt, millis(until), c.over
		c.rest()
		c.task.Until = millis(until)
		return nil
	})
	if err == nil {
		q.dealtWith(ctx, t, by)
	}
	return t, wrap(err, "wait task %s", id)
}

// rest takes the task out of every hand and lane.
func (c *change) rest() {
	t := &c.task
	t.State, t.WaitingAt = Waiting, millis(c.now)
	t.Agent, t.Lease, t.LeaseUntil, t.ClaimedAt, t.Until = "", "", 0, 0, 0
	t.attended()
}

// Aside tells the outcomes that are no answer and yet no failing of ours whatever the team, however they are written: there
// was nobody to be helped.
func Aside(outcome string) bool {
	outcome = strings.TrimSpace(outcome)
	return slices.ContainsFunc([]string{"spam", "duplicate", OutcomeErased}, func(aside string) bool { return strings.EqualFold(outcome, aside) })
}

// aside tells whether that is so of an outcome, or the team says so of it.
func (c *change) aside(outcome string) bool {
	return Aside(outcome) || c.teams.Aside(c.task.Team, outcome)
}

// Close ends a task. Closing what is closed already changes nothing; with another outcome it is ErrClosed. Over what the
// agent was not shown it is Unseen. The outcome of a call, a visit or a letter is its answer: whoever closes it answered.
func (q *Queue) Close(ctx context.Context, id string, by Actor, outcome string) (*Task, error) {
	t, err := q.change(ctx, id, newToken(), func(c *change) error {
		if c.task.State == Closed && (by.Lease == "" || by.Lease == c.task.Lease) {
			if outcome != "" && !strings.EqualFold(outcome, c.task.Outcome) {
				return c.task.refuse(ErrClosed, "is closed already, with outcome %q", c.task.Outcome)
			}
			return errUnchanged
		}
		if err := q.hold(c, by); err != nil {
			return err
		}
		if err := q.saw(ctx, c, by); err != nil {
			return err
		}
		c.tx.MakeRoom()
		c.close(outcome)
		return nil
	})
	if errors.Is(err, errUnchanged) {
		return t, nil
	}
	if err == nil {
		q.dealtWith(ctx, t, by)
	}
	return t, wrap(err, "close task %s", id)
}

func (c *change) close(outcome string) {
	t := &c.task
	if c.answersByClosing(outcome) {
		c.answered().Reason = byClosing
	}
	c.missed(millis(c.now))
	if t.ResolveBy > 0 && millis(c.now) > t.ResolveBy {
		c.remindResolution(millis(c.now))
	}
	e := c.event(Finished)
	e.ResolveBy, t.ResolveBy, t.ResolveTold = t.ResolveBy, 0, 0 // the promise is about the first closing
	e.ClaimedAt, e.Outcome, e.Replies, e.Unseen = t.ClaimedAt, outcome, t.Replies, c.over
	e.Aside = c.aside(outcome)
	e.Abandoned = t.Since > 0 && t.Replies == 0 && !e.Aside
	e.OpenedAt = t.opened()
	c.endWait(e)
	t.Unanswered = t.Since
	t.end(millis(c.now), outcome)
}

// end takes the task out of every hand and lane for good. The lease stays, so that the same close said twice is recognised;
// a closed task can't be held with it.
func (t *Task) end(at int64, outcome string) {
	t.State, t.ClosedAt, t.Outcome = Closed, at, outcome
	t.Since, t.Agent, t.LeaseUntil, t.ClaimedAt, t.WaitingAt, t.Until, t.Failure = 0, "", 0, 0, 0, 0, ""
	t.attended()
}

// Reopen brings a closed task back into the queue of its team. A wait that the closing ended without an answer goes on from
// where it began; otherwise nobody waits until the customer writes. What is open already stays as it is. One that was merged
// into another is taken out of it.
func (q *Queue) Reopen(ctx context.Context, id, agent string) (*Task, error) {
	t, err := q.change(ctx, id, newToken(), func(c *change) error {
		if c.task.Into.ID != "" {
			return errMerged
		}
		if c.task.State != Closed {
			return errUnchanged
		}
		c.agent = agent
		c.reopenAsItWas("")
		return nil
	})
	if errors.Is(err, errMerged) {
		t, err = q.unmerge(ctx, t.Into.ID, id, agent)
	}
	if errors.Is(err, errUnchanged) {
		return t, nil
	}
	return t, wrap(err, "reopen task %s", id)
}

// Assign puts a task into the lane of one person: nobody else is given it until it is due soon, or for a while when it is
// late already, and who held it holds it no longer.
func (q *Queue) Assign(ctx context.Context, id, to, manager string) (*Task, error) {
	t, err := q.change(ctx, id, newToken(), func(c *change) error {
		if c.task.State == Closed {
			return c.task.closed()
		}
		c.agent = manager
		e := c.event(Assigned)
		e.ClaimedAt, e.Reason = c.task.ClaimedAt, "to "+to
		queuedAt := c.task.QueuedAt
		stays := c.task.State == Queued
		c.enqueue()
		if stays { // it waits for a hand all the while
			c.task.QueuedAt = queuedAt
		}
		c.task.Lane, c.task.LaneUntil, c.task.Lease = "@"+to, keptUntil(millis(c.now), c.task.Due), ""
		return nil
	})
	return t, wrap(err, "assign task %s", id)
}

// Link notes that two tasks have to do with each other. Doing it again changes nothing.
func (q *Queue) Link(ctx context.Context, id, other, agent string) (*Task, error) {
	t, err := q.change(ctx, id, newToken(), func(c *change) error {
		if id == other || slices.Contains(c.task.Links, other) {
			return errUnchanged
		}
		c.agent = agent
		c.task.Links = append(c.task.Links, other)
		c.event(Linked).Reason = other
		return nil
	})
	if errors.Is(err, errUnchanged) {
		return t, nil
	}
	return t, wrap(err, "link task %s", id)
}

// A Note is what colleagues say to each other in a task. No customer ever sees it.
type Note struct {
	Agent string    `json:"agent"`
	Text  string    `json:"text"`
	At    time.Time `json:"at"`
	Way   string    `json:"way,omitempty"` // by which the customer had it as an answer; "" for what only colleagues know
	Key   string    `json:"key,omitempty"` // of such an answer, to know a repeat
	// Mail is of a note that is one, else nil.
	Mail *NoteMail `json:"mail,omitempty"`
}

// AddNote adds a note, which names colleagues perhaps. Anybody may write one, whoever holds the task; a lease that is given must be current.
func (q *Queue) AddNote(ctx context.Context, id string, by Actor, text string, named ...string) (*Task, error) {
	t, err := q.change(ctx, id, newToken(), func(c *change) error {
		if by.Lease != "" && by.Lease != c.task.Lease {
			return c.task.Taken()
		}
		c.agent = by.Agent
		c.note(Note{Agent: by.Agent, Text: text}).Named = named
		return nil
	})
	return t, wrap(err, "note task %s", id)
}

func (c *change) note(n Note) *Event {
	c.append(n)
	return c.event(Noted)
}

func (c *change) append(n Note) {
	n.At = c.now
	b, err := json.Marshal(n)
	if err != nil {
		panic(err) // two strings and a time
	}
	c.tx.Append(notesKey(c.task.ID), string(b))
}

// Notes are the notes of a task, oldest first.
func (q *Queue) Notes(ctx context.Context, id string) ([]Note, error) {
	raw, err := q.store.Redis().LRange(ctx, notesKey(id), 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("read notes of task %s: %w", id, store.Cause(err))
	}
	notes := make([]Note, len(raw))
	for i, r := range raw {
		if err := json.Unmarshal([]byte(r), &notes[i]); err != nil {
			return nil, fmt.Errorf("read notes of task %s: %w", id, err)
		}
	}
	return notes, nil
}

// reopenAsItWas brings a closed task back into its lane, with the wait that closing ended without an answer.
func (c *change) reopenAsItWas(reason string) {
	t, since := &c.task, c.task.Unanswered
	if t.Outcome == OutcomeErased {
		since = 0
	}
	e := c.reopen(Reopened, reason)
	if since == 0 {
		t.Due = c.due() // a place in the lane
		return
	}
	t.Since, t.Due, e.Continues = since, t.WaitDue, true
	e.began(t)
}

// reopen brings a task that rests or is closed back into its lane.
func (c *change) reopen(typ EventType, reason string) *Event {
	t := &c.task
	e := c.event(typ)
	e.Reason = reason
	c.enqueue()
	c.open(e, millis(c.now))
	t.Lease = ""
	return e
}

// open makes a closed task one that is open since an instant, and says in e that it was closed. With the first message of a
// person the matter begins: a task in which only machines wrote counts as none, so it is not reopened.
func (c *change) open(e *Event, since int64) {
	t := &c.task
	if t.ClosedAt > 0 && t.Wait > 0 {
		e.ClosedAt = t.ClosedAt
		t.Reopened++
		t.OpenedAt = since
	}
	t.ClosedAt, t.Outcome, t.Unanswered, t.Rating, t.RatedAt = 0, "", 0, "", 0
}
