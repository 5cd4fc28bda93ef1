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
	// remindWithin is for how long the reminders of one look are given. The store gives them to another process a minute after it gave them, and
	// one of them may take twenty seconds: what is left comes again.
	remindWithin = 30 * time.Second
)

// A reminding gives a connector the reminders that it asked for.
type reminding struct {
	cursor    *store.Cursor
	connector connectors.Reminded
	log       *zap.Logger
	alone     bool // no other process uses the store: what one before had taken up is taken up at once
	step      func(string)
}

// run reminds until ctx ends, in every process. What the connector fails with comes again.
func (r *reminding) run(ctx context.Context) error {
	if r.alone {
		if err := r.cursor.Regain(ctx); err != nil {
			r.log.Debug("reminders come again after a minute", zap.Error(err))
		}
	}
	tick := time.NewTicker(remindEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		until := time.Now().Add(remindWithin)
		all, err := r.cursor.Due(ctx, time.Now(), remindBatch)
		if err != nil {
			r.log.Debug("reminders not read", zap.Error(err)) // the store's watch tells why
		}
		for _, one := range all {
			if ctx.Err() != nil || time.Now().After(until) {
				break
			}
			r.remind(ctx, one)
		}
	}
}

// remind gives one reminder. Whoever gets it again does it once.
func (r *reminding) remind(ctx context.Context, one store.Reminder) {
	r.step("reminding")
	again, err := r.connector.Remind(ctx, one.Key, one.At)
	if err != nil {
		r.log.Debug("reminder comes again", zap.Error(err))
		return
	}
	r.step("reminded")
	if again.IsZero() {
		err = r.cursor.Done(ctx, one.Key)
	} else {
		err = r.cursor.RemindAt(ctx, one.Key, again)
	}
	if err != nil {
		r.log.Debug("reminder not ended", zap.Error(err))
	}
}
