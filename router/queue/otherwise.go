package queue

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// An Otherwise is an answer that the customer had by another way than loket: somebody rang back, spoke to them at the
// counter, wrote a letter.
type Otherwise struct {
	Key     string // makes a repeat of the same answer one answer; "" makes each its own
	Way     string // phone, visit, letter…
	Text    string // what was said, for colleagues: it stands as a note in the task
	Close   bool
	Outcome string
}

// byClosing is the reason of an answer that closing the task stands for.
const byClosing = "closed"

// AnsweredOtherwise notes that the agent answered the customer by another way, which ends the wait as a reply does: the
// task then waits for the customer, or is closed. The same key with the same words changes nothing, whatever came since;
// with other words it is ErrConflict. Over what the agent was not shown it is Unseen.
func (q *Queue) AnsweredOtherwise(ctx context.Context, id string, by Actor, o Otherwise) (*Task, error) {
	n := Note{Text: o.Text, Way: o.Way, Key: o.key(id)}
	t, err := q.change(ctx, id, newToken(), func(c *change) error {
		if err := q.notNoted(ctx, id, n.Key); err != nil {
			return err
		}
		if err := q.hold(c, by); err != nil {
			return err
		}
		if err := q.saw(ctx, c, by); err != nil {
			return err
		}
		c.answered().Reason = withoutAddresses(o.Way)
		n.Agent = c.agent
		c.note(n)
		if o.Close {
			c.close(o.Outcome)
		} else {
			c.rest()
		}
		return nil
	})
	if errors.Is(err, errUnchanged) {
		return t, nil
	}
	if err == nil {
		q.dealtWith(ctx, t, by)
	}
	return t, wrap(err, "note answer to task %s", id)
}

// key is what a repeat is known by: the id that the caller's key makes, a space, and a digest of what was noted.
func (o *Otherwise) key(task string) string {
	if o.Key == "" {
		return ""
	}
	body, err := json.Marshal([]any{o.Way, o.Text, o.Close, o.Outcome})
	if err != nil {
		panic(err) // strings and a bool always encode
	}
	sum := sha256.Sum256(body)
	return ReplyID(task, o.Key) + " " + hex.EncodeToString(sum[:8])
}

// notNoted is errUnchanged when an answer with this key is among the notes, and ErrConflict when other words are. Notes come
// with a change of the card, so what is not seen here keeps the change from being stored.
func (q *Queue) notNoted(ctx context.Context, id, key string) error {
	if key == "" {
		return nil
	}
	notes, err := q.Notes(ctx, id)
	if err != nil {
		return err
	}
	of, _, _ := strings.Cut(key, " ")
	at := slices.IndexFunc(notes, func(n Note) bool { return strings.HasPrefix(n.Key, of+" ") })
	switch {
	case at < 0:
		return nil
	case notes[at].Key == key:
		return errUnchanged
	}
	return ErrConflict
}

// answered ends the wait, and the claim, with an answer of a person, and gives its event.
func (c *change) answered() *Event {
	t := &c.task
	c.missed(millis(c.now))
	e := c.event(Replied)
	e.ClaimedAt, e.Unseen = t.ClaimedAt, c.over
	c.endWait(e)
	t.ClaimedAt = 0 // the answer ends the claim, whatever else is done in this step
	t.Replies++
	t.Since, t.Failure = 0, ""
	return e
}

// answersByClosing tells whether closing the task with that outcome says that the customer who waits was answered: who
// rang, came by or wrote a letter is answered by the same way, of which there is nothing but the outcome.
func (c *change) answersByClosing(outcome string) bool {
	if c.task.Since == 0 || strings.TrimSpace(outcome) == "" || c.aside(outcome) {
		return false
	}
	switch c.task.Channel {
	case "phone", "call", "counter", "visit", "letter":
		return true
	}
	return false
}
