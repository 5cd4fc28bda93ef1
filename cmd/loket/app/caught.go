package app

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"loket/desk"
	"loket/internal/store"
)

// passEvery is how often it is looked for what was to be kept for a time.
const passEvery = time.Minute

// dropPassed deletes what was to be kept in quarantine, or unfinished, for a time that is over, in every process: whoever comes
// second finds nothing.
func dropPassed(ctx context.Context, counter *desk.Desk, log *zap.Logger) error {
	tick := time.NewTicker(passEvery)
	defer tick.Stop()
	told := ""
	for {
		n, err := counter.DropPassed(ctx)
		if err == nil {
			_, err = counter.DropOldUnfinished(ctx)
		}
		if err != nil && !errors.Is(err, store.ErrAway) && ctx.Err() == nil && err.Error() != told {
			told = err.Error()
			log.Warn("what was kept for a time is not deleted yet", zap.Error(err))
		}
		if n > 0 {
			log.Info("deleted what was caught a day ago, or too much of it", zap.Int("messages", n))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}
