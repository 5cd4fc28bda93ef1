package queue

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"loket/internal/message"
	"loket/internal/store"
)

// ReplyState is how far an answer of ours came.
type ReplyState string

// The states of a reply, in the order it goes through them.
const (
	ReplyQueued    ReplyState = "queued"
	ReplySending   ReplyState = "sending" // one process is handing it to the channel
	ReplyDoubt     ReplyState = "doubt"   // the channel may have taken it; it is not sent blindly again
	ReplyDone      ReplyState = "sent"
	ReplyDelivered ReplyState = "delivered"
	ReplyRead      ReplyState = "read"
	ReplyGaveUp    ReplyState = "failed"
)

// rank orders the states after sending; reports only move forward. A message that failed by a report may
// still turn out delivered.
func (s ReplyState) rank() int {
	return slices.Index([]ReplyState{ReplyQueued, ReplySending, ReplyDoubt, ReplyDone, ReplyGaveUp, ReplyDelivered, ReplyRead}, s)
}

// open tells whether nobody knows yet what became of it.
func (s ReplyState) open() bool { return s == ReplyQueued || s == ReplySending || s == ReplyDoubt }

// Reported tells that the channel said how far the reply came before we had its answer: it surely has it, and the thread
// is yet to get it.
func (r *Reply) Reported() bool {
	return r.Message != nil && (r.State == ReplyDone || r.State == ReplyDelivered || r.State == ReplyRead)
}

// comes notes how far the reply came, and why no farther.
func (c *change) comes(state ReplyState, reason string) {
	r := c.reply
	if r.State != state {
		r.StateAt = millis(c.now)
	}
	r.State, r.Error = state, reason
}

// pending tells whether the outbox still has work with it.
func (r *Reply) pending() bool { return r.State.open() || r.Reported() }

// A Reply is an answer to a customer on its way. Its text goes once the thread has it.
type Reply struct {
	ID        string           `json:"id"`
	Task      string           `json:"task"`
	Message   *message.Message `json:"message,omitempty"`
	State     ReplyState       `json:"state"`
	StateAt   int64            `json:"state_at,omitempty"` // since when that is known, ms; 0 of one that was never handed to its channel
	Token     string           `json:"token,omitempty"`    // of the sending that runs
	Attempts  int              `json:"attempts,omitempty"`
	Next      int64            `json:"next,omitempty"` // when the outbox looks at it, ms
	Error     string           `json:"error,omitempty"`
	Created   int64            `json:"created"`
	Since     int64            `json:"since,omitempty"` // when somebody last asked for it to be sent
	Sent      int64            `json:"sent,omitempty"`
	ChannelID string           `json:"channel_id,omitempty"`
	Connector string           `json:"connector"`
	Digest    string           `json:"digest"` // of what was asked, to tell a repeat from another text under one key
	Given     *Given           `json:"given,omitempty"`
	// ToOthers: it went to others than the customer, who has no answer by it.
	ToOthers bool `json:"to_others,omitempty"`
	// Of an answer with copies: who it is written to, who has a copy, and which copies did not arrive.
	To     []string `json:"to,omitempty"`
	Cc     []string `json:"cc,omitempty"`
	Missed []Missed `json:"missed,omitempty"`
}

// A Missed copy is one that did not arrive, while the answer stands.
type Missed struct {
	To     string `json:"to"`
	Reason string `json:"reason,omitempty"`
}

// An Answer is what a person says to the customer.
type Answer struct {
	// Key makes a repeat of the same answer one answer; "" makes each its own.
	Key     string
	Message *message.Message // Direction Out, with thread, connector, channel, addresses and text; ID is set here
	Close   bool
	Outcome string
	// Whom is to whom it was asked to go, in the words of whoever asked: "" for the usual. A repeat has the same.
	Whom string
	// Draft is the one that is sent, if one is: it goes with the answer, in the same step. ErrNoDraft when it is gone.
	Draft string
}

// Reply takes an answer: the task waits for the customer, or is closed, and the outbox has the answer, in one
// step. The same key with the same text gives the first answer again, whatever came since; with another text ErrConflict.
// Over what the agent was not shown it is Unseen. The task is nil when the answer was there already and the task could not
// be read.
func (q *Queue) Reply(ctx context.Context, id string, by Actor, a Answer) (*Task, *Reply, error) {
	r := newReply(id, by, a)
	if a.Key != "" {
		if have, err := q.repeated(ctx, r); have != nil || err != nil {
			return q.answered(ctx, id, have, err)
		}
	}
	// Another text under the same key has the same id: it must not be taken for ours.
	t, err := q.change(ctx, id, r.ID+" "+r.Digest, func(c *change) error {
		c.again = func(ctx context.Context) error {
			if have, err := q.repeated(ctx, r); have != nil || err != nil {
				return errors.Join(errKnown, err)
			}
			return nil
		}
		if err := q.hold(c, by); err != nil {
			return err
		}
		if err := q.saw(ctx, c, by); err != nil {
			return err
		}
		if err := q.spend(ctx, c, r, a); err != nil {
			return err
		}
		c.answer(r, a)
		return nil
	})
	if err != nil {
		// The same answer may have got in between the first look and the change, and taken the lease with it.
		if have, known := q.repeated(ctx, r); have != nil || errors.Is(known, ErrConflict) || errors.Is(err, errKnown) {
			return q.answered(ctx, id, have, known)
		}
		return nil, nil, wrap(err, "reply to task %s", id)
	}
	q.dealtWith(ctx, t, by)
	return t, r, nil
}

