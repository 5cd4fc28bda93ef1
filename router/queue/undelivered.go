package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"loket/internal/message"
	"loket/internal/store"
)

// An answer that the channel says did not arrive is none. It is taken back: the wait that it ended goes on from where it
// began, as if nobody had answered, and figures count nothing of the answer.

// Given is what is to be taken back of an answer that does not arrive: when it was given, by whom, as which answer in the
// task, and the wait that it ended, if it ended one.
type Given struct {
	At    int64  `json:"at"`
	Agent string `json:"agent,omitempty"`
	N     int    `json:"n"`
	Wait  int    `json:"wait,omitempty"`
	Since int64  `json:"since,omitempty"`
	Due   int64  `json:"due,omitempty"`
	// Picked is when that wait was first claimed, 0 when it was not.
	Picked int64 `json:"picked,omitempty"`
	Of     int64 `json:"of,omitempty"` // the number of the task it was given in, when that was merged into another since
}

// give notes in the reply, and in the event of its answer, that they belong together.
func (r *Reply) give(c *change, e *Event) {
	e.Message = r.ID
	r.Given = &Given{At: millis(c.now), Agent: c.agent, N: c.task.Replies}
	if e.WaitEnded {
		r.Given.Wait, r.Given.Since, r.Given.Due, r.Given.Picked = e.Wait, e.WaitSince, e.WaitDue, e.PickedAt
	}
}

// comeBack brings the task of a reply that is in doubt back to its team. One that is in work or in the queue stays there. Who
// does not wait yet waits from now on.
func (c *change) comeBack(reason string) {
	if c.reply.ToOthers {
		c.showFailure(ReplyMoved, reason)
		return
	}
	c.bringBack(ReplyMoved, reason, millis(c.now), c.due(), false)
}

// fail takes back a reply that did not arrive, and brings its task back. The wait that it ended goes on, unless the customer
// had another answer since: then one begins now.
func (c *change) fail(reason string) {
	if c.reply.ToOthers {
		c.showFailure(ReplyFailed, "what was written to others was not delivered: "+reason)
		return
	}
	t, g := &c.task, c.reply.Given
	since, due, goesOn := millis(c.now), c.due(), false
	if g != nil {
		if t.Replies <= g.N && g.Since > 0 {
			since, due, goesOn = g.Since, g.Due, true
		}
		t.Replies = max(0, t.Replies-1)
	}
	wait, told := t.Wait, t.Told
	e := c.bringBack(ReplyFailed, "the answer was not delivered: "+reason, since, due, goesOn)
	if g == nil {
		return
	}
	e.UndoneAt, e.UndoneOf = g.At, g.Of
	if goesOn {
		t.PickedAt = earlier(g.Picked, t.PickedAt)
	}
	if goesOn && t.Wait > g.Wait {
		t.Wait, e.Wait = g.Wait, g.Wait
		if wait == g.Wait && g.Of == 0 {
			t.Told = told
		}
	}
}

// showFailure tells of one of ours to others than the customer that it did not arrive, or may not have. A task that waits comes
// back to its team, with no wait of the customer's that did not run; a closed one is told by lists.
func (c *change) showFailure(typ EventType, reason string) {
	e := c.event(typ)
	e.Message, e.Reason = c.reply.ID, withoutAddresses(reason)
	c.comeForward()
	c.task.Failure = reason
}

// comeForward brings a task that waits before its team; of a closed one lists tell that something came. Nothing of it begins
// a wait.
func (c *change) comeForward() {
	t := &c.task
	switch t.State {
	case Waiting:
		c.enqueue()
		if t.Since == 0 {
			t.Due = millis(c.now) // nobody waits for an answer: it is due now
		}
	case Closed:
		c.notAttended()
	}
}

// bringBack brings a task that rests back, and lets the customer wait since an instant, to be answered by due. If they wait
// already, only a wait that goes on changes that. In a task in which only machines wrote nobody waits.
func (c *change) bringBack(typ EventType, reason string, since, due int64, goesOn bool) *Event {
	t := &c.task
	var e *Event
	if t.State == Waiting || t.State == Closed {
		e = c.reopen(typ, withoutAddresses(reason))
	} else {
		e = c.event(typ)
		e.Reason = withoutAddresses(reason)
	}
	switch {
	case t.Wait == 0:
		t.Due = due // a place in the lane
	case goesOn || t.Since == 0:
		c.await(since, due, 0)
		e.began(t)
	}
	e.Message, t.Failure = c.reply.ID, reason
	return e
}

// arrived notes that a reply that was taken back did arrive: the wait that went on ended when it was given.
func (c *change) arrived() {
	c.task.Failure = ""
	if g := c.reply.Given; g != nil {
		c.elsewhere(g.At, &Event{Message: c.reply.ID, Reason: "arrived", Agent: g.Agent})
		g.N, g.Of = c.task.Replies, 0
	}
}

