package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.uber.org/zap"

	"loket/internal/field"
	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// looked remembers how far a person was shown a task that was asked for. What answers another step is not looked at: who
// closes, or a program that renews a lease, does not read.
//
// The card is read before the messages, so that what the card counts is among what is shown. A message that comes between
// the two is shown and not counted: at worst it is shown once more.
func (d *Desk) looked(ctx context.Context, t *queue.Task, viewer string) {
	if viewer == "" || t.Archived != nil {
		return
	}
	if err := d.queue.Looked(ctx, t.ID, viewer, t.Newest()); err != nil {
		// Not remembered, it has to be looked at again before it is closed: nothing is lost by that.
		d.log.Debug("look not remembered", zap.String("task", t.ID), zap.Error(err))
	}
}

// seenOf is the newest message of a task as it stands, for callers to give back: the task and a number that grows with
// each message.
func seenOf(t *queue.Task) string {
	return queue.FormatNumber(t.Number) + "." + strconv.Itoa(t.Newest())
}

// readSeen gives the number in what a caller gave back; 0 for nothing.
func readSeen(t *queue.Task, seen string) (int, error) {
	if seen == "" {
		return 0, nil
	}
	of, last, _ := strings.Cut(seen, ".")
	number, err := queue.ParseNumber(of)
	n, bad := strconv.Atoi(last)
	if err != nil || bad != nil || number != t.Number || n < 1 || n > t.Newest() {
		return 0, field.Errorf("seen", "must be what this task gave as seen")
	}
	return n, nil
}

// Unseen says what the customer said after the agent last looked, so that the step was not taken. It is an error: nothing
// was changed. That it is told does not make it seen: a program that tries again until it may must not close what nobody
// read.
type Unseen struct {
	Cause    error     // in words
	Messages []Message // the newest of them, oldest first; long texts are cut
	Count    int
	Seen     string // what makes them seen
	Zone     string // in which people read the task's times
}

func (u *Unseen) Error() string { return u.Cause.Error() }

// Unwrap is what tells it from other refusals.
func (u *Unseen) Unwrap() error { return u.Cause }

// maxUnseenText is how much of each unseen message is told with the refusal, in bytes.
const maxUnseenText = 16 << 10

// unseen adds to a refusal over something unseen what it is, and leaves other errors as they are.
func (d *Desk) unseen(ctx context.Context, err error) error {
	refused := (*queue.Unseen)(nil)
	if !errors.As(err, &refused) {
		return err
	}
	u := &Unseen{Cause: err, Count: refused.N, Seen: seenOf(refused.Task), Zone: d.zone(refused.Task.Team).String()}
	for _, s := range refused.Said {
		e, readErr := d.messageOf(ctx, refused.Task, s.ID)
		if errors.Is(readErr, thread.ErrNone) { // forgotten since
			continue
		}
		if readErr != nil {
			return fmt.Errorf("%w; it could not be read: %w", readErr, err)
		}
		m := *e.Message
		m.Whole, m.HTML, m.Text = "", "", message.Head(m.Text, maxUnseenText)
		u.Messages = append(u.Messages, Message{Message: &m, Task: refused.Task.ID})
	}
	return u
}

// messageOf is a message of the task, in whichever of its threads it stands.
func (d *Desk) messageOf(ctx context.Context, t *queue.Task, id string) (thread.Entry, error) {
	for _, th := range slices.Backward(t.Threads) {
		e, err := d.threads.Message(ctx, th, id)
		if !errors.Is(err, thread.ErrNone) {
			return e, err
		}
	}
	return thread.Entry{}, thread.ErrNone
}

var _ error = (*Unseen)(nil)
