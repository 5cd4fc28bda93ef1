package queue

import (
	"context"
	"errors"
	"time"

	"loket/internal/message"
)

// AnsweredElsewhere notes an answer that somebody of ours gave in the channel's own app: it ends the wait of the
// messages it could know, those that came before it was sent. For what came after, a wait begins with the first of it.
// Without such, a queued task then waits for the customer; whoever holds it keeps it, and a closed one stays closed. The
// same message again changes nothing. ErrNone when there is no such task.
func (q *Queue) AnsweredElsewhere(ctx context.Context, id string, m *message.Message, at time.Time) error {
	_, err := q.changeCurrent(ctx, id, m.ID, func(c *change) error {
		c.again = func(ctx context.Context) error { return q.notDelivered(ctx, m.ID) }
		c.tx.IfNoMember(deliveredKey, m.ID)
		c.tx.ZAdd(deliveredKey, millis(c.now), m.ID)
		c.elsewhere(millis(at), &Event{Message: m.ID, Reason: "elsewhere", Agent: m.Agent})
		return nil
	})
	if errors.Is(err, errKnown) {
		return nil
	}
	return wrap(err, "note answer to task %s", id)
}

// elsewhere notes an answer that was given at an instant before now; said tells whose it is.
func (c *change) elsewhere(at int64, said *Event) {
	t := &c.task
	ends := t.Since > 0 && t.Since <= at
	if ends {
		c.missed(at)
	}
	e := c.event(Replied)
	e.Message, e.Reason, e.Agent, e.AnsweredAt = said.Message, said.Reason, said.Agent, min(at, millis(c.now))
	t.Replies++
	if !ends {
		return
	}
	c.endWait(e)
	t.Since, t.Failure = 0, ""
	switch since := t.saidAfter(at); {
	case since > 0:
		c.tell()
		c.asks(since)
		e := c.event(Woken)
		e.Reason = "written after the answer"
		e.began(t)
	case t.State == Queued:
		c.rest()
	}
}