// answerAgain makes it an answer of the agent, and one of now, that the reply is sent once more. Whoever holds the task keeps
// it.
func (c *change) answerAgain() {
	t := &c.task
	if c.reply.ToOthers {
		e := c.event(ToOthers)
		e.Message, e.Reason = c.reply.ID, "sent again"
		t.Failure = ""
		return
	}
	claimed := t.ClaimedAt
	e := c.answered()
	e.Reason, e.ClaimedAt, t.ClaimedAt = "sent again", 0, claimed
	c.reply.give(c, e)
	if t.State == Queued {
		c.rest()
	}
}

// Resend sends a reply that failed or is in doubt once more, because a person decided so: that person answers with it, which
// ends the wait. It gives the task.
func (q *Queue) Resend(ctx context.Context, id, agent string) (*Task, error) {
	asked, err := q.ReplyByID(ctx, id)
	if err != nil {
		return nil, wrap(err, "resend reply %s", id)
	}
	t, err := q.changeWith(ctx, asked.Task, id, newToken(), func(c *change) error {
		r := c.reply
		if r.Message == nil || r.State != ReplyGaveUp && (r.State != ReplyDoubt || r.Next != 0) {
			return fmt.Errorf("%w: the reply is %s", ErrConflict, r.State)
		}
		c.agent = agent
		r.State, r.StateAt, r.Next, r.Since, r.Attempts, r.Error = ReplyQueued, 0, millis(c.now), millis(c.now), 0, ""
		c.answerAgain()
		return nil
	})
	return t, wrap(err, "resend reply %s", id)
}

// ReportCopies takes what a channel says later of copies of an answer that did not arrive, and tells whether they are only
// that: the answer itself stands. A task that rests is told by lists. Doing it again changes nothing.
func (q *Queue) ReportCopies(ctx context.Context, connector, of string, to []message.Identifier, reason string) (bool, error) {
	if len(to) == 0 {
		return false, nil
	}
	id, err := q.replyOf(ctx, connector, of)
	if err != nil {
		return false, err
	}
	copies := false
	err = q.changeReply(ctx, id, func(c *change) error {
		r := c.reply
		if copies = r.Connector == connector && r.onlyCopies(to); !copies {
			return errUnchanged
		}
		if !r.miss(to, reason) {
			return errUnchanged
		}
		e := c.event(ReplyMoved)
		e.Message, e.Reason = r.ID, "a copy was not delivered"
		c.notAttended()
		return nil
	})
	if errors.Is(err, errUnchanged) || errors.Is(err, ErrNone) {
		return copies, nil
	}
	return copies, wrap(err, "report on copies of reply %s", id)
}

// onlyCopies tells whether none of to is whom the answer is written to, and all have a copy.
func (r *Reply) onlyCopies(to []message.Identifier) bool {
	for _, id := range to {
		if !slices.Contains(r.Cc, id.String()) || slices.Contains(r.To, id.String()) {
			return false
		}
	}
	return true
}

// miss notes copies that did not arrive, and tells whether that is news.
func (r *Reply) miss(to []message.Identifier, reason string) bool {
	news := false
	for _, id := range to {
		if slices.ContainsFunc(r.Missed, func(m Missed) bool { return m.To == id.String() }) {
			continue
		}
		r.Missed, news = append(slices.Clone(r.Missed), Missed{To: id.String(), Reason: reason}), true
	}
	return news
}

// replyOf is the id of the reply that a channel calls so; that may be the id itself.
func (q *Queue) replyOf(ctx context.Context, connector, of string) (string, error) {
	id, err := q.store.Redis().HGet(ctx, channelIDKey, connector+"\x00"+of).Result()
	switch {
	case errors.Is(err, redis.Nil):
		return of, nil
	case err != nil:
		return "", fmt.Errorf("find reply: %w", store.Cause(err))
	}
	return id, nil
}

// Report takes what a channel says later of a message of ours, known by the channel's own id, or by ours where the
// channel carries it. Reports come doubled and out of order: only what goes forward changes anything. ErrNone when we
// sent no such message.
func (q *Queue) Report(ctx context.Context, connector, of string, state ReplyState, reason string) error {
	id, err := q.replyOf(ctx, connector, of)
	if err != nil {
		return err
	}
	err = q.changeReply(ctx, id, func(c *change) error {
		r := c.reply
		if r.Connector != connector {
			return ErrNone
		}
		if state.rank() <= r.State.rank() {
			return errUnchanged
		}
		if r.State == ReplyGaveUp {
			c.arrived()
		}
		if r.Message != nil && r.Token == "" { // nobody is about to settle it
			r.Next = millis(c.now)
		}
		c.comes(state, reason)
		if state == ReplyGaveUp {
			c.fail(reason)
			return nil
		}
		e := c.event(ReplyMoved)
		e.Message, e.Reason = r.ID, string(state)
		return nil
	})
	switch {
	case errors.Is(err, errUnchanged):
		return nil
	case errors.Is(err, ErrNone):
		return ErrNone
	}
	return wrap(err, "report on reply %s", id)
}
