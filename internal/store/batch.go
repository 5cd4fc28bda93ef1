package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrAway says that the store cannot be reached or cannot write just now. What was asked may be asked again.
var ErrAway = errors.New("store is away")

// awayFor is how long calls fail at once after the store was found away, before one of them tries again.
const awayFor = 250 * time.Millisecond

// maxBatch bounds one pipeline, so that the first answer in it does not wait for thousands of others.
const maxBatch = 256

// batcher sends what gathered while the last batch was on the wire as one pipeline: group commit.
// Nobody lingers for company: a call that comes alone goes alone.
type batcher struct {
	rdb   redis.UniversalClient
	calls chan *call
	quit  chan struct{}
	done  chan struct{}
	away  atomic.Int64 // unix nanoseconds until which calls fail at once
}

type call struct {
	script *Script
	keys   []string
	args   []any
	reply  chan reply
}

type reply struct {
	value any
	err   error
}

func newBatcher(rdb redis.UniversalClient) *batcher {
	b := &batcher{rdb: rdb, calls: make(chan *call, maxBatch), quit: make(chan struct{}), done: make(chan struct{})}
	go b.loop()
	return b
}

// run sends one script call in the next batch. When ctx ends first, the script may run all the same.
func (b *batcher) run(ctx context.Context, script *Script, keys []string, args []any) (any, error) {
	if time.Now().UnixNano() < b.away.Load() {
		return nil, fmt.Errorf("run %s: %w", script.name, ErrAway)
	}
	c := &call{script: script, keys: keys, args: args, reply: make(chan reply, 1)}
	select {
	case b.calls <- c:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-b.quit:
		return nil, fmt.Errorf("run %s: %w: closed", script.name, ErrAway)
	}
	select {
	case r := <-c.reply:
		return r.value, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-b.done:
		return nil, fmt.Errorf("run %s: %w: closed", script.name, ErrAway)
	}
}

func (b *batcher) loop() {
	defer close(b.done)
	for {
		select {
		case <-b.quit:
			return
		case first := <-b.calls:
			b.send(b.gather(first))
		}
	}
}

func (b *batcher) gather(first *call) []*call {
	batch := []*call{first}
	for len(batch) < maxBatch {
		select {
		case c := <-b.calls:
			batch = append(batch, c)
		default:
			return batch
		}
	}
	return batch
}

// send answers every call of the batch. A script the server does not know is loaded and only its calls are sent again.
func (b *batcher) send(batch []*call) {
	cmds := b.exec(batch)
	var unknown []*call
	for i, c := range batch {
		if err := cmds[i].Err(); err != nil && redis.HasErrorPrefix(err, "NOSCRIPT") {
			unknown = append(unknown, c)
			continue
		}
		b.answer(c, cmds[i])
	}
	if len(unknown) == 0 {
		return
	}
	b.load(unknown)
	for i, cmd := range b.exec(unknown) {
		b.answer(unknown[i], cmd)
	}
}

func (b *batcher) exec(batch []*call) []*redis.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	cmds := make([]*redis.Cmd, len(batch))
	if len(batch) == 1 {
		c := batch[0]
		cmds[0] = b.rdb.EvalSha(ctx, c.script.sha, c.keys, c.args...)
		return cmds
	}
	pipe := b.rdb.Pipeline()
	for i, c := range batch {
		cmds[i] = pipe.EvalSha(ctx, c.script.sha, c.keys, c.args...)
	}
	_, _ = pipe.Exec(ctx) // every command carries its own error
	return cmds
}

func (b *batcher) load(batch []*call) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	loaded := map[string]bool{}
	for _, c := range batch {
		if loaded[c.script.sha] {
			continue
		}
		loaded[c.script.sha] = true
		if cluster, ok := b.rdb.(*redis.ClusterClient); ok {
			// An error shows again, with its cause, when the script is called.
			_ = cluster.ForEachMaster(ctx, func(ctx context.Context, m *redis.Client) error {
				return m.ScriptLoad(ctx, c.script.source).Err()
			})
			continue
		}
		_ = b.rdb.ScriptLoad(ctx, c.script.source).Err()
	}
}

func (b *batcher) answer(c *call, cmd *redis.Cmd) {
	value, err := cmd.Result()
	switch {
	case errors.Is(err, redis.Nil):
		c.reply <- reply{}
	case err == nil:
		c.reply <- reply{value: value}
	case isAway(err):
		b.away.Store(time.Now().Add(awayFor).UnixNano())
		c.reply <- reply{err: fmt.Errorf("run %s: %w: %w", c.script.name, ErrAway, err)}
	default:
		c.reply <- reply{err: fmt.Errorf("run %s: %w", c.script.name, err)}
	}
}

func (b *batcher) close() {
	close(b.quit)
	<-b.done
}

// isAway tells errors of the connection and of a server that cannot write now from errors of the call.
func isAway(err error) bool {
	var netErr net.Error
	if errors.As(err, &netErr) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, redis.ErrPoolTimeout) || errors.Is(err, redis.ErrClosed) {
		return true
	}
	for _, prefix := range []string{"LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MISCONF", "NOREPLICAS", "OOM", "BUSY"} {
		if redis.HasErrorPrefix(err, prefix) {
			return true
		}
	}
	return strings.Contains(err.Error(), "connection")
}
