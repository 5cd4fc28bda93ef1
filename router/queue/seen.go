package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
)

// A LaterMessage is something that a person wrote into a task after the message that began it. N numbers them in the order in
// which they came into the task, whatever their times and threads; the message that began it is the first.
type LaterMessage struct {
	N     int    `json:"n"`
	ID    string `json:"id"` // of the message
	At    int64  `json:"at"` // when it came in, ms
	Agent string `json:"agent,omitempty"`
}

// maxLater bounds the later messages that a card names; a task goes on beyond them.
const maxLater = 32

// Newest is the number of what a person said last in the task. It grows with each message that is put, never between two,
// so whoever was shown the card as it stands has been shown everything up to it. What machines write does not count.
func (t *Task) Newest() int {
	if len(t.Later) == 0 {
		return 1 // what began it
	}
	return t.Later[len(t.Later)-1].N
}

// said notes one more.
func (t *Task) said(s LaterMessage) {
	s.N = t.Newest() + 1
	t.Later = append(slices.Clone(t.Later[max(0, len(t.Later)-maxLater+1):]), s)
}

// saidAfter is when the first of what was said after an instant came in, 0 when nothing was.
func (t *Task) saidAfter(at int64) int64 {
	var first int64
	for _, s := range t.Later {
		if s.At > at && (first == 0 || s.At < first) {
			first = s.At
		}
	}
	return first
}

// ErrUnseen says that a person wrote into the task after the agent last looked.
var ErrUnseen = errors.New("something came since the agent looked")

// Unseen is the refusal to answer, close or park a task over what its agent was not shown. It is ErrUnseen; nothing was
// changed.
type Unseen struct {
	Refusal
	Task *Task          // as it stands
	Said []LaterMessage // the newest of what was not shown, oldest first
	N    int            // how many there are
}

// Unwrap gives the refusal in words.
func (u *Unseen) Unwrap() error { return &u.Refusal }

// unseen is what was said after number n, nil when nothing was. What the agent took down themselves they know.
func (t *Task) unseen(n int, agent string) *Unseen {
	u := &Unseen{Task: t, N: t.Newest() - n}
	for _, s := range t.Later {
		switch {
		case s.N <= n:
		case s.Agent != "" && s.Agent == agent:
			u.N--
		default:
			u.Said = append(u.Said, s)
		}
	}
	if u.N <= 0 {
		return nil
	}
	u.Refusal = Refusal{err: ErrUnseen, Text: fmt.Sprintf("%s: %s came since you looked", FormatNumber(t.Number), messages(u.N))}
	return u
}

func messages(n int) string {
	if n == 1 {
		return "1 message"
	}
	return fmt.Sprintf("%d messages", n)
}

// saw refuses a step over what the agent was not shown. The card that it looks at is the very one that the step replaces:
// a message that is put meanwhile makes the step start again. A message that stands in its thread and is not put yet is
// not in the task; when it is, it brings the task back.
func (q *Queue) saw(ctx context.Context, c *change, by Actor) error {
	n := by.Seen
	if n == 0 && c.task.Newest() > 1 {
		var err error
		if n, err = q.looked(ctx, c.task.ID, c.agent); err != nil {
			return err
		}
	}
	u := c.task.unseen(max(n, 1), c.agent)
	switch {
	case u == nil:
		return nil
	case by.Anyway:
		c.over = u.N
		return nil
	}
	return u
}

// dealtWith remembers, when a step was made, that its agent said what was seen or that it does not matter: the next step is
// not refused over the same messages. What cannot be remembered has to be looked at again.
func (q *Queue) dealtWith(ctx context.Context, t *Task, by Actor) {
	if by.Seen > 0 || by.Anyway {
		_ = q.Looked(ctx, t.ID, by.Agent, t.Newest())
	}
}

// lookKept is how long it is remembered what somebody was shown of a task.
const lookKept = 90 * 24 * time.Hour

// Looked remembers that an agent was shown the task with all that was said up to number n. Doing it again, or later with
// less, changes nothing, and what began a task needs no remembering: looking writes nothing as long as nothing is new.
func (q *Queue) Looked(ctx context.Context, id, agent string, n int) error {
	if n <= 1 {
		return nil
	}
	have, err := q.looked(ctx, id, agent)
	if err != nil || have >= n {
		return wrap(err, "remember who looked at task %s", id)
	}
	_, err = q.store.Redis().TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.ZAddGT(ctx, looksKey(id), redis.Z{Score: float64(n), Member: agent})
		p.PExpire(ctx, looksKey(id), lookKept)
		return nil
	})
	return wrap(store.Cause(err), "remember who looked at task %s", id)
}

// looked is how far the agent was shown the task. Who never looked knows what began it: lists tell that.
func (q *Queue) looked(ctx context.Context, id, agent string) (int, error) {
	n, err := q.store.Redis().ZScore(ctx, looksKey(id), agent).Result()
	switch {
	case errors.Is(err, redis.Nil):
		return 1, nil
	case err != nil:
		return 0, fmt.Errorf("look who was shown what: %w", store.Cause(err))
	}
	return int(n), nil
}

// ShownUpTo is how far anybody of us was shown a task, as a number of what was said in it: 0 as long as nobody took it up.
func (q *Queue) ShownUpTo(ctx context.Context, t *Task) (int, error) {
	most, err := q.store.Redis().ZRevRangeWithScores(ctx, looksKey(t.ID), 0, 0).Result()
	if err != nil {
		return 0, fmt.Errorf("look how far task %s was shown: %w", t.ID, store.Cause(err))
	}
	switch {
	case len(most) > 0:
		return min(int(most[0].Score), t.Newest()), nil
	case t.State == Claimed || t.Replies > 0 || slices.ContainsFunc(t.History, func(s Step) bool { return s.Type == Picked }):
		return 1, nil
	}
	return 0, nil
}

// Shown tells whether a message that came in at an instant, ms, is among what was shown up to number n. Of what stands in a thread and is not in
// the task yet it is not.
func (t *Task) Shown(id string, at int64, n int) bool {
	if i := slices.IndexFunc(t.Later, func(s LaterMessage) bool { return s.ID == id }); i >= 0 {
		return t.Later[i].N <= n
	}
	if len(t.Later) == 0 {
		return n > 0 && at <= t.Created
	}
	return n >= t.Later[0].N-1 && n > 0 && at <= t.Later[0].At
}

var _ error = (*Unseen)(nil)
