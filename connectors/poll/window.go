package poll

import (
	"context"
	"errors"
	"time"
)

// A Window takes in what lists by time hold and webhooks did not bring. Each pass looks at what came since the last one, with
// an overlap behind it, and the position goes on only when all of that is in. Add may be called concurrently with Pass.
type Window struct {
	Reach
	Lists []List
}

// A List gives what there is since an instant, the newest first. It may give what is older.
type List func(ctx context.Context, since time.Time) ([]Listed, error)

// Pass takes in what each list has, the earliest first. It must not be called concurrently.
func (w *Window) Pass(ctx context.Context) error {
	began := w.Now().UTC()
	since, err := w.since(ctx, began)
	if err != nil {
		return err
	}
	var errs []error
	for _, list := range w.Lists {
		found, err := list(ctx, since)
		if err == nil {
			err = w.take(ctx, found, since, began)
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return w.move(ctx, since, began)
}
