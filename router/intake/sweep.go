package intake

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"strconv"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"loket/internal/message"
	"loket/internal/spool"
	"loket/internal/store"
	"loket/router/queue"
)

//go:embed scripts/take.lua
var takeSource string

var takeScript = store.NewScript("take", takeSource)

// Run picks up what was left over: overdue messages of the journal, whoever accepted them, and the spool. It
// runs until ctx ends. Every process runs it.
func (in *Intake) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if in.alone {
			_ = in.hurry(ctx) // what it can't reach is taken up when it is overdue
		}
		return every(ctx, time.Second, in.Sweep)
	})
	g.Go(func() error { return every(ctx, time.Hour, in.trim) })
	if in.keepSpool {
		g.Go(func() error { return in.followClosed(ctx) })
		g.Go(func() error { return every(ctx, time.Second, in.rereadSpool) })
	} else {
		g.Go(func() error { return every(ctx, time.Second, in.DrainSpool) })
	}
	return g.Wait()
}

// hurry makes everything in the journal overdue.
func (in *Intake) hurry(ctx context.Context) error {
	now, _, err := in.store.Load(ctx)
	if err != nil {
		return err
	}
	for p := range partition(partitions) {
		ids, err := in.store.Redis().ZRange(ctx, p.next(), 0, -1).Result()
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			continue
		}
		var tx store.Tx
		for _, id := range ids {
			tx.ZAdd(p.next(), now.UnixMilli(), id)
		}
		if _, err := in.store.Commit(ctx, &tx); err != nil {
			return err
		}
	}
	return nil
}

// every calls f now and then each d. A call that fails is made again at the next turn.
func every(ctx context.Context, d time.Duration, f func(context.Context) error) error {
	tick := time.NewTicker(d)
	defer tick.Stop()
	for {
		_ = f(ctx) // f has said what is worth saying
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// Sweep takes up every overdue message once and returns when their walks have ended.
func (in *Intake) Sweep(ctx context.Context) error {
	const each = 50
	var took atomic.Int64
	var g errgroup.Group // trouble in one partition does not break off the walks of others
	for p := range partition(partitions) {
		g.Go(func() error {
			v, err := in.store.Run(ctx, takeScript, []string{p.next(), p.bodies(), p.attempts(), p.seen()},
				each, lookAfter.Milliseconds(), time.Hour.Milliseconds())
			if err != nil {
				return err
			}
			list, _ := v.([]any)
			took.Add(int64(len(list)))
			for _, entry := range list {
				in.takeUp(ctx, entry.([]any))
			}
			return nil
		})
	}
	err := g.Wait()
	if took.Load() > 0 {
		in.log.Info("overdue messages taken up", zap.Int64("messages", took.Load()))
	}
	return err
}

// takeUp walks one entry of the journal again.
func (in *Intake) takeUp(ctx context.Context, entry []any) {
	id, body := entry[0].(string), entry[1].(string)
	attempts, _ := entry[2].(int64)
	accepted, _ := strconv.ParseInt(entry[3].(string), 10, 64)
	why := reason{Attempts: int(attempts), Since: time.Now().UTC()}
	var m message.Message
	switch err := json.Unmarshal([]byte(body), &m); {
	case err != nil:
		why.Error = "the journal's entry cannot be read: " + err.Error()
	case attempts > 2*maxAttempts:
		why.Error = "every try ended without a word: the process may have died of it"
	case time.Since(time.UnixMilli(accepted)) > queue.Retention/2:
		why.Error = "it was accepted too long ago to be sure that it is not in a task already"
	default:
		in.process(ctx, &m, []byte(body), int(attempts)+1)
		return
	}
	in.log.Error("message goes to quarantine", zap.String("message", id), zap.String("reason", why.Error))
	in.leaveToSweeper(id, in.quarantine(ctx, id, why))
}

// DrainSpool brings what the spool holds into the journal, oldest first, until it is empty or the store is away.
func (in *Intake) DrainSpool(ctx context.Context) error {
	return in.readSpool(ctx, in.spool.Remove)
}

func (in *Intake) readSpool(ctx context.Context, after func(id string) error) error {
	if in.spool.Stats().Messages == 0 {
		return nil
	}
	ids, err := in.spool.List(0)
	if err != nil {
		in.log.Error("spool cannot be read", zap.Error(err))
		return err
	}
	for _, id := range ids {
		m, err := in.spool.Get(id)
		if errors.Is(err, spool.ErrNone) {
			continue // taken out since
		}
		if errors.Is(err, spool.ErrCorrupt) {
			in.log.Error("spool file cannot be read and was set aside", zap.String("message", id), zap.Error(err))
			continue
		}
		if errors.Is(err, spool.ErrNone) {
			continue // its task was closed, or another round took it
		}
		if err != nil {
			return err
		}
		body, err := json.Marshal(m)
		if err != nil {
			return err
		}
		isNew, err := in.admit(ctx, m, body)
		if err != nil {
			return err
		}
		in.step("unspooled")
		if err := after(id); err != nil {
			return err
		}
		if isNew && m.Problem == "" {
			in.start(ctx, m, body)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	in.log.Info("spool read into the journal", zap.Int("messages", len(ids)))
	return nil
}

// trim forgets the ids of messages accepted longer ago than any replay can be.
func (in *Intake) trim(ctx context.Context) error {
	now, _, err := in.store.Load(ctx)
	if err != nil {
		return err
	}
	before := strconv.FormatInt(now.Add(-queue.Retention).UnixMilli(), 10)
	for p := range partition(partitions) {
		if err := in.store.Redis().ZRemRangeByScore(ctx, p.seen(), "-inf", before).Err(); err != nil {
			return err
		}
	}
	return nil
}
