package poll

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"loket/connectors"
)

// A Walk takes in what lists hold and webhooks did not bring, where lists are long and stand in each other: conversations and what was said in
// each, posts and the comments on each. It reads page by page, and what a page has is in before the next one is read. A pass reads Pages at
// most, and the next one goes on behind them, also in another process; so it does after a page that failed. The position goes on when all is
// in that there was when the walk began; what came later is the next walk's. Add may be called concurrently with Pass.
type Walk struct {
	Reach
	// Read reads a page of a list, for what is not older than since. An error that Single knows says that the list, or this page of it, can't
	// be read for good.
	Read  func(ctx context.Context, e Edge, since time.Time) (Page, error)
	Pages int
	// GaveUp is told why a list that stands in others can't be read: it went meanwhile, or shows no more.
	GaveUp func(error)
}

// An Edge is a list, from one of its pages on.
type Edge struct {
	Path  string `json:"path,omitempty"`  // "" is the list that leads to the others
	After string `json:"after,omitempty"` // the page, "" is the first
	// Until, when there is one, is how far back that list is read: for what moved to its beginning while it was read.
	Until time.Time `json:"until,omitzero"`
	// Anew tells that the page was not to be had any more and the list is read from its first one again.
	Anew bool `json:"anew,omitempty"`
}

// A Page is what one page has.
type Page struct {
	Found []Listed // in any order
	Next  string   // page of the same list; "" when there is none, or it would only have what is older
	Below []Edge   // lists that stand in it, as far as they go on behind what it has of them
}

// walked is how far a walk came.
type walked struct {
	Began  time.Time `json:"began"`
	Since  time.Time `json:"since"`
	Failed bool      `json:"failed,omitempty"` // to take something alone: all is looked at again
	Left   []Edge    `json:"left"`
}

// Pass reads on. more tells that it ended before the walk did. It must not be called concurrently.
func (w *Walk) Pass(ctx context.Context) (more bool, err error) {
	at, resumed, err := w.load(ctx)
	if err != nil {
		return false, err
	}
	var errs []error
	for n, goOn := 0, true; goOn && n < w.Pages && len(at.Left) > 0; n++ {
		goOn, err = w.step(ctx, &at)
		errs = append(errs, err)
	}
	if len(at.Left) == 0 && !at.Failed {
		errs = append(errs, w.move(ctx, at.Since, at.Began))
	}
	errs = append(errs, w.keep(ctx, at, resumed)) // after the position: who dies in between reads some again
	return len(at.Left) > 0, errors.Join(errs...)
}

// keep keeps where the walk goes on. One that is over leaves nothing, and one that has read nothing begins anew.
func (w *Walk) keep(ctx context.Context, at walked, had bool) (err error) {
	switch {
	case len(at.Left) == 0 && had:
		err = w.Cursor.Save(ctx, w.markKey(), "")
	case len(at.Left) > 1, len(at.Left) == 1 && at.Left[0] != (Edge{}):
		err = connectors.Keep(ctx, w.Cursor, w.markKey(), at)
	}
	if err != nil {
		return fmt.Errorf("keep mark: %w", err)
	}
	return nil
}

func (w *Walk) markKey() string { return w.Key + ":mark" }

// load gives where the walk goes on, or where one begins.
func (w *Walk) load(ctx context.Context) (at walked, resumed bool, err error) {
	if _, err = connectors.Recall(ctx, w.Cursor, w.markKey(), &at); err != nil && !errors.Is(err, connectors.ErrUnreadable) {
		return at, false, fmt.Errorf("load mark: %w", err)
	}
	now := w.Now().UTC()
	if err != nil || len(at.Left) == 0 {
		at = walked{Began: now, Left: []Edge{{}}}
		at.Since, err = w.since(ctx, now)
		return at, false, err
	}
	if farthest := now.Add(-w.Farthest - w.Overlap); at.Since.Before(farthest) {
		at.Since = farthest
	}
	return at, true, nil
}

// step reads one page. goOn tells that others can be read in spite of an error.
func (w *Walk) step(ctx context.Context, at *walked) (goOn bool, err error) {
	e := at.Left[0]
	page, err := w.Read(ctx, e, at.Since)
	if err != nil {
		return w.unread(at, err)
	}
	slices.SortStableFunc(page.Found, func(a, b Listed) int { return b.Began.Compare(a.Began) })
	if err = w.take(ctx, page.Found, at.Since, at.Began); err != nil && !w.Single(err) {
		return false, err
	}
	at.Failed = at.Failed || err != nil
	at.Left = append(at.Left[1:], page.Below...)
	switch {
	case page.Next != "":
		e.After = page.Next
		at.Left = slices.Insert(at.Left, 0, e)
	case e.Path == "" && e.After != "": // what moved up in it meanwhile was on no page
		at.Left = append(at.Left, Edge{Until: at.Began})
	}
	return true, err
}

// unread is what becomes of a page that can't be read.
func (w *Walk) unread(at *walked, err error) (goOn bool, _ error) {
	switch e := &at.Left[0]; {
	case !w.Single(err), e.Path == "" && e.After == "":
		return false, err
	case e.After != "" && !e.Anew: // vendors forget where a page began
		e.After, e.Anew = "", true
		return true, nil
	case e.Path == "":
		at.Failed = true
	default:
		w.GaveUp(err)
		err = nil
	}
	at.Left = at.Left[1:]
	return true, err
}
