package poll

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"loket/connectors"
)

// A Feed takes in what is new at a place that lists things by id. Nothing is lost and nothing is taken in twice in a row:
// the position goes on over what was taken and no further, and what a listing shows again because it reaches back behind
// the position is known.
type Feed[T any] struct {
	Cursor connectors.Cursor
	Key    string // of the position in the cursor
	// List gives what there is after the position, in any order. It may begin before it, where a vendor shows things late;
	// position is "" before anything was taken.
	List func(ctx context.Context, position string) ([]T, error)
	// Page is instead of List where the newest comes first, page by page: it gives one page, and which is next while the position may not
	// be reached, else "". The first is called "". A pass reads Pages of them at most, and the next one goes on behind them.
	Page  func(ctx context.Context, position, page string) (items []T, next string, err error)
	Pages int
	ID    func(T) string
	// Compare tells which of two ids is the later one.
	Compare func(a, b string) int
	// Take takes responsibility for one. After an error that one is listed again; only a permanent one lets those that came later be taken.
	Take func(ctx context.Context, item T) error
	// Start stands for the position after a pass that found none; nil leaves none.
	Start func() string
	// Forget is the id before which nothing is listed any more once the position is there. nil remembers nothing, for
	// listings that begin behind the position.
	Forget func(position string) string

	taken map[string]bool // and may be listed once more
}

// Pass takes in all that is new, the earliest first, and then keeps the position. It must not be called concurrently.
func (f *Feed[T]) Pass(ctx context.Context) error {
	saved, err := f.Cursor.Load(ctx, f.Key)
	if err != nil {
		return fmt.Errorf("load position: %w", err)
	}
	if f.Page != nil {
		return f.backward(ctx, saved)
	}
	start := ""
	if saved == "" && f.Start != nil {
		start = f.Start() // that of before the listing
	}
	items, err := f.List(ctx, saved)
	if err != nil {
		return err
	}
	slices.SortFunc(items, func(a, b T) int { return f.Compare(f.ID(a), f.ID(b)) })
	position, err := f.takeAll(ctx, saved, items)
	if position == "" {
		position = start
	}
	f.forget(position)
	if position == saved {
		return err
	}
	if errSave := f.Cursor.Save(ctx, f.Key, position); errSave != nil {
		return errors.Join(err, fmt.Errorf("save position: %w", errSave))
	}
	return err
}

// takeAll gives the position behind the last that was taken, and before the first that was not.
func (f *Feed[T]) takeAll(ctx context.Context, position string, items []T) (string, error) {
	var failed error
	for _, item := range items {
		id := f.ID(item)
		if f.taken[id] {
			continue
		}
		if err := f.Take(ctx, item); err != nil {
			failed = cmp.Or(failed, err)
			if !connectors.IsPermanent(err) {
				return position, failed
			}
			continue
		}
		if f.Forget != nil {
			if f.taken == nil {
				f.taken = map[string]bool{}
			}
			f.taken[id] = true
		}
		if failed == nil && (position == "" || f.Compare(position, id) < 0) {
			position = id
		}
	}
	return position, failed
}

func (f *Feed[T]) forget(position string) {
	if len(f.taken) == 0 {
		return
	}
	bound := f.Forget(position)
	for id := range f.taken {
		if f.Compare(id, bound) <= 0 {
			delete(f.taken, id)
		}
	}
}
