package app

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"loket/desk/customers"
	"loket/internal/store"
)

// eraseEvery is how soon an order to forget somebody is gone on with that could not be done at once.
const eraseEvery = time.Second

// resumeErasures goes on with orders to forget customers until each is done, in every process.
func resumeErasures(ctx context.Context, people *customers.Service, log *zap.Logger) error {
	tick := time.NewTicker(eraseEvery)
	defer tick.Stop()
	told := ""
	for {
		_, err := people.ResumeErasures(ctx)
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

// rewriteErased has our own store forget on disk too whom the desk forgot, one rewriting at a time.
func rewriteErased(ctx context.Context, people *customers.Service, log *zap.Logger) error {
	tick := time.NewTicker(eraseEvery)
	defer tick.Stop()
	told := ""
	for {
		n, err := people.RewriteErased(ctx)
		switch {
		case err == nil:
			told = ""
		case !errors.Is(err, store.ErrAway) && ctx.Err() == nil && err.Error() != told:
			told = err.Error()
			log.Error("the store's file still holds what was erased", zap.Error(err))
		}
		if n > 0 {
			log.Info("the store's file holds nothing of the erased any more", zap.Int("customers", n))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}
