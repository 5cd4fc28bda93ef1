// Package intake is the way in: from a connector's Accept to the team's queue. READ THIS FIRST, then walk.go.
//
// Accept writes a message to the journal, or to the spool while the store is away; then it is ours. The walk
// that follows may break off anywhere and begin again anywhere: every step is a join.
package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	_ "embed"

	"go.uber.org/zap"

	"loket/identity"
	"loket/internal/field"
	"loket/internal/message"
	"loket/internal/spool"
	"loket/internal/store"
	"loket/router"
	"loket/router/queue"
	"loket/router/thread"
)

//go:embed scripts/admit.lua
var admitSource string

var admitScript = store.NewScript("admit", admitSource)

const (
	// atOnce bounds the walks of one process. When all are taken, Accept waits: pressure goes back to the channels.
	atOnce = 256
	// admitWithin is how long Accept waits for the store before the spool takes the message.
	admitWithin = 2 * time.Second
	// lookAfter is when another process may take up a message that this one accepted.
	lookAfter = 30 * time.Second
	// maxBytes bounds one message in the journal. Attachments are not in it.
	maxBytes = 4 << 20
)

// ErrTooLarge says that a message is larger than the journal takes.
var ErrTooLarge = errors.New("message is too large")

// Options are what intake stands on. Store to Log must be given.
type Options struct {
	Store    *store.Store
	Spool    *spool.Spool
	Registry *identity.Registry
	Threads  *thread.Threads
	Queue    *queue.Queue
	Router   func() *router.Router // the rules of this moment
	Log      *zap.Logger
	Metrics  *Metrics // may be nil
	// KeepSpool keeps the file of every message until its task is closed: for a store that forgets.
	KeepSpool bool
	// Alone says that no other process uses the store: what a process before left unfinished is taken up at once.
	Alone bool
	// Step is called after each step of the walk with its name; tests stop the process there. May be nil.
	Step func(name string)
}

// An Intake takes in messages. Its methods may be called concurrently and by several processes.
type Intake struct {
	store     *store.Store
	spool     *spool.Spool
	registry  *identity.Registry
	threads   *thread.Threads
	queue     *queue.Queue
	router    func() *router.Router
	log       *zap.Logger
	metrics   *Metrics
	keepSpool bool
	alone     bool
	step      func(string)

	walks chan struct{} // one in it for each walk under way
	// behind tells that the spool may hold what the journal has not, when the spool keeps everything.
	behind atomic.Bool
	wg     sync.WaitGroup
}

// New gives the way in. Accept works before Run and after it; what is left over Run picks up.
func New(o Options) (*Intake, error) {
	if err := field.Given(o, "Store", "Spool", "Registry", "Threads", "Queue", "Router", "Log"); err != nil {
		return nil, err
	}
	if o.Step == nil {
		o.Step = func(string) {}
	}
	in := &Intake{
		store: o.Store, spool: o.Spool, registry: o.Registry, threads: o.Threads, queue: o.Queue, router: o.Router, log: o.Log, metrics: o.Metrics,
		keepSpool: o.KeepSpool, alone: o.Alone, step: o.Step, walks: make(chan struct{}, atOnce),
	}
	in.behind.Store(true)
	return in, nil
}

// Accept takes responsibility for an inbound message: when it returns nil the message is stored, and will be in
// exactly one task or in quarantine whatever dies. Accepting a message again, even at the same time, is harmless.
// m is not to be changed afterwards.
func (in *Intake) Accept(ctx context.Context, m *message.Message) error {
	copied := *m
	m = &copied
	if !message.ValidID(m.ID) {
		return fmt.Errorf("accept message: %q is not a message id", m.ID)
	}
	if m.Received.IsZero() {
		m.Received = time.Now()
	}
	m.Received = m.Received.UTC().Truncate(time.Millisecond)
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("accept message %s: %w", m.ID, err)
	}
	if len(body) > maxBytes {
		return fmt.Errorf("accept message %s: %w: %d bytes, at most %d", m.ID, ErrTooLarge, len(body), maxBytes)
	}
	if in.keepSpool {
		if err := in.spool.Put(m); err != nil {
			return fmt.Errorf("accept message %s: %w", m.ID, err)
		}
	}
	isNew, err := in.admit(ctx, m, body)
	if err != nil {
		in.step("refused")
		return in.toSpool(m, err)
	}
	in.step("admitted")
	if !isNew {
		in.metrics.accepted(m.Connector, "known")
		if in.keepSpool {
			in.unspoolDone(ctx, m)
		}
		return nil
	}
	in.metrics.accepted(m.Connector, "journal")
	if m.Problem == "" {
		in.start(ctx, m, body)
	}
	return nil
}

// admit writes the message to the journal and tells whether it is new there.
func (in *Intake) admit(ctx context.Context, m *message.Message, body []byte) (bool, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), admitWithin)
	defer cancel()
	why, until := "", ""
	if m.Problem != "" {
		why = reason{Error: m.Problem, Since: m.Received}.encode()
		if !m.KeepUntil.IsZero() {
			until = strconv.FormatInt(m.KeepUntil.UnixMilli(), 10)
		}
	}
	p := partitionOf(m.ID)
	v, err := in.store.Run(ctx, admitScript, []string{p.seen(), p.bodies(), p.next(), p.quarantine(), p.passing()},
		m.ID, body, lookAfter.Milliseconds(), why, until)
	if err != nil {
		return false, err
	}
	n, _ := v.(int64)
	return n == 1, nil
}

// toSpool keeps a message that the store could not take. cause is why.
func (in *Intake) toSpool(m *message.Message, cause error) error {
	in.behind.Store(true)
	if !in.keepSpool {
		if err := in.spool.Put(m); err != nil {
			return fmt.Errorf("accept message %s: %w", m.ID, errors.Join(err, cause))
		}
	}
	in.step("spooled")
	in.metrics.accepted(m.Connector, "spool")
	in.log.Debug("message spooled", zap.String("message", m.ID), zap.Error(cause))
	return nil
}

// start walks the message in the background, in this process. When no walk is free before ctx ends, the message
// stays in the journal until it is overdue.
func (in *Intake) start(ctx context.Context, m *message.Message, body []byte) {
	select {
	case in.walks <- struct{}{}:
	case <-ctx.Done():
		return
	}
	in.wg.Go(func() {
		defer func() { <-in.walks }()
		in.process(context.WithoutCancel(ctx), m, body, 1)
	})
}

// Drain waits until the walks under way have ended, or ctx ends. Nothing is lost if it is not called.
func (in *Intake) Drain(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		in.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// claimsOf are the identifiers, each once, as claims: what somebody said elsewhere proves nothing here.
func claimsOf(lists ...[]message.Identifier) (claims []message.Identifier) {
	for _, id := range slices.Concat(lists...) {
		id.Level = min(id.Level, message.Claimed)
		if !slices.ContainsFunc(claims, func(o message.Identifier) bool { return o.Node() == id.Node() }) {
			claims = append(claims, id)
		}
	}
	return claims
}
