package poll

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"loket/connectors"
)

// A Watch looks again at what may change after it was taken in, where a vendor tells of no change: soon after it came, then less
// and less often, and not any more when it is old. What is watched stands in the cursor. Its methods may be called concurrently,
// Look not concurrently with itself.
type Watch struct {
	Cursor connectors.Cursor
	Key    string // of what is watched, in the cursor
	// Least and Most are between which the time to the next look lies: it is a quarter of the age.
	Least, Most time.Duration
	Until       time.Duration // the age after which a thing is not looked at any more
	Size        int           // how many are watched at the same time; the oldest go first
	Now         func() time.Time

	mu sync.Mutex
}

// A Watched is one thing that is watched.
type Watched struct {
	ID    string    `json:"id"`
	State string    `json:"state"` // how it was seen last, in the words of who watches it
	Since time.Time `json:"since"`
	Next  time.Time `json:"next"`
}

// Add watches a thing from now on. One that is watched already stays as it was seen last.
func (w *Watch) Add(ctx context.Context, id, state string) error {
	return w.change(ctx, func(all []Watched) []Watched {
		if slices.ContainsFunc(all, func(one Watched) bool { return one.ID == id }) {
			return all
		}
		now := w.Now().UTC()
		all = append(all, Watched{ID: id, State: state, Since: now, Next: now.Add(w.Least)})
		return all[max(0, len(all)-w.Size):]
	})
}

// Look calls look with what is due, most at the most, those first that wait longest. What look gives is the state from then on;
// "" ends the watching. An error ends the pass, and what it was about stays due; a permanent one is about that thing alone, which is looked at
// again in its turn.
func (w *Watch) Look(ctx context.Context, most int, look func(context.Context, Watched) (state string, err error)) error {
	return w.LookTogether(ctx, most, func(ctx context.Context, due []Watched) (map[string]string, error) {
		seen := map[string]string{}
		var failed error
		for _, one := range due {
			state, err := look(ctx, one)
			if connectors.IsPermanent(err) {
				failed, state = cmp.Or(failed, err), one.State
			} else if err != nil {
				return seen, err
			}
			seen[one.ID] = state
		}
		return seen, failed
	})
}

// LookTogether is Look where one call of the vendor tells of several: look gives states by id, also beside an error. What it gives none of
// stays due.
func (w *Watch) LookTogether(ctx context.Context, most int, look func(context.Context, []Watched) (states map[string]string, err error)) error {
	due, err := w.due(ctx, most)
	if err != nil || len(due) == 0 {
		return err
	}
	seen, err := look(ctx, due)
	if len(seen) == 0 {
		return err
	}
	return errors.Join(err, w.change(ctx, func(all []Watched) []Watched { return w.after(all, seen) }))
}

func (w *Watch) due(ctx context.Context, most int) ([]Watched, error) {
	all, err := w.load(ctx)
	now := w.Now()
	all = slices.DeleteFunc(all, func(one Watched) bool { return one.Next.After(now) })
	slices.SortStableFunc(all, func(a, b Watched) int { return cmp.Or(a.Next.Compare(b.Next), cmp.Compare(a.ID, b.ID)) })
	return all[:min(most, len(all))], err
}

// after is what is watched when these were seen.
func (w *Watch) after(all []Watched, seen map[string]string) []Watched {
	now := w.Now().UTC()
	for i, one := range all {
		if state, looked := seen[one.ID]; looked {
			age := now.Sub(one.Since)
			all[i].State, all[i].Next = state, now.Add(min(max(age/4, w.Least), w.Most))
		}
	}
	return slices.DeleteFunc(all, func(one Watched) bool { return one.State == "" || now.Sub(one.Since) > w.Until })
}

func (w *Watch) load(ctx context.Context) (all []Watched, err error) {
	_, err = connectors.Recall(ctx, w.Cursor, w.Key, &all)
	if errors.Is(err, connectors.ErrUnreadable) {
		return nil, nil // of a version to come; what is taken in from now on is watched
	}
	if err != nil {
		return nil, fmt.Errorf("load what is watched: %w", err)
	}
	return all, nil
}

func (w *Watch) change(ctx context.Context, change func([]Watched) []Watched) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	all, err := w.load(ctx)
	if err != nil {
		return err
	}
	before := slices.Clone(all)
	all = change(all)
	if slices.Equal(before, all) {
		return nil
	}
	if err := connectors.Keep(ctx, w.Cursor, w.Key, all); err != nil {
		return fmt.Errorf("keep what is watched: %w", err)
	}
	return nil
}
