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

// A Reminder is a key and the instant for which it was kept.
type Reminder struct {
	Key string
	At  time.Time
}

// Due gives at most n of the reminders whose instant has come, the oldest first. Each is given to one caller, and after a minute to the next
// one, until it is Done.
func (c *Cursor) Due(ctx context.Context, now time.Time, n int) ([]Reminder, error) {
	due, err := c.store.rdb.ZRangeByScoreWithScores(ctx, remindKey(c.connector), &redis.ZRangeBy{
		Min: "-inf", Max: strconv.FormatInt(now.UnixMilli(), 10), Count: int64(n),
	}).Result()
	if err != nil {
		return nil, fmt.Errorf("list reminders of %s: %w", c.connector, Cause(err))
	}
	var mine []Reminder
	for _, z := range due {
		key, _ := z.Member.(string)
		first, err := c.Once(ctx, takenKey(key), remindAgain)
		if err != nil {
			return mine, err
		}
		if first {
			mine = append(mine, Reminder{key, time.UnixMilli(int64(z.Score)).UTC()})
		}
	}
	return mine, nil
}

// takenKey is that of what somebody has taken up.
func takenKey(reminder string) string { return "remind:" + reminder }

// Regain lets reminders be given again at once that somebody took up: for a process that knows that it is alone.
func (c *Cursor) Regain(ctx context.Context) error {
	return c.eachReminder(ctx, "*", func(key string) error {
		return c.store.rdb.Del(ctx, seenKey(c.connector, takenKey(key))).Err()
	})
}

// DropReminders ends all reminders whose key begins with prefix, which has letters and digits only. Doing it again is harmless.
func (c *Cursor) DropReminders(ctx context.Context, prefix string) error {
	return c.eachReminder(ctx, prefix+"*", func(key string) error { return c.Done(ctx, key) })
}

func (c *Cursor) eachReminder(ctx context.Context, match string, f func(key string) error) error {
	it := c.store.rdb.ZScan(ctx, remindKey(c.connector), 0, match, 200).Iterator()
	for score := false; it.Next(ctx); score = !score {
		if score {
			continue
		}
		if err := f(it.Val()); err != nil {
			return fmt.Errorf("go through reminders of %s: %w", c.connector, Cause(err))
		}
	}
	if err := it.Err(); err != nil {
		return fmt.Errorf("go through reminders of %s: %w", c.connector, Cause(err))
	}
	return nil
}

// Reminders tells how many there are, due and not.
func (c *Cursor) Reminders(ctx context.Context) (int64, error) {
	n, err := c.store.rdb.ZCard(ctx, remindKey(c.connector)).Result()
	if err != nil {
		return 0, fmt.Errorf("count reminders of %s: %w", c.connector, Cause(err))
	}
	return n, nil
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
