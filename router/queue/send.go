package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/message"
	"loket/internal/store"
)

// ErrNotYours says that the sending of a reply was taken over by another process.
var ErrNotYours = errors.New("another process has the reply")

// A DueReply is one that the outbox should look at now.
type DueReply struct {
	ID, Connector string
	Message       *message.Message // nil when the thread has it already
}

// DueReplies gives the replies that the outbox should look at now, most overdue first, at most limit after the first
// skip. Fewer than limit means that there are no more.
func (q *Queue) DueReplies(ctx context.Context, skip, limit int) ([]DueReply, error) {
	now, _, err := q.store.Load(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := q.store.Redis().ZRangeArgs(ctx, redis.ZRangeArgs{
		Key: sendKey, ByScore: true, Start: "-inf", Stop: strconv.FormatInt(millis(now), 10), Offset: int64(skip), Count: int64(limit),
	}).Result()
	if err != nil {
		return nil, wrap(store.Cause(err), "look for replies")
	}
	replies, err := q.ReplyStates(ctx, ids...)
	if err != nil {
		return nil, err
	}
	due := make([]DueReply, len(ids))
	for i, id := range ids {
		due[i].ID = id
		if r := replies[id]; r != nil {
			due[i].Connector, due[i].Message = r.Connector, r.Message
		}
	}
	return due, nil
}

// BeginSend takes a due reply for lapse: nobody else looks at it meanwhile. State tells what to do: ReplySending,
// hand it to the channel; ReplyDoubt, find out whether the channel has it; when it is Reported, settle it. nil when it is
// not due any more.
func (q *Queue) BeginSend(ctx context.Context, id string, lapse time.Duration) (*Reply, error) {
	token := newToken()
	var taken *Reply
	err := q.changeReply(ctx, id, func(c *change) error {
		r := c.reply
		if !r.pending() || r.Next == 0 || r.Next > millis(c.now) {
			return errUnchanged
		}
		switch r.State {
		case ReplyQueued:
			r.State = ReplySending
			r.Attempts++
		case ReplySending: // whoever had it is gone, and nobody knows how far it came
			c.comes(ReplyDoubt, r.Error)
		}
		r.Token, r.Next = token, millis(c.now.Add(lapse))
		taken = r
		return nil
	})
	if errors.Is(err, errUnchanged) {
		return nil, nil
	}
	return taken, wrap(err, "begin sending reply %s", id)
}

// LapseSending makes every reply due whose sending was begun by a process that is gone: for the start of one that
// has the store to itself.
func (q *Queue) LapseSending(ctx context.Context) error {
	ids, err := q.store.Redis().ZRange(ctx, sendKey, 0, -1).Result()
	if err != nil {
		return fmt.Errorf("list replies: %w", store.Cause(err))
	}
	for _, id := range ids {
		err := q.changeReply(ctx, id, func(c *change) error {
			if c.reply.State == ReplyQueued {
				return errUnchanged // its time was set by the channel
			}
			c.reply.Next = millis(c.now)
			return nil
		})
		if err != nil && !errors.Is(err, errUnchanged) {
			return wrap(err, "lapse reply %s", id)
		}
	}
	return nil
}

// Sent ends the sending of a reply that the channel took. The thread must have it by now: its text goes. What the channel
// reported of it already, before it answered, stands. missed are the copies that it refused: of a task that rests lists tell
// that something came.
func (q *Queue) Sent(ctx context.Context, id, token, channelID string, delivered bool, missed ...Missed) error {
	return q.endSend(ctx, id, token, func(c *change) {
		r := c.reply
		state := ReplyDone
		if delivered {
			state = ReplyDelivered
		}
		if r.State.rank() < state.rank() {
			c.comes(state, "")
		}
		r.Sent, r.ChannelID, r.Message = millis(c.now), channelID, nil
		if len(missed) > 0 {
			r.Missed = missed
			c.notAttended()
		}
		if channelID != "" {
			c.tx.SetField(channelIDKey, r.Connector+"\x00"+channelID, r.ID)
		}
		c.task.Sending = slices.DeleteFunc(c.task.Sending, func(s string) bool { return s == r.ID })
		e := c.event(ReplySent)
		e.Message, e.Reason = r.ID, string(r.State)
	})
}

// SendingTo tells whether an answer to one of these people is being handed to its channel by a connector, or nobody knows
// yet whether the channel has it. It looks at the newest tasks in which they wrote.
func (q *Queue) SendingTo(ctx context.Context, connector string, who []message.Identifier) (bool, error) {
	const newest = 8
	var ids []string
	for _, i := range who {
		tasks, err := q.ByIdentifier(ctx, i, newest)
		if err != nil {
			return false, err
		}
		for _, t := range tasks {
			ids = append(ids, t.Sending...)
		}
	}
	replies, err := q.ReplyStates(ctx, ids...)
	if err != nil {
		return false, err
	}
	for _, r := range replies {
		if r.Connector == connector && r.Message != nil && r.State != ReplyQueued && r.State != ReplyGaveUp && meet(slices.Concat(r.Message.To, r.Message.Cc), who) {
			return true, nil
		}
	}
	return false, nil
}

// meet tells whether somebody is among both, at whatever level.
func meet(some, others []message.Identifier) bool {
	return slices.ContainsFunc(some, func(a message.Identifier) bool {
		return slices.ContainsFunc(others, func(b message.Identifier) bool {
			return a.Kind == b.Kind && a.Scope == b.Scope && a.Value == b.Value
		})
	})
}

// SendAgain puts a reply back, to be sent after at.
func (q *Queue) SendAgain(ctx context.Context, id, token string, after time.Duration, reason string) error {
	return q.endUnsent(ctx, id, token, func(c *change) {
		c.reply.State, c.reply.Next, c.reply.Error = ReplyQueued, millis(c.now.Add(after)), reason
	})
}

// InDoubt notes that the channel may have taken a reply. It is looked at again after that time; with 0 nobody
// can find out, and the task comes back for the agent to decide.
func (q *Queue) InDoubt(ctx context.Context, id, token string, after time.Duration, reason string) error {
	return q.endUnsent(ctx, id, token, func(c *change) {
		r := c.reply
		c.comes(ReplyDoubt, reason)
		r.Next = millis(c.now.Add(after))
		if after > 0 {
			return
		}
		r.Next = 0
		c.comeBack("the answer may not have arrived: " + reason)
	})
}

// GiveUp ends a reply that cannot be sent: the task comes back with the reason.
func (q *Queue) GiveUp(ctx context.Context, id, token, reason string) error {
	return q.endUnsent(ctx, id, token, func(c *change) {
		c.comes(ReplyGaveUp, reason)
		c.fail(reason)
	})
}

func (q *Queue) endSend(ctx context.Context, id, token string, f func(*change)) error {
	err := q.changeReply(ctx, id, func(c *change) error {
		if c.reply.Token != token {
			return ErrNotYours
		}
		c.tx.MakeRoom() // it is with the channel, whatever can be written down of it
		f(c)
		c.reply.Token = ""
		return nil
	})
	return wrap(err, "end sending reply %s", id)
}

// endUnsent is endSend for a reply that the channel did not say it took, unless it reported on it all the same: then
// there is only the settling left.
func (q *Queue) endUnsent(ctx context.Context, id, token string, f func(*change)) error {
	return q.endSend(ctx, id, token, func(c *change) {
		if c.reply.Reported() {
			c.reply.Next = millis(c.now)
			return
		}
		f(c)
	})
}

// changeReply is change for a step of a reply.
func (q *Queue) changeReply(ctx context.Context, id string, f func(*change) error) error {
	r, err := q.ReplyByID(ctx, id)
	if err != nil {
		return err
	}
	_, err = q.changeOf(ctx, about{task: r.Task, reply: id, follows: true}, newToken(), f)
	return err
}

// storeReply adds the changed answer to the transaction, and its place in the outbox's order.
func (c *change) storeReply(was string) {
	r := c.reply
	c.tx.IfField(repliesKey, r.ID, was)
	c.tx.SetField(repliesKey, r.ID, r.encode())
	if r.pending() && r.Next > 0 {
		c.tx.ZAdd(sendKey, r.Next, r.ID)
	} else {
		c.tx.ZRem(sendKey, r.ID)
	}
}
