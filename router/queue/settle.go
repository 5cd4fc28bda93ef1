package queue

import (
	"context"
	"errors"
	"fmt"
)

// What nobody but a person can find out of an answer: whether it arrived.

// Failed gives the tasks of a team in which an answer did not arrive, or may not have, and nobody dealt with that yet; the oldest
// tasks first. Pages are as those of List.
func (q *Queue) Failed(ctx context.Context, team string, limit int, cursor string) (Page, error) {
	return q.list(ctx, team, q.members(failedKey(team)), limit, cursor, func(t *Task) bool { return t.Failure != "" })
}

// undecided tells whether nobody but a person goes on with the reply.
func (r *Reply) undecided() bool { return r.State == ReplyDoubt && r.Next == 0 }

// LookAgain asks the outbox to ask the channel once more about a reply that is in doubt. Of one that is being asked about already it
// changes nothing; ErrConflict when it is not in doubt.
func (q *Queue) LookAgain(ctx context.Context, id string) error {
	err := q.changeReply(ctx, id, func(c *change) error {
		switch r := c.reply; {
		case r.State != ReplyDoubt || r.Message == nil:
			return fmt.Errorf("%w: the reply is %s", ErrConflict, r.State)
		case !r.undecided():
			return errUnchanged
		default:
			r.Next = millis(c.now)
			return nil
		}
	})
	if errors.Is(err, errUnchanged) {
		return nil
	}
	return wrap(err, "look again after reply %s", id)
}

// Settle takes a person's word for whether a reply arrived that is in doubt, or whose channel said that it did not. One that arrived
// is put into its thread by the outbox, and a wait that began only because nobody knew is over; one that did not is taken back, as if
// the channel had said so. Saying it again changes nothing. It gives the task.
func (q *Queue) Settle(ctx context.Context, id, agent string, arrived bool) (*Task, error) {
	asked, err := q.ReplyByID(ctx, id)
	if err != nil {
		return nil, wrap(err, "settle reply %s", id)
	}
	t, err := q.changeOf(ctx, about{task: asked.Task, reply: id, follows: true}, newToken(), func(c *change) error {
		c.agent = agent
		r := c.reply
		switch {
		case arrived && r.State == ReplyDelivered, !arrived && r.State == ReplyGaveUp:
			return errUnchanged
		case arrived && r.State == ReplyGaveUp:
			c.arrived()
		case !r.undecided():
			return fmt.Errorf("%w: the reply is %s", ErrConflict, r.State)
		case arrived:
			c.provedRight()
		default:
			c.comes(ReplyGaveUp, "a colleague says that it did not arrive")
			c.fail(r.Error)
			return nil
		}
		c.comes(ReplyDelivered, "")
		if r.Message != nil { // the outbox puts it into its thread
			r.Next = millis(c.now)
		}
		return nil
	})
	if errors.Is(err, errUnchanged) {
		return t, nil
	}
	return t, wrap(err, "settle reply %s", id)
}

// provedRight notes that an answer which was in doubt did arrive. The wait that the doubt began is over; one that the customer began
// since by writing goes on.
func (c *change) provedRight() {
	t := &c.task
	t.Failure = ""
	if g := c.reply.Given; t.Since == 0 || g == nil || t.saidAfter(g.At) > 0 {
		e := c.event(ReplyMoved)
		e.Message, e.Reason = c.reply.ID, "arrived"
		return
	}
	c.elsewhere(millis(c.now), &Event{Message: c.reply.ID, Reason: "arrived", Agent: c.agent})
	t.Replies-- // it is the answer that was counted when it was given
}
