package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/field"
	"loket/internal/store"
)

func sentField(task string) string { return "sent:" + task }

// readUnfinished gives what a person is writing in a task, empty for nothing, and how it and the key that was sent last are kept.
func (d *Desk) readUnfinished(ctx context.Context, task, agent string) (u Unfinished, kept, sent string, err error) {
	key := unfinishedKey(agent)
	_, values, err := d.store.Load(ctx, store.Field{Key: key, Name: task}, store.Field{Key: key, Name: sentField(task)})
	if err == nil && values[0] != "" {
		err = json.Unmarshal([]byte(values[0]), &u)
	}
	if err != nil {
		return Unfinished{}, "", "", fmt.Errorf("read unfinished answer: %w", err)
	}
	return u, values[0], values[1], nil
}

// changeUnfinished changes what a person is writing in a task, and the key of what they sent last; it gives what is kept then. do tells
// whether there is a change, and may be called several times.
func (d *Desk) changeUnfinished(ctx context.Context, task, agent string, do func(u *Unfinished, sent *string) bool) (Unfinished, error) {
	const tries = 20
	for range tries {
		u, kept, sent, err := d.readUnfinished(ctx, task, agent)
		if err != nil {
			return Unfinished{}, err
		}
		was, now := u, sent
		if !do(&u, &now) || kept == "" && u.empty() && now == sent {
			return was, nil
		}
		u.Rev, u.At = was.Rev+1, d.now().UTC()
		var tx store.Tx
		tx.IfField(unfinishedKey(agent), task, kept)
		tx.IfField(unfinishedKey(agent), sentField(task), sent)
		d.putUnfinished(&tx, task, agent, &u)
		if now != sent {
			tx.SetField(unfinishedKey(agent), sentField(task), now)
		}
		if done, err := d.store.Commit(ctx, &tx); err != nil || done {
			return u, err
		}
	}
	return Unfinished{}, fmt.Errorf("save unfinished answer: %w", ErrBusy)
}

func (d *Desk) roomForUnfinished(ctx context.Context, agent string) error {
	n, err := d.store.Redis().HLen(ctx, unfinishedKey(agent)).Result()
	switch {
	case err != nil:
		return fmt.Errorf("count unfinished answers: %w", store.Cause(err))
	case n >= 2*maxUnfinished: // each may stand there with what was sent last
		return field.Errorf("", "cannot be kept: you have %d unfinished answers; send some, or empty their boxes", maxUnfinished)
	}
	return nil
}

// putUnfinished adds to tx that u is what a person is writing in a task.
func (d *Desk) putUnfinished(tx *store.Tx, task, agent string, u *Unfinished) {
	lasts := UnfinishedLasts
	if u.empty() {
		lasts = sentLasts
	}
	tx.ZAdd(unfinishedEndKey, u.At.Add(lasts).UnixMilli(), unfinishedMember(task, agent))
	if u.empty() {
		tx.DelField(unfinishedKey(agent), task)
		return
	}
	b, err := json.Marshal(u)
	if err != nil {
		panic(err) // strings, a number and a time
	}
	tx.SetField(unfinishedKey(agent), task, string(b))
}

func unfinishedMember(task, agent string) string { return task + " " + agent }

// DropOldUnfinished drops what nobody changed for UnfinishedLasts, and tells how much. Any process may do it at any time.
func (d *Desk) DropOldUnfinished(ctx context.Context) (int, error) {
	now := d.now()
	old, err := d.store.Redis().ZRangeArgs(ctx, redis.ZRangeArgs{Key: unfinishedEndKey, ByScore: true, Start: "-inf", Stop: strconv.FormatInt(now.UnixMilli(), 10), Count: 1000}).Result()
	if err != nil {
		return 0, fmt.Errorf("look for old unfinished answers: %w", store.Cause(err))
	}
	return len(old), d.dropUnfinished(ctx, old, now.Add(-UnfinishedLasts))
}

// unfinishedOf gives who writes in a task, as members.
func (d *Desk) unfinishedOf(ctx context.Context, task string) ([]string, error) {
	var found []string
	for cursor := uint64(0); ; {
		page, next, err := d.store.Redis().ZScan(ctx, unfinishedEndKey, cursor, unfinishedMember(task, "*"), 1000).Result()
		if err != nil {
			return nil, fmt.Errorf("look for unfinished answers: %w", store.Cause(err))
		}
		for i := 0; i < len(page); i += 2 { // each with its score
			found = append(found, page[i])
		}
		if cursor = next; cursor == 0 {
			return slices.Compact(slices.Sorted(slices.Values(found))), nil
		}
	}
}

// dropUnfinished drops those that nobody changed after an instant, and what is known of answers that were sent.
func (d *Desk) dropUnfinished(ctx context.Context, members []string, before time.Time) error {
	for _, m := range members {
		task, agent, _ := strings.Cut(m, " ")
		u, kept, sent, err := d.readUnfinished(ctx, task, agent)
		if err != nil {
			return err
		}
		if !u.empty() && u.At.After(before) {
			continue
		}
		var tx store.Tx
		tx.IfField(unfinishedKey(agent), task, kept)
		tx.IfField(unfinishedKey(agent), sentField(task), sent)
		tx.DelField(unfinishedKey(agent), task)
		tx.DelField(unfinishedKey(agent), sentField(task))
		tx.ZRem(unfinishedEndKey, m)
		done, err := d.store.Commit(ctx, &tx)
		if err != nil {
			return fmt.Errorf("drop unfinished answer: %w", err)
		}
		if done {
			d.dropStaged(ctx, task, agent, u.Files)
		}
	}
	return nil
}

// ForgetUnfinished drops what anybody is writing in a task, and tells whether that was anything. Doing it again is harmless.
func (d *Desk) ForgetUnfinished(ctx context.Context, task string) (bool, error) {
	members, err := d.unfinishedOf(ctx, task)
	if err != nil {
		return false, err
	}
	return len(members) > 0, d.dropUnfinished(ctx, members, d.now())
}

// A Writing is what somebody is writing in a task.
type Writing struct {
	Agent string
	Unfinished
}

// UnfinishedByAll gives what anybody is writing in a task, by name: for an export of all there is about a customer.
func (d *Desk) UnfinishedByAll(ctx context.Context, task string) ([]Writing, error) {
	members, err := d.unfinishedOf(ctx, task)
	if err != nil {
		return nil, err
	}
	var all []Writing
	for _, m := range members {
		_, agent, _ := strings.Cut(m, " ")
		u, _, _, err := d.readUnfinished(ctx, task, agent)
		if err != nil {
			return nil, err
		}
		if !u.empty() {
			all = append(all, Writing{agent, u})
		}
	}
	slices.SortFunc(all, func(a, b Writing) int { return cmp.Compare(a.Agent, b.Agent) })
	return all, nil
}
