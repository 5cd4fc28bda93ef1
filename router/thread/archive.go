package thread

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/redis/go-redis/v9"

	"loket/internal/archive"
	"loket/internal/store"
)

//go:embed scripts/archive.lua
var archiveSource string

//go:embed scripts/restore.lua
var restoreSource string

//go:embed scripts/order.lua
var orderSource string

//go:embed scripts/older.lua
var olderSource string

var (
	archiveScript = store.NewScript("archive", archiveSource)
	restoreScript = store.NewScript("restore", restoreSource)
	orderScript   = store.NewScript("order", orderSource)
	olderScript   = store.NewScript("older", olderSource)
)

// archiveKind is what threads are called in the archive.
const archiveKind = "thread"

// archived is a thread as the archive keeps it: its hash as it stood, and its order. In a live thread what the store has
// counts; the two are joined when both are there.
type archived struct {
	Fields map[string]string `json:"fields"`
	Order  []Position        `json:"order"`
}

// Kept says why a thread stays in the store, or that it does not.
type Kept int

// What Archive can answer.
const (
	KeptNot   Kept = iota // it is in the archive, or nowhere
	KeptYoung             // something was said since
	KeptInUse             // a task of it is not over
)

// Archive moves a thread in which nothing was said since before to the archive, if settled says of all its tasks that
// they are over. It reads as it did. Doing it again is harmless; so is dying on the way: the store lets go of the thread
// when the document is on the disk and only if nothing changed meanwhile.
func (t *Threads) Archive(ctx context.Context, id string, before time.Time, settled func(context.Context, []string) (bool, error)) (Kept, error) {
	unlock, err := t.archive.Lock(ctx, archiveKind, id)
	if err != nil {
		return KeptInUse, err
	}
	defer unlock()
	a, err := t.copyOf(ctx, id)
	if err != nil {
		return KeptInUse, fmt.Errorf("archive thread %s: %w", id, err)
	}
	if a.Fields["head"] == "" {
		return KeptNot, nil
	}
	if n := len(a.Order); n > 0 && a.Order[n-1].At >= before.UnixMilli() {
		return KeptYoung, nil
	}
	if over, err := settled(ctx, a.tasks()); !over || err != nil {
		return KeptInUse, err
	}
	if err := t.archive.Put(ctx, archiveKind, id, a); err != nil {
		return KeptInUse, err
	}
	t.step("archive-thread-written")
	went, err := t.store.Run(ctx, archiveScript, []string{threadKey(id), orderKey(id)}, len(a.Fields), len(a.Order), a.Fields["task"])
	if err != nil {
		return KeptInUse, fmt.Errorf("archive thread %s: %w", id, err)
	}
	switch went {
	case int64(0): // the store has all that the document has, and something newer
		return KeptYoung, t.archive.Delete(ctx, archiveKind, id)
	case int64(-1): // somebody is being forgotten, who looks here again
		return KeptYoung, nil
	}
	t.step("archive-thread-gone")
	return KeptNot, nil
}

// Restore brings an archived thread back into the store, to be written in again, and tells whether it was archived. What
// is in the store already stays. The document stays too, until the thread is archived again: a store may lose its last
// second with the power, and nobody reads it while the store has the thread.
func (t *Threads) Restore(ctx context.Context, id string) (bool, error) {
	return t.restore(ctx, id, false)
}

// restore is Restore; with drop the document goes when all of it is in the store.
func (t *Threads) restore(ctx context.Context, id string, drop bool) (bool, error) {
	if t.archive == nil {
		return false, nil
	}
	unlock, err := t.archive.Lock(ctx, archiveKind, id)
	if err != nil {
		return false, err
	}
	defer unlock()
	a, err := t.fromArchive(ctx, id)
	if a == nil || err != nil {
		return false, err
	}
	const atOnce = 400 // fields, so that nobody waits for a long thread; head and task come last
	names := slices.DeleteFunc(a.names(), func(n string) bool { return n == "head" || n == "task" || n == "record" })
	at := map[string]int64{}
	for _, p := range a.Order {
		at[p.ID] = p.At
	}
	for some := range slices.Chunk(append(names, "record", "task", "head"), atOnce) {
		var args []any
		for _, n := range some {
			v, ok := a.Fields[n]
			if !ok {
				continue
			}
			when := any("")
			if ms, ordered := at[n]; ordered {
				when = ms
			}
			args = append(args, n, v, when)
		}
		if _, err := t.store.Run(ctx, restoreScript, []string{threadKey(id), orderKey(id)}, args...); err != nil {
			return false, fmt.Errorf("restore thread %s: %w", id, err)
		}
	}
	t.step("restore-thread-back")
	if !drop {
		return true, nil
	}
	return true, t.archive.Delete(ctx, archiveKind, id)
}

// fromArchive gives an archived thread, nil when there is none.
func (t *Threads) fromArchive(ctx context.Context, id string) (*archived, error) {
	var a archived
	err := t.archive.Get(ctx, archiveKind, id, &a)
	if errors.Is(err, archive.ErrNone) {
		return nil, nil
	}
	return &a, err
}

