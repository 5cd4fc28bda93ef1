package app

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"loket/desk"
	"loket/internal/store"
)

// heldEvery is how soon after its time an answer goes out that was held back.
const heldEvery = 250 * time.Millisecond

// sendHeld lets answers go out that were held back for long enough, in every process.
func sendHeld(ctx context.Context, counter *desk.Desk, log *zap.Logger) error {
	tick := time.NewTicker(heldEvery)
	defer tick.Stop()
	told := ""
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		_, err := counter.SendHeld(ctx)
		switch {
		case err == nil:
			told = ""
		case !errors.Is(err, store.ErrAway) && ctx.Err() == nil && err.Error() != told:
			told = err.Error()
			log.Error("answer that was held back does not go out yet", zap.Error(err))
		}
	}
}
