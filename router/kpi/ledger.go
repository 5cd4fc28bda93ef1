package kpi

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"loket/internal/archive"
	"loket/internal/field"
	"loket/internal/store"
	"loket/router/queue"
)

// Options are what a Ledger works with. Store and Queue must be given.
type Options struct {
	Store   *store.Store
	Queue   *queue.Queue
	Working Working
	Metrics *Metrics
	Log     *zap.Logger
	// Archive takes the rows of days that ended longer than Keep ago; nil leaves them in the store.
	Archive *archive.Archive
	Keep    time.Duration
	// Step is called after each step with its name; tests stop the process there.
	Step func(name string)
}

// A Ledger keeps the rows and sums them up. Its methods may be called concurrently and by several processes: a step is
// stored only if nobody made another since it was computed, so each event is counted once whoever folds.
type Ledger struct {
	store   *store.Store
	queue   *queue.Queue
	working Working
	metrics *Metrics
	log     *zap.Logger
	step    func(string)
	archive *archive.Archive
	keep    time.Duration
	rows    cache[storedRows]
	sums    cache[*partial]
}

// New opens the figures of a store.
func New(o Options) (*Ledger, error) {
	if err := field.Given(o, "Store", "Queue"); err != nil {
		return nil, err
	}
	l := &Ledger{store: o.Store, queue: o.Queue, working: o.Working, metrics: o.Metrics, log: o.Log, step: o.Step, archive: o.Archive, keep: o.Keep}
	l.rows.most, l.sums.most = maxBytes, maxSums
	if l.log == nil {
		l.log = zap.NewNop()
	}
	if l.step == nil {
		l.step = func(string) {}
	}
	return l, nil
}

const (
	foldEvery    = time.Second // figures are asked for seldom, and asking folds what is left
	lapse        = 15 * time.Second
	archiveEvery = time.Hour
	batch        = 4000 // events in one step
)

// Run folds what happens into rows until ctx ends, in one process at a time: that saves work, nothing else hangs on it.
// It rides out a store that is away. It is called once.
func (l *Ledger) Run(ctx context.Context) error {
	return l.store.Hold(ctx, "kpi", lapse, func(ctx context.Context) error {
		tick, seldom := time.NewTicker(foldEvery), time.NewTicker(archiveEvery)
		defer tick.Stop()
		defer seldom.Stop()
		told := ""
		for {
			n, err := l.Fold(ctx)
			if text := trouble(ctx, err); text != told {
				if told = text; text != "" {
					l.log.Error("figures not brought up to date", zap.Error(err))
				}
			}
			if n == batch && err == nil {
				continue
			}
			select {
			case <-tick.C:
			case <-seldom.C:
				if _, err := l.ArchiveBefore(ctx, time.Now().Add(-l.keep)); trouble(ctx, err) != "" {
					l.log.Error("old figures not archived", zap.Error(err))
				}
			case <-ctx.Done():
				return nil
			}
		}
	})
}

// trouble is what to tell of an error; "" for what passes by itself.
func trouble(ctx context.Context, err error) string {
	if err == nil || ctx.Err() != nil || errors.Is(err, store.ErrAway) {
		return ""
	}
	return err.Error()
}
