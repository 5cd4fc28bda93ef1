package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrAway says that the store cannot be reached or cannot write just now. What was asked may be asked again.
var ErrAway = errors.New("store is away")

// errUnsent is ErrAway of a call that was not even sent.
var errUnsent = fmt.Errorf("%w", ErrAway)

// awayFor is how long calls fail at once after the store was found away, before one of them tries again.
const awayFor = 250 * time.Millisecond

// One pipeline is bounded, so that the first answer in it does not wait for thousands of others.
const (
	maxBatch = 256
	maxBytes = 1 << 20
)

// senders is how many pipelines may be on the wire: while the store works on one, the next is written, and a slow
// node of a cluster does not stop the others. Measured: up to 64 callers 2 do as well, at 512 callers 4 are 1.4 times
// as fast.
const senders = 4

// batcher sends what gathered while earlier batches were on the wire as one pipeline: group commit.
// Nobody lingers for company: a call that comes alone goes alone.
type batcher struct {
	rdb   redis.UniversalClient
	state *condition
	calls chan *call
	quit  chan struct{}
	wg    sync.WaitGroup
	done  chan struct{} // closed when nothing will be answered any more
	away  atomic.Int64  // unix nanoseconds until which calls fail at once
}

type call struct {
	script *Script
	keys   []string
	args   []any
	size   int
	reply  chan reply
}

type reply struct {
	value any
	err   error
}

func newBatcher(rdb redis.UniversalClient, state *condition) *batcher {
	b := &batcher{rdb: rdb, state: state, calls: make(chan *call, maxBatch), quit: make(chan struct{}), done: make(chan struct{})}
	for range senders {
		b.wg.Go(b.loop)
	}
	return b
}

// run sends one script call in the next batch. When ctx ends first, the script may run all the same.
func (b *batcher) run(ctx context.Context, script *Script, keys []string, args []any) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("run %s: %w", script.name, err)
	}
	if b.isAway() {
		return nil, fmt.Errorf("run %s: %w", script.name, errUnsent)
	}
	size, err := size(keys, args)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", script.name, err)
	}
	c := &call{script: script, keys: keys, args: args, size: size, reply: make(chan reply, 1)}
	select {
	case b.calls <- c:
	case <-ctx.Done():
		return nil, fmt.Errorf("run %s: %w", script.name, b.late(ctx))
	case <-b.quit:
		return nil, fmt.Errorf("run %s: %w: closed", script.name, ErrAway)
	}
	select {
	case r := <-c.reply:
		return r.value, r.err
	case <-ctx.Done():
		err = fmt.Errorf("run %s: %w", script.name, b.late(ctx))
	case <-b.done:
		err = fmt.Errorf("run %s: %w: closed", script.name, ErrAway)
	}
	select {
	case r := <-c.reply: // it came at the same instant: then it counts
		return r.value, r.err
	default:
		return nil, err
	}
}

// late is why nobody waits any longer: who asked is gone, or the store took too long.
func (b *batcher) late(ctx context.Context) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ctx.Err()
	}
	b.state.heard(ctx.Err())
	return fmt.Errorf("%w: %w", ErrAway, ctx.Err())
}

// size adds up what a call puts on the wire. It refuses an argument the client cannot write, because in a
// pipeline that would fail the calls of others.
func size(keys []string, args []any) (int, error) {
	n := 0
	for _, k := range keys {
		n += len(k)
	}
	for i, a := range args {
		switch a := a.(type) {
		case string:
			n += len(a)
		case []byte:
			n += len(a)
		case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, float32, float64, bool:
			n += 8
		default:
			return 0, fmt.Errorf("argument %d: type %T: must be a string, bytes, a number or a bool", i+1, a)
		}
	}
	return n, nil
}

func (b *batcher) loop() {
	for {
		select {
		case <-b.quit:
			return
		case first := <-b.calls:
			batch := b.gather(first)
			if b.isAway() {
				b.refuse(batch)
				continue
			}
			b.send(batch)
		}
	}
}

func (b *batcher) gather(first *call) []*call {
	runtime.Gosched() // those who were answered together come back together
	batch, size := []*call{first}, first.size
	for len(batch) < maxBatch && size < maxBytes {
		select {
		case c := <-b.calls:
			batch = append(batch, c)
			size += c.size
		default:
			return batch
		}
	}
	return batch
}

// refuse spares those who queued up before the store was found away a time-out each.
func (b *batcher) refuse(batch []*call) {
	for _, c := range batch {
		c.reply <- reply{err: fmt.Errorf("run %s: %w", c.script.name, errUnsent)}
	}
}

// send answers every call of the batch. Calls of a script that the server does not know are sent again with its
// source, which also makes it known.
func (b *batcher) send(batch []*call) {
	var unknown []*call
	for i, cmd := range b.exec(batch, evalSHA) {
		if err := cmd.Err(); err != nil && redis.HasErrorPrefix(err, "NOSCRIPT") {
			unknown = append(unknown, batch[i])
			continue
		}
		b.answer(batch[i], cmd)
	}
	if len(unknown) == 0 {
		return
	}
	for i, cmd := range b.exec(unknown, eval) {
		b.answer(unknown[i], cmd)
	}
}

func evalSHA(ctx context.Context, to redis.Cmdable, c *call) *redis.Cmd {
	return to.EvalSha(ctx, c.script.sha, c.keys, c.args...)
}

func eval(ctx context.Context, to redis.Cmdable, c *call) *redis.Cmd {
	return to.Eval(ctx, c.script.source, c.keys, c.args...)
}

func (b *batcher) exec(batch []*call, how func(context.Context, redis.Cmdable, *call) *redis.Cmd) []*redis.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	cmds := make([]*redis.Cmd, len(batch))
	if len(batch) == 1 {
		cmds[0] = how(ctx, b.rdb, batch[0])
		return cmds
	}
	pipe := b.rdb.Pipeline()
	for i, c := range batch {
		cmds[i] = how(ctx, pipe, c)
	}
	_, _ = pipe.Exec(ctx) // every command carries its own error
	return cmds
}

func (b *batcher) answer(c *call, cmd *redis.Cmd) {
	value, err := cmd.Result()
	switch {
	case errors.Is(err, redis.Nil):
		c.reply <- reply{}
	case err == nil:
		c.reply <- reply{value: value}
	case refusesWriting(err): // others may read meanwhile, and what gives memory back goes on
		c.reply <- reply{err: fmt.Errorf("run %s: %w: %w", c.script.name, ErrAway, err)}
	case isAway(err):
		b.away.Store(time.Now().Add(awayFor).UnixNano())
		c.reply <- reply{err: fmt.Errorf("run %s: %w: %w", c.script.name, ErrAway, err)}
	default:
		c.reply <- reply{err: fmt.Errorf("run %s: %w", c.script.name, err)}
	}
}

func (b *batcher) isAway() bool { return time.Now().UnixNano() < b.away.Load() }

// lastWords is how long the batches on the wire may take when the store closes.
const lastWords = time.Second

// close waits for the batches on the wire, and no longer for those of a server that does not answer: hangUp then ends
// its connections. Calls that were not sent answer that the store is away.
func (b *batcher) close(hangUp func() error) error {
	close(b.quit)
	ended := make(chan struct{})
	go func() {
		b.wg.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(lastWords):
	}
	err := hangUp()
	<-ended
	close(b.done)
	return err
}
