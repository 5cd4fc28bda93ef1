package queue

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
)

// Reap returns what is held under leases that ran out or that nobody learned of, wakes what waited for a moment that has
// come, lets what is late rise, gives teams what one of them left too long, and tells, once for each wait, that it is due
// soon and that it is late. Any process may run it at any time, and it works though the store's memory is full. It gives
// how many tasks it changed; what fails with one task holds up no other, and is in the error.
func (q *Queue) Reap(ctx context.Context) (int, error) {
	returned, lost := q.giveBackLost(ctx)
	expired, held := q.sweep(ctx, leasesKey, q.expire)
	rung, timers := q.sweep(ctx, timersKey, q.ring)
	return returned + expired + rung, errors.Join(wrap(lost, "give back lost claims"), wrap(held, "reap leases"), wrap(timers, "ring timers"))
}

// sweep does something with each task whose time in a sorted set has come. After a page in which something failed it ends:
// what failed stands there again the next time.
func (q *Queue) sweep(ctx context.Context, key string, one func(context.Context, string) error) (int, error) {
	const atOnce = 100
	moved := 0
	for {
		now, _, err := q.store.Load(ctx)
		if err != nil {
			return moved, err
		}
		ids, err := q.store.Redis().ZRangeArgs(ctx, redis.ZRangeArgs{
			Key: key, ByScore: true, Start: "-inf", Stop: strconv.FormatInt(millis(now), 10), Count: atOnce,
		}).Result()
		if err != nil {
			return moved, store.Cause(err)
		}
		var failed []error
		for _, id := range ids {
			switch err := one(ctx, id); {
			case err == nil:
				moved++
			case errors.Is(err, store.ErrAway) || ctx.Err() != nil:
				return moved, err
			case !errors.Is(err, errUnchanged):
				failed = append(failed, err)
			}
		}
		if len(ids) < atOnce || len(failed) > 0 {
			return moved, errors.Join(failed...)
		}
	}
}

func (q *Queue) expire(ctx context.Context, id string) error {
	_, err := q.change(ctx, id, newToken(), func(c *change) error {
		t := &c.task
		if t.State != Claimed || t.LeaseUntil > millis(c.now) {
			return errUnchanged
		}
		c.tx.MakeRoom()
		e := c.event(Expired)
		e.ClaimedAt, e.Agent = t.ClaimedAt, t.Agent
		c.enqueue() // its lease stays: what its holder sends late is welcome until somebody else takes it
		return nil
	})
	return err
}

// ring does what a task's timer was set for.
func (q *Queue) ring(ctx context.Context, id string) error {
	_, err := q.change(ctx, id, newToken(), func(c *change) error {
		woke := c.wake()
		released := q.release(c)
		told, late := c.remind(millis(c.now)), c.remindResolution(millis(c.now))
		if !told && !late && !woke && !released && !q.settle(&c.task, c.now) {
			return errUnchanged
		}
		c.tx.MakeRoom()
		return nil
	})
	return err
}

// wake brings a task back that rested until now.
func (c *change) wake() bool {
	t := &c.task
	if t.State != Waiting || t.Until == 0 || t.Until > millis(c.now) {
		return false
	}
	until := t.Until
	c.event(Woken)
	c.enqueue()
	if t.Since == 0 {
		t.Due = until // nobody waits for an answer: it is due now
	}
	return true
}

// Trim forgets delivered messages older than Retention and events older than keep. Safe at any time.
func (q *Queue) Trim(ctx context.Context, keep time.Duration) error {
	now, _, err := q.store.Load(ctx)
	if err != nil {
		return err
	}
	rdb := q.store.Redis()
	before := strconv.FormatInt(millis(now.Add(-Retention)), 10)
	if err := rdb.ZRemRangeByScore(ctx, deliveredKey, "-inf", before).Err(); err != nil {
		return wrap(store.Cause(err), "trim delivered messages")
	}
	err = rdb.XTrimMinIDApprox(ctx, eventsKey, strconv.FormatInt(millis(now.Add(-keep)), 10), 0).Err()
	return wrap(store.Cause(err), "trim events")
}
