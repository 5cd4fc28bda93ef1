package store

import (
	"context"
	_ "embed"
	"fmt"
	"time"
)

//go:embed scripts/commit.lua
var commitSource string

//go:embed scripts/load.lua
var loadSource string

var (
	commitScript = NewScript("commit", commitSource)
	loadScript   = NewScript("load", loadSource)
)

// A Field is one field of a hash.
type Field struct{ Key, Name string }

// Load reads hash fields that share one tag, at one instant of the server's clock. An absent field is "".
func (s *Store) Load(ctx context.Context, fields ...Field) (time.Time, []string, error) {
	keys := make([]string, len(fields))
	args := make([]any, len(fields))
	for i, f := range fields {
		keys[i], args[i] = f.Key, f.Name
	}
	v, err := s.Run(ctx, loadScript, keys, args...)
	if err != nil {
		return time.Time{}, nil, err
	}
	list, ok := v.([]any)
	if !ok || len(list) != len(fields)+1 {
		return time.Time{}, nil, fmt.Errorf("load: unexpected answer %T", v)
	}
	ms, _ := list[0].(int64)
	values := make([]string, len(fields))
	for i := range values {
		values[i], _ = list[i+1].(string)
	}
	return time.UnixMilli(ms).UTC(), values, nil
}

// A Tx is a change to several keys of one tag that happens whole, and only if what it was computed from
// still stands. Build it with the methods, then Commit it.
type Tx struct {
	keys   []string
	at     map[string]int
	checks []any
	ops    []any
	nCheck int
	nOp    int
	first  string // kind of the first operation
	grows  bool   // something is written that was not there
	room   bool
}

// MakeRoom has the change made although the store's memory is full: it gives memory back in the end, or nothing that gives
// some back could go on without it. Every other change that writes something is refused then, and so is this one by a store
// that cannot write at all.
func (t *Tx) MakeRoom() { t.room = true }

// IfField demands that the hash field is want; "" means that it is absent.
func (t *Tx) IfField(key, field, want string) { t.check("F", key, field, want) }

// IfString demands that the string is want; "" means that it is absent.
func (t *Tx) IfString(key, want string) { t.check("S", key, want) }

// IfPrefix demands that the string is there and begins with prefix, which is not empty.
func (t *Tx) IfPrefix(key, prefix string) { t.check("P", key, prefix) }

// IfNoMember demands that the sorted set does not have the member.
func (t *Tx) IfNoMember(key, member string) { t.check("M", key, member) }

// SetField sets a field of a hash.
func (t *Tx) SetField(key, field, value string) { t.op("F", key, field, value) }

// DelField removes a field of a hash.
func (t *Tx) DelField(key, field string) { t.op("f", key, field) }

// Set sets a string.
func (t *Tx) Set(key, value string) { t.op("S", key, value) }

// Del removes a key.
func (t *Tx) Del(key string) { t.op("s", key) }

// ZAdd puts a member into a sorted set, or moves it to another score.
func (t *Tx) ZAdd(key string, score int64, member string) { t.op("Z", key, score, member) }

// ZRem removes a member of a sorted set.
func (t *Tx) ZRem(key, member string) { t.op("z", key, member) }

// XAdd appends an event to a stream.
func (t *Tx) XAdd(key, event string) { t.op("X", key, event) }

// Append puts a value at the end of a list.
func (t *Tx) Append(key, value string) { t.op("L", key, value) }

// Replace puts another value in the place of one in a list, wherever it stands; without one it does nothing.
func (t *Tx) Replace(key, was, now string) { t.op("R", key, was, now) }

// Count adds n to a counter, which is forgotten when nobody counted for so long. It is for figures that may be a
// little off: a change that is done again after a lost answer, and has no check that fails then, counts again.
func (t *Tx) Count(key string, n int64, keep time.Duration) { t.op("I", key, n, keep.Milliseconds()) }

// CountField adds n to a field of a hash. What is said of Count goes for it too.
func (t *Tx) CountField(key, field string, n int64) { t.op("H", key, field, n) }

func (t *Tx) check(kind, key string, args ...any) {
	t.checks = append(append(t.checks, kind, t.key(key)), args...)
	t.nCheck++
}

func (t *Tx) op(kind, key string, args ...any) {
	if t.nOp == 0 {
		t.first = kind
	}
	t.grows = t.grows || !frees(kind)
	t.ops = append(append(t.ops, kind, t.key(key)), args...)
	t.nOp++
}

func (t *Tx) key(key string) int {
	if t.at == nil {
		t.at = map[string]int{}
	}
	if i, ok := t.at[key]; ok {
		return i
	}
	t.keys = append(t.keys, key)
	t.at[key] = len(t.keys)
	return len(t.keys)
}

// frees tells whether an operation is of those that a store does whose memory is full.
func frees(kind string) bool { return kind == "f" || kind == "z" || kind == "s" }

// opening is what comes before the operations. With the memory full, Redis lets the first write of a script decide about
// all of it.
func (t *Tx) opening() string {
	switch {
	case t.grows && t.room && !frees(t.first):
		return "free"
	case t.grows && !t.room && frees(t.first):
		return "grow"
	}
	return ""
}

// Commit does all of tx, or nothing and answers false because a check failed. After an error it may have
// been done: load again and look.
func (s *Store) Commit(ctx context.Context, tx *Tx) (bool, error) {
	args := make([]any, 0, len(tx.checks)+len(tx.ops)+3)
	args = append(append(args, tx.nCheck), tx.checks...)
	args = append(append(args, tx.opening(), tx.nOp), tx.ops...)
	v, err := s.Run(ctx, commitScript, tx.keys, args...)
	if err != nil {
		return false, err
	}
	n, _ := v.(int64)
	return n == 1, nil
}