// Prepare does what comes before an answer: its agent holds the task, under a lease that begins anew, and was shown all that was said.
// It is refused as the answer would be; then nothing changes.
func (q *Queue) Prepare(ctx context.Context, id string, by Actor) (*Task, error) {
	t, err := q.change(ctx, id, newToken(), func(c *change) error {
		if err := q.hold(c, by); err != nil {
			return err
		}
		if err := q.saw(ctx, c, by); err != nil {
			return err
		}
		c.task.LeaseUntil = max(c.task.LeaseUntil, millis(c.now.Add(q.teams.Lease(c.task.Team))))
		return nil
	})
	return t, wrap(err, "prepare an answer to task %s", id)
}

func newReply(task string, by Actor, a Answer) *Reply {
	m := *a.Message
	m.Direction, m.Agent = message.Out, by.Agent
	key := a.Key
	if key == "" {
		key = newToken()
	}
	m.ID = ReplyID(task, key)
	asked := []any{m.Text, m.HTML, m.Subject, m.Attachments, a.Close, a.Outcome}
	if a.Whom != "" {
		asked = append(asked, a.Whom)
	}
	r := &Reply{
		ID: m.ID, Task: task, Message: &m, State: ReplyQueued, Connector: m.Connector, Digest: digest(asked), ToOthers: m.ToOthers,
	}
	if len(m.Cc) > 0 {
		r.To, r.Cc = words(m.To), words(m.Cc)
	}
	return r
}

// digest tells a repeat from something else under the same key.
func digest(asked []any) string {
	body, err := json.Marshal(asked)
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:8])
}

func words(ids []message.Identifier) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.String()
	}
	return out
}

// ReplyID is the id of the answer that a key gives in a task.
func ReplyID(task, key string) string {
	return message.NewID([]byte("reply"), []byte(task), []byte(key))
}

// repeated gives the answer that came under the same key before, nil when there is none.
func (q *Queue) repeated(ctx context.Context, r *Reply) (*Reply, error) {
	have, err := q.ReplyByID(ctx, r.ID)
	switch {
	case errors.Is(err, ErrNone):
		return nil, nil
	case err != nil:
		return nil, err
	case have.Digest != r.Digest:
		return nil, ErrConflict
	}
	return have, nil
}

func (q *Queue) answered(ctx context.Context, id string, r *Reply, err error) (*Task, *Reply, error) {
	if err != nil {
		return nil, nil, wrap(err, "reply to task %s", id)
	}
	t, _ := q.Task(ctx, id) // that the answer is on its way is true without it
	return t, r, nil
}

// answer ends the wait, and puts the answer on its way. One that goes to others than the customer ends nothing: the task
// stays with whoever wrote it.
func (c *change) answer(r *Reply, a Answer) {
	t := &c.task
	c.put(r)
	if r.ToOthers {
		c.event(ToOthers).Message = r.ID
	} else {
		r.give(c, c.answered())
	}
	t.bind(r.Message.Thread)
	switch {
	case a.Close:
		c.close(a.Outcome)
	case !r.ToOthers || t.Since == 0: // else the customer still waits for whoever holds the task
		c.rest()
	}
	c.outgoing(r)
}

// put is what of a reply is set when it is taken.
func (c *change) put(r *Reply) {
	now := millis(c.now)
	r.Created, r.Since, r.Next = now, now, now
	r.Message.Received, r.Message.Sent, r.Message.Agent = c.now, c.now, c.agent
	c.task.Sending = append(c.task.Sending, r.ID)
}

// outgoing stores a new reply, for the outbox to send.
func (c *change) outgoing(r *Reply) {
	c.tx.IfField(repliesKey, r.ID, "")
	c.tx.SetField(repliesKey, r.ID, r.encode())
	c.tx.ZAdd(sendKey, r.Next, r.ID)
}

// bind notes that a thread belongs to the task, before what the customer writes in.
func (t *Task) bind(thread string) {
	if thread != "" && !slices.Contains(t.Threads, thread) {
		t.Threads = slices.Insert(t.Threads, 0, thread)
	}
}

func (r *Reply) encode() string {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // strings, numbers and times always encode
	}
	return string(b)
}

func decodeReply(card string) (*Reply, error) {
	if card == "" {
		return nil, ErrNone
	}
	var r Reply
	if err := json.Unmarshal([]byte(card), &r); err != nil {
		return nil, fmt.Errorf("read reply: %w", err)
	}
	return &r, nil
}

// ReplyByID gives one answer, or ErrNone.
func (q *Queue) ReplyByID(ctx context.Context, id string) (*Reply, error) {
	_, cards, err := q.store.Load(ctx, store.Field{Key: repliesKey, Name: id})
	if err != nil {
		return nil, err
	}
	return decodeReply(cards[0])
}

// ReplyStates gives how far answers came, by id; what is not known is absent.
func (q *Queue) ReplyStates(ctx context.Context, ids ...string) (map[string]*Reply, error) {
	out := map[string]*Reply{}
	if len(ids) == 0 {
		return out, nil
	}
	cards, err := q.store.Redis().HMGet(ctx, repliesKey, ids...).Result()
	if err != nil {
		return nil, fmt.Errorf("read replies: %w", store.Cause(err))
	}
	for i, c := range cards {
		card, _ := c.(string)
		if card == "" {
			continue
		}
		r, err := decodeReply(card)
		if err != nil {
			return nil, err
		}
		out[ids[i]] = r
	}
	return out, nil
}
