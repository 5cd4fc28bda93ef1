package store

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
)

//go:embed scripts/look.lua
var lookSource string

// A Condition is what a store can do now, as far as was seen last.
type Condition struct {
	Reads, Writes bool
	Cause         string    // in words, why it does not do both; "" while it does
	Since         time.Time // when it began to be so
}

const (
	// lookEvery is how often the store is looked at; lookOften while it is in trouble.
	lookEvery = 5 * time.Second
	lookOften = 500 * time.Millisecond
	// fresh is how long one look serves all who ask, and the least time between two.
	fresh = 250 * time.Millisecond
	// patience is how long a store may take to answer a look before it counts as frozen.
	patience = 2 * time.Second
	// calm is how long nothing must have been refused for the trouble to be over: near its limit, memory is full for some
	// writes and not for others.
	calm = 2 * time.Second
	// hangs is how long a server of loket's own may give no answer.
	hangs = 30 * time.Second
)

// condition follows what a store can do, by looks of its own and by what becomes of the calls. It is the client's hook too:
// while the store does not answer, calls fail at once instead of each waiting for it.
type condition struct {
	looking sync.Mutex // held while somebody looks
	looked  time.Time  // at the end of the last look

	mu      sync.Mutex
	now     Condition
	err     error     // what it was seen by
	refused time.Time // when a call was refused last
	refusal error     // and how

	frozen atomic.Bool
	hint   chan struct{} // something may have changed
}

func newCondition() *condition {
	return &condition{now: Condition{Reads: true, Writes: true, Since: time.Now()}, hint: make(chan struct{}, 1)}
}

// Condition is what the store can do now, as it was seen last. It asks nobody.
func (s *Store) Condition() Condition {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	return s.state.now
}

// Look tries what the store can do now. It takes at most two seconds, and one look serves all who ask at about that time.
func (s *Store) Look(ctx context.Context) Condition {
	c := s.state
	c.looking.Lock()
	defer c.looking.Unlock()
	if time.Since(c.looked) < fresh {
		return s.Condition()
	}
	ctx, cancel := context.WithTimeout(context.WithValue(context.WithoutCancel(ctx), look{}, true), patience)
	defer cancel()
	// A script that writes, as all of loket's are: a server may allow one thing and refuse another.
	c.saw(s.rdb.Eval(ctx, lookSource, []string{lookKey()}).Err())
	c.looked = time.Now()
	return s.Condition()
}

// look marks the context of a look, which goes out whatever is known of the store.
type look struct{}

// Watch looks at the store until ctx ends, and logs once when its condition gets worse and once when it is well again. An
// embedded server that hangs is ended, and so started again.
// Without it, a store that does not answer costs every call a time-out.
func (s *Store) Watch(ctx context.Context, log *zap.Logger) error {
	told := Condition{Reads: true, Writes: true, Since: time.Now()} // whatever was seen before, nobody told
	for {
		now := s.Look(ctx)
		s.tell(log, told, now)
		told = now
		if s.restart != nil && now.Cause == frozen && time.Since(now.Since) > s.hangs {
			log.Error("the store's server hangs and is ended", zap.Duration("after", time.Since(now.Since)))
			s.restart()
		}
		pause := lookEvery
		if !now.Writes {
			pause = lookOften
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		case <-s.state.hint:
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(fresh):
			}
		}
	}
}

// tell logs what became of the store.
func (s *Store) tell(log *zap.Logger, was, now Condition) {
	s.state.mu.Lock()
	err := s.state.err
	s.state.mu.Unlock()
	cause := zap.String("cause", now.Cause)
	switch {
	case now.Cause == was.Cause:
	case now.Writes:
		log.Info("the store is well again", zap.String("cause", was.Cause), zap.Duration("after", now.Since.Sub(was.Since)))
	case now.Reads:
		log.Warn("the store refuses to write: messages go to the spool, agents can only read", cause, zap.Error(err))
	default:
		log.Warn("the store is away: messages go to the spool, agents cannot work", cause, zap.Error(err))
	}
}

// saw notes how a look ended.
func (c *condition) saw(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := conditionBy(err)
	if now.Writes && time.Since(c.refused) < calm {
		now = conditionBy(c.refusal)
	}
	c.become(now, err)
}

// heard notes how a call ended.
func (c *condition) heard(err error) {
	if err == nil || !isAway(err) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if refusesWriting(err) {
		c.refused, c.refusal = time.Now(), err
		c.become(conditionBy(err), err)
	} else if !c.now.Reads {
		return // somebody looks often
	}
	select {
	case c.hint <- struct{}{}:
	default:
	}
}

func (c *condition) become(now Condition, err error) {
	c.frozen.Store(now.Cause == frozen)
	if now.Cause != c.now.Cause {
		now.Since = time.Now()
		c.now, c.err = now, err
	}
}

// frozen is the cause when nothing is answered.
const frozen = "does not answer (frozen or cut off)"

// conditionBy says what an error of a write tells about a store.
func conditionBy(err error) Condition {
	if err == nil {
		return Condition{Reads: true, Writes: true}
	}
	for _, known := range []struct {
		word, cause string
		reads       bool
	}{
		{"OOM", "out of memory (maxmemory)", true},
		{"READONLY", "read-only replica", true},
		{"MISCONF", "cannot persist (MISCONF)", true},
		{"NOREPLICAS", "too few replicas (min-replicas-to-write)", true},
		{"NOPERM", "not permitted to write (ACL)", true},
		{"NOAUTH", "wrong password", false},
		{"WRONGPASS", "wrong password", false},
		{"LOADING", "still reading its file", false},
		{"MASTERDOWN", "replica without its master", false},
		{"CLUSTERDOWN", "cluster is down", false},
		{"BUSY", "busy with a script", false},
		{"max number of clients", "no connection left (maxclients)", false},
	} {
		if begins(err, known.word) {
			return Condition{Reads: known.reads, Cause: known.cause}
		}
	}
	var late net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, redis.ErrPoolTimeout), errors.As(err, &late) && late.Timeout():
		return Condition{Cause: frozen}
	case isAway(err):
		return Condition{Cause: "cannot be reached"}
	}
	return Condition{Reads: true, Cause: "refuses what is asked"}
}

// fails is the error of a call that is not to be made now, if it is not.
func (c *condition) fails(ctx context.Context) error {
	if c.frozen.Load() && ctx.Value(look{}) == nil {
		return errFrozen
	}
	return nil
}

var errFrozen = fmt.Errorf("%w: %s", errUnsent, frozen)

func (c *condition) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *condition) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if err := c.fails(ctx); err != nil {
			cmd.SetErr(err)
			return err
		}
		err := next(ctx, cmd)
		c.heard(err)
		return err
	}
}

func (c *condition) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if err := c.fails(ctx); err != nil {
			for _, cmd := range cmds {
				cmd.SetErr(err)
			}
			return err
		}
		err := next(ctx, cmds)
		for _, cmd := range cmds {
			c.heard(cmd.Err())
		}
		return err
	}
}

var _ redis.Hook = (*condition)(nil)
