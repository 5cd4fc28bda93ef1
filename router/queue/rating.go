package queue

import (
	"context"
	"errors"
	"time"
)

// A Rating is what a customer says of how a matter went that was closed.
type Rating string

// What they may say.
const (
	Good Rating = "good"
	Bad  Rating = "bad"
)

// ErrNotRatable is that of a task that its customer may not rate: it is open, was closed too long ago, or they said something else of this
// closing before.
var ErrNotRatable = errors.New("this task can't be rated now")

// rateFor is how long after the closing a customer may rate.
const rateFor = 30 * 24 * time.Hour

// Ratable tells whether the customer of the task may rate it at an instant. Machines are asked nothing, and nobody where nothing was
// answered.
func (t *Task) Ratable(now time.Time) bool {
	return t.State == Closed && t.Rating == "" && t.Wait > 0 && t.Replies > 0 && !Aside(t.Outcome) && now.Before(instant(t.ClosedAt).Add(rateFor))
}

// Rate notes what the customer says of the closing. It counts for whoever answered last. Each closing is rated once: the same said again
// changes nothing, and anything else is ErrNotRatable. Of a task that goes on in another it is that one which is rated.
func (q *Queue) Rate(ctx context.Context, id string, rating Rating) (*Task, error) {
	t, err := q.changeCurrent(ctx, id, newToken(), func(c *change) error {
		t := &c.task
		switch {
		case t.State == Closed && t.Rating == rating:
			return errUnchanged
		case !t.Ratable(c.now):
			return ErrNotRatable
		}
		t.Rating, t.RatedAt = rating, millis(c.now)
		e := c.event(Rated)
		e.Rating, e.Agent = rating, t.Answerer
		return nil
	})
	if errors.Is(err, errUnchanged) {
		return t, nil
	}
	return t, wrap(err, "rate task %s", id)
}
