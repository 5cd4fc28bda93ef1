// Package poll asks a vendor for what is new, again and again: the loop, pages, and a position that moves on only over what
// was accepted.
package poll

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"loket/connectors"
)

// Options say what a Loop does. Pass, Every, Log, Failed and Again are needed.
type Options struct {
	// Pass looks once. It is never called concurrently with itself.
	Pass func(ctx context.Context) error
	// Every is how long the loop pauses after a pass that went well.
	Every time.Duration
	// First and Longest bound the pause after a pass that failed: it begins at First and doubles up to Longest, less a random
	// part of up to a half. 0 is a second, and the smaller of Every and five minutes. Who says when to come again (connectors.After)
	// is not asked before.
	First, Longest time.Duration
	// Name is what is asked for, where a connector has several loops.
	Name string
	// Failed and Again are what the log says when trouble begins or changes, and when it is over.
	Failed, Again string
	Log           *zap.Logger
	// Settle is how long no pass must have failed until trouble counts as over, where it comes and goes; 0 is over at once.
	Settle time.Duration
}

// A Loop makes passes until its context is done. It needs no lease of its own: a connector whose type is Single runs in one
// process at a time.
type Loop struct {
	o       Options
	wake    chan struct{}
	trouble atomic.Pointer[string]
	failed  time.Time // when a pass last did
}

// New makes a loop that does not run yet.
func New(o Options) *Loop {
	o.First = cmp.Or(o.First, time.Second)
	o.Longest = cmp.Or(o.Longest, min(o.Every, 5*time.Minute))
	if o.Name != "" {
		o.Log = o.Log.With(zap.String("poll", o.Name))
	}
	return &Loop{o: o, wake: make(chan struct{}, 1)}
}

// Run makes passes until ctx is done, the first at once. It is called once.
func (l *Loop) Run(ctx context.Context) {
	for tries := 0; ctx.Err() == nil; {
		err := l.o.Pass(ctx)
		if ctx.Err() != nil {
			return // what ended for that says nothing
		}
		l.note(err)
		wait := l.o.Every
		if err == nil {
			tries = 0
		} else {
			wait = l.pause(tries, err)
			tries++
		}
		l.sleep(ctx, wait)
	}
}

// Serve is Run for a connector that does nothing else, and calls done after it.
func (l *Loop) Serve(ctx context.Context, done ...func()) error {
	l.Run(ctx)
	for _, f := range done {
		f()
	}
	return nil
}

// All runs loops until ctx is done and all of them have ended.
func All(ctx context.Context, loops ...*Loop) {
	var wg sync.WaitGroup
	for _, l := range loops {
		wg.Go(func() { l.Run(ctx) })
	}
	wg.Wait()
}

// Wake asks for a pass before its time, though not at once: who was woken waits as long as after a failure. It may be called
// at any time, and often.
func (l *Loop) Wake() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Well tells that a pass which lasts goes well, so that trouble is over before it ends. It may be called at any time.
func (l *Loop) Well() {
	if l.trouble.Swap(nil) != nil {
		l.o.Log.Info(l.o.Again)
	}
}

// Trouble is how the last pass failed, nil when it did not. It may be called at any time.
func (l *Loop) Trouble() error {
	if text := l.trouble.Load(); text != nil {
		return errors.New(*text)
	}
	return nil
}

// Troubles is that of several loops: what is not asked for, and why.
func Troubles(loops ...*Loop) error {
	var errs []error
	for _, l := range loops {
		if err := l.Trouble(); err != nil {
			errs = append(errs, fmt.Errorf("ask for %s: %w", l.o.Name, err))
		}
	}
	return errors.Join(errs...)
}

// note logs trouble when it begins, changes and ends.
func (l *Loop) note(err error) {
	had := l.trouble.Load()
	if err != nil {
		l.failed = time.Now()
	}
	switch {
	case err == nil && had != nil && time.Since(l.failed) < l.o.Settle:
	case err == nil && had != nil:
		l.trouble.Store(nil)
		l.o.Log.Info(l.o.Again)
	case err != nil && (had == nil || *had != err.Error()):
		text := err.Error()
		l.trouble.Store(&text)
		l.o.Log.Warn(l.o.Failed, zap.Error(err))
	}
}

// pause is how long to wait after so many failures in a row before the last, which was err. What an operator must put right
// does not pass within seconds.
func (l *Loop) pause(tries int, err error) time.Duration {
	wait := min(l.o.First<<min(tries, 16), l.o.Longest)
	if connectors.IsPermanent(err) {
		wait = min(time.Minute, l.o.Longest)
	}
	wait -= rand.N(wait/2 + 1)
	return max(wait, connectors.RetryAfter(err))
}

func (l *Loop) sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-l.wake:
		sleep(ctx, min(l.o.First, l.o.Every))
	}
	select {
	case <-l.wake: // the pass that begins now is after that, too
	default:
	}
}

// sleep waits, and tells whether it did to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
