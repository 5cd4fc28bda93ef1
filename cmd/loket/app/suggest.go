package app

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"loket/identity"
	"loket/internal/store"
)

// suggestEvery is how soon customers that were made or changed are compared with the others.
const suggestEvery = 5 * time.Second

// suggest files which customers may be one, in one process at a time: it saves work, doing it twice is harmless.
func suggest(ctx context.Context, st *store.Store, who *identity.Registry, log *zap.Logger) error {
	return st.Hold(ctx, "suggestions", 30*time.Second, func(ctx context.Context) error {
		tick := time.NewTicker(suggestEvery)
		defer tick.Stop()
		for {
			n, err := who.Suggest(ctx)
			if err != nil && !errors.Is(err, store.ErrAway) && ctx.Err() == nil {
				log.Warn("suggestions not looked for", zap.Error(err))
			}
			if n > 0 && err == nil {
				continue
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return nil
			}
		}
	})
}