// order gives ids of messages of a thread by their positions, as ZRANGE counts them, and the thread itself when it is
// archived.
func (t *Threads) order(ctx context.Context, id string, from, to int64) (ids []string, a *archived, err error) {
	return t.list(ctx, id, func(a *archived) []string { return a.ids(from, to) }, orderScript, from, to)
}

// older gives ids of the newest messages of a thread before a position likewise.
func (t *Threads) older(ctx context.Context, id string, before Position, most int) (ids []string, a *archived, err error) {
	at := ""
	if !before.IsZero() {
		at = strconv.FormatInt(before.At, 10)
	}
	return t.list(ctx, id, func(a *archived) []string { return a.older(before, most) }, olderScript, at, before.ID, most)
}

// list gives ids of messages of a thread by a script, and when it is archived those that from finds in it, and the thread itself:
// the store first, then the archive, then again, for one that comes back in between.
func (t *Threads) list(ctx context.Context, id string, from func(*archived) []string, script *store.Script, args ...any) (ids []string, a *archived, err error) {
	for range 3 {
		v, err := t.store.Run(ctx, script, []string{threadKey(id), orderKey(id)}, args...)
		if err != nil {
			return nil, nil, err
		}
		answer := v.([]any)
		list := texts(answer[1])
		if answer[0] == int64(1) || t.archive == nil {
			return list, nil, nil
		}
		if a, err = t.fromArchive(ctx, id); err != nil {
			return nil, nil, err
		}
		if a != nil {
			return from(a), a, nil
		}
		ids = list // of a thread that was forgotten while an answer was on its way there
	}
	return ids, nil, nil
}

// texts are those of a list as a script gives it.
func texts(list any) []string {
	var out []string
	for _, v := range list.([]any) {
		out = append(out, v.(string))
	}
	return out
}

// copyOf reads all of a thread from the store, a part at a time. What changes meanwhile shows when it is let go.
func (t *Threads) copyOf(ctx context.Context, id string) (*archived, error) {
	rdb := t.store.Redis()
	a := &archived{Fields: map[string]string{}}
	it := rdb.HScan(ctx, threadKey(id), 0, "", 200).Iterator()
	for it.Next(ctx) {
		name := it.Val()
		if !it.Next(ctx) {
			break
		}
		a.Fields[name] = it.Val()
		if !utf8.ValidString(name) || !utf8.ValidString(it.Val()) {
			return nil, errors.New("it holds what is no text")
		}
	}
	if err := it.Err(); err != nil {
		return nil, store.Cause(err)
	}
	order, err := rdb.ZRangeWithScores(ctx, orderKey(id), 0, -1).Result()
	if err != nil {
		return nil, store.Cause(err)
	}
	for _, z := range order {
		m, _ := z.Member.(string)
		a.Order = append(a.Order, Position{m, int64(z.Score)})
	}
	return a, nil
}

// names are the fields in order.
func (a *archived) names() []string {
	names := make([]string, 0, len(a.Fields))
	for n := range a.Fields {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// tasks are those that the thread belongs to, or did.
func (a *archived) tasks() []string {
	all := []string{a.Fields["task"]}
	for _, p := range a.Order {
		task, _, _ := strings.Cut(a.Fields[p.ID], "\n")
		all = append(all, task)
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(s string) bool { return s == "" })
}

// ids are the messages in the order they came, by their positions, as ZRANGE counts them.
func (a *archived) ids(from, to int64) []string {
	n := int64(len(a.Order))
	if from < 0 {
		from = max(0, n+from)
	}
	if to < 0 {
		to = n + to
	}
	var ids []string
	for i := from; i <= to && i < n; i++ {
		ids = append(ids, a.Order[i].ID)
	}
	return ids
}

// older are the newest messages before a position, at most so many, the oldest first.
func (a *archived) older(before Position, most int) []string {
	end := len(a.Order)
	for !before.IsZero() && end > 0 && a.Order[end-1].Compare(before) >= 0 {
		end--
	}
	var ids []string
	for _, p := range a.Order[max(0, end-most):end] {
		ids = append(ids, p.ID)
	}
	return ids
}

func (a *archived) entries(ids []string) ([]Entry, error) {
	entries := make([]Entry, 0, len(ids))
	for _, id := range ids {
		e, err := decodeEntry(a.Fields[id])
		if err != nil {
			return nil, fmt.Errorf("message %s: %w", id, err)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// fields reads fields of a thread wherever it is: the store first, then the archive, then the store again, for one that
// was brought back in between.
func (t *Threads) fields(ctx context.Context, id string, names ...string) (values []string, err error) {
	values = make([]string, len(names))
	for range 3 {
		v, err := t.store.Redis().HMGet(ctx, threadKey(id), append([]string{"head"}, names...)...).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return nil, store.Cause(err)
		}
		if len(v) > 0 && v[0] != nil || t.archive == nil {
			for i := range names {
				values[i], _ = v[i+1].(string)
			}
			return values, nil
		}
		a, err := t.fromArchive(ctx, id)
		if err != nil {
			return nil, err
		}
		if a != nil {
			for i, n := range names {
				values[i] = a.Fields[n]
			}
			return values, nil
		}
	}
	return values, nil
}
