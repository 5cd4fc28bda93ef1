package store

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"time"

	"go.uber.org/zap"
)

//go:embed scripts/hold.lua
var holdSource string

//go:embed scripts/release.lua
var releaseSource string

var (
	holdScript    = NewScript("hold", holdSource)
	releaseScript = NewScript("release", releaseSource)
)

// ErrLost is the cause of the end of the context of what runs under a lease that went: context.Cause tells.
var ErrLost = errors.New("lease was lost")

// Hold runs run while this process has the lease name, which one process has at a time; until it has it, it tries
// again, whatever the store answers. It returns what run returned. When the lease is lost (the store was away for ttl), the
// context of run ends, and once run has returned Hold tries to get the lease back and runs run anew. It returns nil when ctx
// ended while it had no lease, before the first run or after a loss. Two runs can overlap when run does not heed its context,
// or when a fail-over forgot the lease: it saves work, correctness must not hang on it.
func (s *Store) Hold(ctx context.Context, name string, ttl time.Duration, run func(ctx context.Context) error) error {
	l := &lease{store: s, key: leaseKey(name), token: rand.Text(), ttl: ttl}
	told := ""
	for {
		until, err := l.take(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !errors.Is(err, ErrAway) && err.Error() != told:
			told = err.Error()
			s.log.Warn("lease cannot be taken", zap.String("lease", name), zap.Error(err))
		case err == nil && !until.IsZero():
			if lost, err := l.runUnder(ctx, until, run); !lost {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(ttl / 3):
		}
	}
}

// lease is one process's wish for a lease. Every instant of its is of this process's clock, taken before the
// question was sent: the store's own instant is later, so this side always gives up first.
type lease struct {
	store *Store
	key   string
	token string
	ttl   time.Duration
}

// take takes or lengthens the lease and tells until when it is had; the zero time when another has it.
func (l *lease) take(ctx context.Context) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, l.ttl)
	defer cancel()
	until := time.Now().Add(l.ttl)
	v, err := l.store.Run(ctx, holdScript, []string{l.key}, l.token, l.ttl.Milliseconds())
	if err != nil || v != int64(1) {
		return time.Time{}, err
	}
	return until, nil
}

// runUnder runs run, lengthening the lease meanwhile, and gives the lease back after it.
func (l *lease) runUnder(ctx context.Context, until time.Time, run func(context.Context) error) (lost bool, err error) {
	inner, cancel := context.WithCancelCause(ctx)
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		l.keep(inner, until, cancel)
	}()
	err = run(inner)
	lost = errors.Is(context.Cause(inner), ErrLost)
	cancel(nil)
	<-kept
	// ctx may have ended; another waits all the same. When this fails, the lease runs out by itself.
	after, done := context.WithTimeout(context.WithoutCancel(ctx), min(l.ttl, 2*time.Second))
	defer done()
	_, _ = l.store.Run(after, releaseScript, []string{l.key}, l.token)
	return lost, err
}

// keep lengthens the lease until ctx ends or the lease is lost, which ends ctx.
func (l *lease) keep(ctx context.Context, until time.Time, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(l.ttl / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		asking, done := context.WithDeadline(ctx, until)
		next, err := l.take(asking)
		done()
		switch {
		case ctx.Err() != nil:
			return
		case err == nil && next.IsZero(), !time.Now().Before(until):
			cancel(ErrLost)
			return
		case err == nil:
			until = next
		}
	}
}
