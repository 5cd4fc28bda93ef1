package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/message"
	"loket/internal/store"
)

// ErrNone says that no such message is in quarantine.
var ErrNone = errors.New("no such message in quarantine")

// Quarantined is a message that could not be brought into a task, kept until somebody decides.
type Quarantined struct {
	ID       string
	Error    string
	Attempts int
	Since    time.Time
	Message  *message.Message // nil when it cannot even be read
	Body     string           // what the journal holds, when it cannot be read
}

// reason is why a message is in quarantine, as it is stored.
type reason struct {
	Error    string    `json:"error"`
	Attempts int       `json:"attempts,omitempty"`
	Since    time.Time `json:"since"`
}

func (r reason) encode() string {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // a string, a number and a time
	}
	return string(b)
}

// quarantine puts a message of the journal into quarantine, unless another has brought it to its end meanwhile.
func (in *Intake) quarantine(ctx context.Context, id string, why reason) error {
	p := partitionOf(id)
	_, body, err := in.store.Load(ctx, store.Field{Key: p.bodies(), Name: id})
	if err != nil || body[0] == "" {
		return err
	}
	var tx store.Tx
	tx.IfField(p.bodies(), id, body[0])
	tx.SetField(p.quarantine(), id, why.encode())
	tx.ZRem(p.next(), id)
	tx.DelField(p.attempts(), id)
	_, err = in.store.Commit(ctx, &tx)
	return err
}

// Quarantine lists what is in quarantine, oldest first. The cursor continues the list; "" begins it and ends it.
func (in *Intake) Quarantine(ctx context.Context, limit int, cursor string) ([]Quarantined, string, error) {
	var all []Quarantined
	for p := range partition(partitions) {
		raw, err := in.store.Redis().HGetAll(ctx, p.quarantine()).Result()
		if err != nil {
			return nil, "", fmt.Errorf("list quarantine: %w", store.Cause(err))
		}
		for _, id := range slices.Sorted(maps.Keys(raw)) {
			all = append(all, quarantined(id, raw[id]))
		}
	}
	slices.SortFunc(all, func(a, b Quarantined) int {
		return cmp.Or(a.Since.Compare(b.Since), strings.Compare(a.ID, b.ID))
	})
	if cursor != "" {
		at := slices.IndexFunc(all, func(q Quarantined) bool { return q.mark() > cursor })
		if at < 0 {
			return nil, "", nil
		}
		all = all[at:]
	}
	next := ""
	if len(all) > limit {
		all = all[:limit]
		next = all[limit-1].mark()
	}
	for i := range all {
		if err := in.readBody(ctx, &all[i]); err != nil {
			return nil, "", err
		}
	}
	return all, next, nil
}

// Quarantined gives one, or ErrNone.
func (in *Intake) Quarantined(ctx context.Context, id string) (*Quarantined, error) {
	raw, err := in.store.Redis().HGet(ctx, partitionOf(id).quarantine(), id).Result()
	if errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("message %s: %w", id, ErrNone)
	}
	if err != nil {
		return nil, fmt.Errorf("read quarantine: %w", store.Cause(err))
	}
	q := quarantined(id, raw)
	return &q, in.readBody(ctx, &q)
}

// mark sorts as the list does.
func (q Quarantined) mark() string { return fmt.Sprintf("%015d.%s", q.Since.UnixMilli(), q.ID) }

func quarantined(id, raw string) Quarantined {
	var r reason
	if err := json.Unmarshal([]byte(raw), &r); err != nil {
		r.Error = "why it is here cannot be read: " + err.Error()
	}
	return Quarantined{ID: id, Error: r.Error, Attempts: r.Attempts, Since: r.Since.Truncate(time.Millisecond)}
}

func (in *Intake) readBody(ctx context.Context, q *Quarantined) error {
	body, err := in.store.Redis().HGet(ctx, partitionOf(q.ID).bodies(), q.ID).Result()
	if errors.Is(err, redis.Nil) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read quarantine: %w", store.Cause(err))
	}
	var m message.Message
	if json.Unmarshal([]byte(body), &m) != nil {
		q.Body = body
		return nil
	}
	q.Message = &m
	return nil
}

// Retry sends a message out of quarantine on its walk again; the next sweep takes it up. ErrNone when it is not there.
func (in *Intake) Retry(ctx context.Context, id string) error {
	return in.leave(ctx, id, func(tx *store.Tx, p partition, now time.Time) {
		tx.ZAdd(p.next(), now.UnixMilli(), id)
		// It is taken up on somebody's word: its age no longer keeps it.
		tx.ZAdd(p.seen(), now.UnixMilli(), id)
	})
}

// Drop deletes a message in quarantine for good. ErrNone when it is not there.
func (in *Intake) Drop(ctx context.Context, id string) error {
	err := in.leave(ctx, id, func(tx *store.Tx, p partition, _ time.Time) { tx.DelField(p.bodies(), id) })
	if err == nil && in.keepSpool {
		err = in.spool.Remove(id)
	}
	return err
}

// maxPassing is how much of each partition waits in quarantine to go by itself, some two thousand in all: whoever sends
// without end what is set aside fills no store with it.
const maxPassing = 32

// Passed lists what is to go from quarantine by itself by now, and of what waits there to go the oldest beyond maxPassing; at
// most limit of each partition.
func (in *Intake) Passed(ctx context.Context, limit int64) ([]string, error) {
	now, _, err := in.store.Load(ctx)
	if err != nil {
		return nil, err
	}
	over := &redis.ZRangeBy{Min: "-inf", Max: strconv.FormatInt(now.UnixMilli(), 10), Count: limit}
	var passed, beyond [partitions]*redis.StringSliceCmd
	pipe := in.store.Redis().Pipeline()
	for p := range partition(partitions) {
		passed[p], beyond[p] = pipe.ZRangeByScore(ctx, p.passing(), over), pipe.ZRange(ctx, p.passing(), 0, -maxPassing-1)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("list what goes from quarantine: %w", store.Cause(err))
	}
	var all []string
	for p := range passed {
		ids := passed[p].Val() // both begin with the oldest
		if more := beyond[p].Val(); len(more) > len(ids) {
			ids = more[:min(int64(len(more)), limit)]
		}
		all = append(all, ids...)
	}
	return all, nil
}

func (in *Intake) leave(ctx context.Context, id string, do func(*store.Tx, partition, time.Time)) error {
	p := partitionOf(id)
	now, have, err := in.store.Load(ctx, store.Field{Key: p.quarantine(), Name: id})
	if err != nil {
		return err
	}
	if have[0] == "" {
		return fmt.Errorf("message %s: %w", id, ErrNone)
	}
	var tx store.Tx
	tx.IfField(p.quarantine(), id, have[0])
	tx.DelField(p.quarantine(), id)
	tx.ZRem(p.passing(), id)
	do(&tx, p, now)
	done, err := in.store.Commit(ctx, &tx)
	if err == nil && !done {
		return fmt.Errorf("message %s: %w", id, ErrNone)
	}
	return err
}
