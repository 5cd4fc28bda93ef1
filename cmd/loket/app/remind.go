package app

import (
	"context"
	"time"

	"go.uber.org/zap"

	"loket/connectors"
	"loket/internal/store"
)

const (
	// remindEvery is how soon after its instant a reminder comes.
	remindEvery = time.Second
	remindBatch = 100
)

// remind gives the connector the reminders that it asked for until ctx ends, in every process. What it fails with comes again.
func remind(ctx context.Context, c *store.Cursor, r connectors.Reminded, log *zap.Logger) error {
	tick := time.NewTicker(remindEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		keys, err := c.Due(ctx, time.Now(), remindBatch)
		if err != nil {
			log.Debug("reminders not read", zap.Error(err)) // the store's watch tells why
		}
		for _, key := range keys {
			if err := r.Remind(ctx, key); err != nil {
				log.Debug("reminder comes again", zap.Error(err))
				continue
			}
			if err := c.Done(ctx, key); err != nil {
				log.Debug("reminder not ended", zap.Error(err)) // whoever gets it again does it once
			}
		}
	}
}
