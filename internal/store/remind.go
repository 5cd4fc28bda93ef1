package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// remindAgain is after what a reminder comes again whose taker did not say that it is done.
const remindAgain = time.Minute

// RemindAt keeps a reminder of key for an instant, or moves it there. It is as durable as the store keeps anything.
func (c *Cursor) RemindAt(ctx context.Context, key string, at time.Time) error {
	var tx Tx
	tx.ZAdd(remindKey(c.connector), at.UnixMilli(), key)
	if _, err := c.store.Commit(ctx, &tx); err != nil {
		return fmt.Errorf("keep reminder of %s: %w", c.connector, err)
	}
	return nil
}

// Due gives at most n of the reminders whose instant has come, the oldest first. Each is given to one caller, and after a minute to the next
// one, until it is Done.
func (c *Cursor) Due(ctx context.Context, now time.Time, n int) ([]string, error) {
	keys, err := c.store.rdb.ZRangeByScore(ctx, remindKey(c.connector), &redis.ZRangeBy{
		Min: "-inf", Max: strconv.FormatInt(now.UnixMilli(), 10), Count: int64(n),
	}).Result()
	if err != nil {
		return nil, fmt.Errorf("list reminders of %s: %w", c.connector, Cause(err))
	}
	var mine []string
	for _, key := range keys {
		first, err := c.Once(ctx, "remind:"+key, remindAgain)
		if err != nil {
			return mine, err
		}
		if first {
			mine = append(mine, key)
		}
	}
	return mine, nil
}

// Done ends a reminder. Ending it again changes nothing.
func (c *Cursor) Done(ctx context.Context, key string) error {
	var tx Tx
	tx.ZRem(remindKey(c.connector), key)
	if _, err := c.store.Commit(ctx, &tx); err != nil {
		return fmt.Errorf("end reminder of %s: %w", c.connector, err)
	}
	return nil
}
