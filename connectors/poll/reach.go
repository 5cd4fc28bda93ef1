package poll

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"loket/connectors"
)

// A Reach is how far back lists are looked at for what webhooks did not bring, and what of them is in. Add may be called concurrently
// with all else.
type Reach struct {
	Cursor connectors.Cursor
	Key    string // of the position in the cursor
	// Settle is how long a webhook has, with its repetitions, before a list is taken for it.
	Settle time.Duration
	// Overlap is how far each look goes back behind the last: lists are not complete at once.
	Overlap time.Duration
	// Farthest is how far a look goes back at most after an outage. The first one ever goes back by the overlap alone: what
	// came before was somebody else's.
	Farthest time.Duration
	// Single tells whether an error is about one thing alone, which must not hold up the others.
	Single func(error) bool
	Now    func() time.Time

	mu   sync.Mutex
	done map[string]time.Time // what need not be taken, by id
}

// A Listed is one thing of a list.
type Listed struct {
	ID           string
	Began, Ended time.Time // the same for what takes no time
	// Take takes responsibility for it; done tells that it need not be looked at again.
	Take func(ctx context.Context) (done bool, err error)
}

// Add notes that a thing need not be taken.
func (r *Reach) Add(id string, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.done == nil {
		r.done = map[string]time.Time{}
	}
	r.done[id] = at
}

// since is from when on a look that begins now has to see all.
func (r *Reach) since(ctx context.Context, now time.Time) (time.Time, error) {
	saved, err := r.Cursor.Load(ctx, r.Key)
	if err != nil {
		return time.Time{}, fmt.Errorf("load position: %w", err)
	}
	at, err := time.Parse(time.RFC3339, saved)
	if err != nil || at.After(now) {
		at = now
	}
	if at.Before(now.Add(-r.Farthest)) {
		at = now.Add(-r.Farthest)
	}
	return at.Add(-r.Overlap).UTC(), nil
}

// take takes in what lies between since and when a look began, the earliest first; found has the newest first. An error about one thing alone
// is given when the others are in.
func (r *Reach) take(ctx context.Context, found []Listed, since, began time.Time) error {
	var errs []error
	for _, one := range slices.Backward(found) {
		if r.has(one.ID) || one.Began.Before(since) || one.Ended.After(began.Add(-r.Settle)) {
			continue
		}
		done, err := one.Take(ctx)
		switch {
		case err != nil && !r.Single(err):
			return err
		case err != nil:
			errs = append(errs, err)
		case done:
			r.Add(one.ID, one.Began)
		}
	}
	return errors.Join(errs...)
}

// move notes that all is in that there was when a look began.
func (r *Reach) move(ctx context.Context, since, began time.Time) error {
	r.forget(since.Add(-r.Overlap))
	if err := r.Cursor.Save(ctx, r.Key, began.Format(time.RFC3339)); err != nil {
		return fmt.Errorf("save position: %w", err)
	}
	return nil
}

func (r *Reach) has(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.done[id]
	return ok
}

// forget drops what is older than a look goes back.
func (r *Reach) forget(before time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.done, func(_ string, at time.Time) bool { return at.Before(before) })
}
