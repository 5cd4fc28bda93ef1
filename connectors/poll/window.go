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

// A Window takes in what lists by time hold and webhooks did not bring. Each pass looks at what came since the last one, with
// an overlap behind it, and the position goes on only when all of that is in. Add may be called concurrently with Pass.
type Window struct {
	Cursor connectors.Cursor
	Key    string // of the position in the cursor
	Lists  []List
	// Settle is how long a webhook has, with its repetitions, before a list is taken for it.
	Settle time.Duration
	// Overlap is how far each pass goes back behind the last: lists are not complete at once.
	Overlap time.Duration
	// Farthest is how far a pass goes back at most after an outage. The first pass ever goes back by the overlap alone: what
	// came before was somebody else's.
	Farthest time.Duration
	// Single tells whether an error is about one thing alone, which must not hold up the others.
	Single func(error) bool
	Now    func() time.Time

	mu   sync.Mutex
	done map[string]time.Time // what need not be taken, by id
}

// A List gives what there is since an instant, the newest first. It may give what is older.
type List func(ctx context.Context, since time.Time) ([]Listed, error)

// A Listed is one thing of a list.
type Listed struct {
	ID           string
	Began, Ended time.Time // the same for what takes no time
	// Take takes responsibility for it; done tells that it need not be looked at again.
	Take func(ctx context.Context) (done bool, err error)
}

// Add notes that a thing need not be taken.
func (w *Window) Add(id string, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done == nil {
		w.done = map[string]time.Time{}
	}
	w.done[id] = at
}

// Pass takes in what each list has, the earliest first. It must not be called concurrently.
func (w *Window) Pass(ctx context.Context) error {
	began := w.Now().UTC()
	since, err := w.since(ctx, began)
	if err != nil {
		return err
	}
	var errs []error
	for _, list := range w.Lists {
		errs = append(errs, w.take(ctx, list, since, began.Add(-w.Settle)))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	w.forget(since.Add(-w.Overlap))
	if err := w.Cursor.Save(ctx, w.Key, began.Format(time.RFC3339)); err != nil {
		return fmt.Errorf("save position: %w", err)
	}
	return nil
}

func (w *Window) since(ctx context.Context, now time.Time) (time.Time, error) {
	saved, err := w.Cursor.Load(ctx, w.Key)
	if err != nil {
		return time.Time{}, fmt.Errorf("load position: %w", err)
	}
	at, err := time.Parse(time.RFC3339, saved)
	if err != nil || at.After(now) {
		at = now
	}
	if at.Before(now.Add(-w.Farthest)) {
		at = now.Add(-w.Farthest)
	}
	return at.Add(-w.Overlap).UTC(), nil
}

func (w *Window) take(ctx context.Context, list List, since, until time.Time) error {
	found, err := list(ctx, since)
	if err != nil {
		return err
	}
	var errs []error
	for _, one := range slices.Backward(found) {
		if w.has(one.ID) || one.Began.Before(since) || one.Ended.After(until) {
			continue
		}
		done, err := one.Take(ctx)
		switch {
		case err != nil && !w.Single(err):
			return err
		case err != nil:
			errs = append(errs, err)
		case done:
			w.Add(one.ID, one.Began)
		}
	}
	return errors.Join(errs...)
}

func (w *Window) has(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, ok := w.done[id]
	return ok
}

// forget drops what is older than a pass goes back.
func (w *Window) forget(before time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	maps.DeleteFunc(w.done, func(_ string, at time.Time) bool { return at.Before(before) })
}
