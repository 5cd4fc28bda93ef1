// Package trouble logs what goes wrong when it begins and when it is over, not at everybody who meets it.
package trouble

import (
	"context"
	"sync/atomic"

	"go.uber.org/zap"
)

// A Log knows whether one thing goes wrong now. Its methods may be called concurrently.
type Log struct {
	log         *zap.Logger
	begun, over string
	there       atomic.Bool
}

// New makes the log of a thing that goes well so far. begun is written with each error that it begins with, over when it goes
// well again.
func New(log *zap.Logger, begun, over string) *Log { return &Log{log: log, begun: begun, over: over} }

// Note takes how it went. What failed when ctx was done says nothing: who asked went away, or we stop.
func (l *Log) Note(ctx context.Context, err error) {
	switch {
	case err == nil:
		if l.there.Swap(false) {
			l.log.Info(l.over)
		}
	case ctx.Err() == nil && !l.there.Swap(true):
		l.log.Warn(l.begun, zap.Error(err))
	}
}
