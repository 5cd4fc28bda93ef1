package poll

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"loket/connectors"
)

// A mark is where a listing that was not read to its end goes on, and up to where it is read then.
type mark struct {
	Page   string `json:"page"`
	Newest string `json:"newest"` // of what the listing gave so far
}

func (f *Feed[T]) markKey() string { return f.Key + ":mark" }

// backward is Pass where the newest comes first. What was read of a listing that has more pages than one pass reads, or that fails in between,
// is taken in; the position waits until all of it is, and the next pass goes on where this one ended.
func (f *Feed[T]) backward(ctx context.Context, saved string) error {
	var from mark
	if _, err := connectors.Recall(ctx, f.Cursor, f.markKey(), &from); err != nil && !errors.Is(err, connectors.ErrUnreadable) {
		return fmt.Errorf("load mark: %w", err)
	}
	items, next, read, errRead := f.readPages(ctx, saved, from.Page)
	if read == 0 && from.Page != "" && connectors.IsPermanent(errRead) {
		return errors.Join(errRead, f.keepMark(ctx, from, mark{})) // vendors forget where a page began: from the newest again
	}
	slices.SortFunc(items, func(a, b T) int { return f.Compare(f.ID(a), f.ID(b)) })
	if _, err := f.takeAll(ctx, saved, items); err != nil {
		return errors.Join(err, errRead)
	}
	to := mark{next, from.Newest}
	for _, item := range items {
		if id := f.ID(item); to.Newest == "" || f.Compare(to.Newest, id) < 0 {
			to.Newest = id
		}
	}
	if next != "" {
		return errors.Join(errRead, f.keepMark(ctx, from, to))
	}
	if errRead != nil {
		return errRead
	}
	position := saved
	if to.Newest != "" && (saved == "" || f.Compare(saved, to.Newest) < 0) {
		position = to.Newest
	}
	f.forget(position)
	if position != saved {
		if err := f.Cursor.Save(ctx, f.Key, position); err != nil {
			return fmt.Errorf("save position: %w", err)
		}
	}
	return f.keepMark(ctx, from, mark{}) // after the position: who dies in between reads some again
}

// readPages reads at most Pages pages, and gives the page at which to go on, "" when there is none.
func (f *Feed[T]) readPages(ctx context.Context, saved, page string) (all []T, next string, read int, err error) {
	for read < f.Pages {
		items, after, err := f.Page(ctx, saved, page)
		if err != nil {
			return all, page, read, err
		}
		all, page = append(all, items...), after
		read++
		if page == "" {
			break
		}
	}
	return all, page, read, nil
}

func (f *Feed[T]) keepMark(ctx context.Context, had, now mark) error {
	if had == now {
		return nil
	}
	if err := connectors.Keep(ctx, f.Cursor, f.markKey(), now); err != nil {
		return fmt.Errorf("keep mark: %w", err)
	}
	return nil
}
