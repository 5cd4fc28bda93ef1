package app

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"loket/desk"
	"loket/internal/store"
)

// eraseEvery is how soon an order to forget somebody is gone on with that could not be done at once.
const eraseEvery = time.Second

// resumeErasures goes on with orders to forget customers until each is done, in every process.
func resumeErasures(ctx context.Context, counter *desk.Desk, log *zap.Logger) error {
	tick := time.NewTicker(eraseEvery)
	defer tick.Stop()
	told := ""
	for {
		_, err := counter.ResumeErasures(ctx)
		if err != nil && !errors.Is(err, store.ErrAway) && ctx.Err() == nil && err.Error() != told {
			told = err.Error()
			log.Error("a customer is not forgotten yet", zap.Error(err))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}
