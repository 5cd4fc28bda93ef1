package app

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"loket/desk"
	"loket/internal/store"
	"loket/router/queue"
)

// archiveEvery is how often closed tasks are looked through for what is old; the first time comes soon after the start.
const (
	archiveEvery = time.Hour
	archiveFirst = time.Minute
)

// archived counts what this process moved to the archive.
type archived struct{ tasks, failures prometheus.Counter }

func newArchived(reg prometheus.Registerer) *archived {
	a := &archived{
		tasks: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "loket_archived_tasks_total", Help: "Closed tasks that this process moved from the store to the archive.",
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "loket_archive_failures_total", Help: "Closed tasks that could not be archived and stay in the store until the next try.",
		}),
	}
	reg.MustRegister(a.tasks, a.failures)
	return a
}

// archive moves what is older than keep out of the store, in one process at a time: it saves work, doing it twice is
// harmless.
func archive(ctx context.Context, st *store.Store, counter *desk.Desk, keep time.Duration, m *archived, log *zap.Logger) error {
	keep = max(keep, queue.Retention) // until then a message may still be on its way into a closed task
	return st.Hold(ctx, "archive", 30*time.Second, func(ctx context.Context) error {
		timer := time.NewTimer(archiveFirst)
		defer timer.Stop()
		for {
			select {
			case <-timer.C:
			case <-ctx.Done():
				return nil
			}
			done, err := counter.Archive(ctx, time.Now().Add(-keep))
			m.tasks.Add(float64(done.Tasks))
			m.failures.Add(float64(done.Failed))
			if err = errors.Join(err, done.Err); err != nil && !errors.Is(err, store.ErrAway) && ctx.Err() == nil {
				log.Warn("not all that is old was archived", zap.Int("failed", done.Failed), zap.Error(err))
			}
			if done.Tasks > 0 {
				log.Info("closed tasks archived", zap.Int("tasks", done.Tasks))
			}
			timer.Reset(archiveEvery)
		}
	})
}
