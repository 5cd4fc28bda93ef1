package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"loket/internal/message"
	"loket/internal/store"
)

// What machines write brings nothing back: a task that is closed or waits stays so. It is unattended then, until somebody
// works on the task or says what it was.

// notAttended notes an automatic message in a task that rests.
func (c *change) notAttended() {
	if t := &c.task; t.State == Closed || t.State == Waiting {
		t.Unattended++
		t.UnattendedAt = millis(c.now)
	}
}

// attended is for steps of people, who have looked, and for what brings the task before them.
func (t *Task) attended() { t.Unattended, t.UnattendedAt = 0, 0 }

// byPerson names what is delivered once more, as a person's.
func byPerson(messageID string) string { return "person:" + messageID }

// ByPerson makes it a person's message that m was taken for a machine's: the customer has waited since it came, and the task
// comes back, however long it was closed. Doing it again changes nothing.
func (q *Queue) ByPerson(ctx context.Context, id, agent string, m *message.Message) (*Task, error) {
	key := byPerson(m.ID)
	if err := q.notDelivered(ctx, key); errors.Is(err, errKnown) {
		return q.Task(ctx, id)
	} else if err != nil {
		return nil, fmt.Errorf("make message %s a person's: %w", m.ID, err)
	}
	t, err := q.changeCurrent(ctx, id, key, func(c *change) error {
		c.again = func(ctx context.Context) error { return q.notDelivered(ctx, key) }
		c.tx.IfNoMember(deliveredKey, key)
		c.tx.ZAdd(deliveredKey, millis(c.now), key)
		c.agent = agent
		t, received := &c.task, millis(m.Received)
		e := c.event(Arrived)
		e.Message, e.Received, e.Reason = m.ID, received, "a person wrote it"
		t.said(LaterMessage{ID: m.ID, At: received, Agent: agent})
		t.thread(m.Thread)
		if t.State == Waiting || t.State == Closed {
			c.enqueue()
		}
		if t.ClosedAt > 0 {
			e.Type, t.Lease = Reopened, ""
			c.open(e, received)
		}
		t.asked(received)
		c.asks(received)
		e.began(t)
		return nil
	})
	if errors.Is(err, errKnown) {
		return t, nil
	}
	return t, wrap(err, "make message %s a person's", m.ID)
}

// ByMachines says that what is unattended in a task is rightly so: it is no longer shown as such. Doing it again changes
// nothing.
func (q *Queue) ByMachines(ctx context.Context, id, agent string) (*Task, error) {
	t, err := q.change(ctx, id, newToken(), func(c *change) error {
		if c.task.Unattended == 0 {
			return errUnchanged
		}
		c.agent = agent
		c.task.attended()
		return nil
	})
	if errors.Is(err, errUnchanged) {
		return t, nil
	}
	return t, wrap(err, "attend to task %s", id)
}

// Unattended gives the tasks of a team that are closed or wait and in which a machine wrote since, the longest ago first.
// Pages are as those of List.
func (q *Queue) Unattended(ctx context.Context, team string, limit int, cursor string) (Page, error) {
	return q.list(ctx, team, q.members(unattendedKey(team)), limit, cursor, func(t *Task) bool { return t.Unattended > 0 })
}

// countUnattended counts those of which a person's message would have brought the task back.
func (q *Queue) countUnattended(ctx context.Context, team string, now time.Time) (int64, error) {
	since := now.Add(-q.teams.Reopen(team))
	n, err := q.store.Redis().ZCount(ctx, unattendedKey(team), strconv.FormatInt(millis(since), 10), "+inf").Result()
	if err != nil {
		return 0, fmt.Errorf("count unattended tasks of %s: %w", team, store.Cause(err))
	}
	return n, nil
}
