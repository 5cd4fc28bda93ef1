package store_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"loket/internal/store"
	"loket/internal/store/storetest"
)

// What a script is to a store whose memory is full.
const (
	reads = "reads" // it changes nothing
	grows = "grows" // it is refused, and then nothing is changed
	frees = "frees" // it is done
)

// A scripted is one call of a script of the project that writes all that the script may write, and what was there before.
type scripted struct {
	does   string
	before [][]any
	keys   []string
	args   []any
}

const card = `{"id":"T1","number":7,"state":"queued","team":"support","queued_at":5,"tags":["a"]}`

// scripts has a row for every script of the project; a script without one fails.
var scripts = map[string][]scripted{
	"identity/scripts/note.lua": {{
		does: grows, before: [][]any{{"SET", "i", "x"}, {"HSET", "h", "a:b", "1", "n", "1"}},
		keys: []string{"i", "h"}, args: []any{1, "n", "2 name", 1, "r", "3 "},
	}, {
		does: frees, before: [][]any{{"SET", "i", "x"}, {"HSET", "h", "a:b", "1", "r", "3 "}},
		keys: []string{"i", "h"}, args: []any{1, "r", "2 "},
	}},
	"identity/scripts/read.lua":       {{does: reads, before: [][]any{{"SET", "a", "1"}}, keys: []string{"a", "b"}}},
	"internal/store/scripts/look.lua": {{does: grows, keys: []string{"a"}}},
	"internal/store/scripts/load.lua": {{does: reads, before: [][]any{{"HSET", "a", "f", "1"}}, keys: []string{"a"}, args: []any{"f"}}},
	"internal/store/scripts/commit.lua": {
		{does: grows, keys: []string{"h", "z"}, args: []any{0, "", 2, "F", 1, "f", "v", "Z", 2, 1, "m"}},
		{does: grows, before: [][]any{{"ZADD", "z", 1, "m"}}, keys: []string{"z", "e"}, args: []any{0, "grow", 2, "z", 1, "m", "X", 2, "{}"}},
		{does: grows, keys: []string{"none", "s"}, args: []any{0, "grow", 2, "s", 1, "S", 2, "v"}},
		{does: grows, keys: []string{"n"}, args: []any{0, "", 1, "I", 1, 1, 1000}},
		{does: grows, keys: []string{"h"}, args: []any{0, "", 1, "H", 1, "f", 1}},
		{does: grows, before: [][]any{{"RPUSH", "l", "a"}}, keys: []string{"l"}, args: []any{0, "", 2, "R", 1, "a", "b", "L", 1, "c"}},
		{does: frees, before: [][]any{{"HSET", "h", "f", "v"}}, keys: []string{"h", "e"}, args: []any{0, "free", 2, "F", 1, "f", "w", "X", 2, "{}"}},
		{does: frees, before: [][]any{{"SET", "s", "v"}}, keys: []string{"s", "e"}, args: []any{0, "free", 2, "S", 1, "w", "X", 2, "{}"}},
		{does: frees, before: [][]any{{"HSET", "h", "f", "v"}, {"ZADD", "z", 1, "m"}}, keys: []string{"h", "z"}, args: []any{0, "", 2, "f", 1, "f", "z", 2, "m"}},
	},
	"internal/store/scripts/hold.lua": {
		{does: frees, keys: []string{"l"}, args: []any{"token", 60000}},
		{does: frees, before: [][]any{{"SET", "l", "token"}}, keys: []string{"l"}, args: []any{"token", 60000}},
	},
	"internal/store/scripts/release.lua": {{does: frees, before: [][]any{{"SET", "l", "token"}}, keys: []string{"l"}, args: []any{"token"}}},
	"router/intake/scripts/admit.lua": {
		{does: grows, keys: []string{"x", "b", "n", "z", "u"}, args: []any{"M1", "{}", 1000, "", ""}},
		{does: grows, keys: []string{"x", "b", "n", "z", "u"}, args: []any{"M1", "{}", 1000, "{}", ""}},
		{does: grows, keys: []string{"x", "b", "n", "z", "u"}, args: []any{"M1", "{}", 1000, "{}", 2000}},
	},
	"router/intake/scripts/take.lua": {{
		does: grows, before: [][]any{{"ZADD", "n", 1, "M1"}, {"HSET", "b", "M1", "{}"}, {"ZADD", "x", 1, "M1"}},
		keys: []string{"n", "b", "a", "x"}, args: []any{10, 1000, 1000},
	}},
	"router/intake/scripts/ack.lua": {{
		does: frees, before: [][]any{{"ZADD", "n", 1, "M1"}, {"HSET", "b", "M1", "{}"}, {"HSET", "a", "M1", 2}, {"HSET", "z", "M1", "{}"}},
		keys: []string{"n", "b", "a", "z"}, args: []any{"M1"},
	}},
	"router/queue/scripts/put.lua": {{
		does: grows, keys: []string{"t", "d", "e", "n", "num", "r", "a", "p", "y", "f1", "f2"},
		args: []any{"T1", "M1", `"id":"T1"}`, `"task":"T1"}`, 5, 6, "99999999999999", 1000, "", 9},
	}},
	"router/queue/scripts/claim.lua": {{
		does: grows, before: [][]any{{"HSET", "t", "T1", card}, {"ZADD", "r", 1, "T1"}},
		keys: []string{"t", "l", "h", "e", "q", "r", "own", "p"}, args: []any{"anna", "R1", "lease", 1000, 32},
	}, {
		does: grows, before: [][]any{{"HSET", "t", "T1", card}, {"ZADD", "own", 1, "T1"}, {"ZADD", "p", 1, "T1"}},
		keys: []string{"t", "l", "h", "e", "q", "r", "own", "p"}, args: []any{"anna", "", "lease", 1000, 32},
	}},
	"router/thread/scripts/join.lua": {{
		does: grows, before: [][]any{{"SET", "r1", "~TH a"}},
		keys: []string{"r1", "r2", "r3"}, args: []any{"", "new", 60000, 3, "a b", "M1"},
	}},
	"router/intake/scripts/ids.lua": {{
		does: reads, before: [][]any{{"HSET", "b", "M1", "{}"}, {"ZADD", "n", 1, "M1"}}, keys: []string{"b", "n", "q", "s", "u"},
	}},
	"router/thread/scripts/order.lua": {{
		does: reads, before: [][]any{{"HSET", "t", "head", "{}"}, {"ZADD", "o", 1, "M1"}}, keys: []string{"t", "o"}, args: []any{0, -1},
	}},
	"router/thread/scripts/older.lua": {{
		does: reads, before: [][]any{{"HSET", "t", "head", "{}"}, {"ZADD", "o", 1, "M1"}}, keys: []string{"t", "o"}, args: []any{2, "M2", 10},
	}},
	"router/thread/scripts/bind.lua": {{does: grows, before: [][]any{{"SET", "r1", "~TH a"}}, keys: []string{"r1", "r2"}, args: []any{"TH", 60000}}},
	"router/thread/scripts/place.lua": {{
		does: grows, keys: []string{"t", "o"}, args: []any{"M1", "{}", 5, "T1", "{}", "", "{}", ""},
	}, {
		does: grows, before: [][]any{{"HSET", "t", "head", "{}", "task", "T1", "record", "{}"}},
		keys: []string{"t", "o"}, args: []any{"M2", "{}", 5, "T2", "{}", "T1", "{}", "1"},
	}},
	"router/thread/scripts/restore.lua": {{does: grows, keys: []string{"t", "o"}, args: []any{"head", "{}", "", "M1", "{}", 5}}},
	"router/thread/scripts/archive.lua": {{
		does: frees, before: [][]any{{"HSET", "t", "head", "{}", "task", "T1"}, {"ZADD", "o", 1, "M1"}},
		keys: []string{"t", "o"}, args: []any{2, 1, "T1"},
	}},
	"router/thread/scripts/await.lua":    {{does: grows, keys: []string{"w", "v"}, args: []any{"TH", 1000, 60000, 10}}},
	"router/thread/scripts/remember.lua": {{does: grows, keys: []string{"m", "r", "p"}, args: []any{"{}", "M1", 1000, 60000, 10, 1}}},
	"router/thread/scripts/forget.lua": {{
		does: frees, before: [][]any{{"HSET", "t", "head", "{}", "M1", "a", "M2", "b"}, {"ZADD", "o", 1, "M1", 2, "M2"}},
		keys: []string{"t", "o", "g"}, args: []any{`{"a":1}`, 60000, "M1"},
	}, {
		does: frees, before: [][]any{{"HSET", "t", "head", "{}", "M1", "a"}, {"ZADD", "o", 1, "M1"}},
		keys: []string{"t", "o", "g"}, args: []any{`{"a":1}`, 60000, "M1"},
	}},
}

// TestEveryScriptIsDoneOrLeavesNoTrace runs the scripts of all rooms against a server that refuses to write.
func TestEveryScriptIsDoneOrLeavesNoTrace(t *testing.T) {
	t.Parallel()
	sources := sources(t)
	for path := range scripts {
		if sources[path] == "" {
			t.Errorf("%s is not there", path)
		}
	}
	server := redis.NewClient(&redis.Options{Network: "unix", Addr: storetest.Server(t)})
	t.Cleanup(func() { _ = server.Close() })
	var all []attempt
	for _, path := range slices.Sorted(maps.Keys(sources)) {
		if len(scripts[path]) == 0 {
			t.Errorf("%s has no row: a refused write must be shown to leave nothing", path)
		}
		for i, s := range scripts[path] {
			all = append(all, newAttempt(t, server, path, i, sources[path], s))
		}
	}
	for _, refusal := range storetest.Refusals() {
		before := storetest.Dump(t, server)
		refusal.Begin(t, server)
		for _, a := range all {
			if refusal.Name == storetest.Full().Name && a.does == frees {
				continue
			}
			if err := a.run(t, server); (err != nil) != (a.does != reads) {
				t.Errorf("%s: %s = %v, but it %s", refusal.Name, a.name, err, a.does)
			}
		}
		if diff := cmp.Diff(before, storetest.Dump(t, server)); diff != "" {
			t.Errorf("%s: the store changed (-before +after):\n%s", refusal.Name, diff)
		}
		refusal.End(t, server)
	}
	for _, a := range all {
		if a.does == frees {
			storetest.Full().Begin(t, server)
			if err := a.run(t, server); err != nil {
				t.Errorf("with the memory full: %s = %v, but it %s", a.name, err, a.does)
			}
			storetest.Full().End(t, server)
		} else if err := a.run(t, server); err != nil {
			t.Errorf("%s = %v", a.name, err)
		}
		if changed := !cmp.Equal(a.was, a.now(t, server)); changed != (a.does != reads) {
			t.Errorf("%s: changed the store: %t, but it %s", a.name, changed, a.does)
		}
	}
}

// An attempt is a call of a script on keys of its own.
type attempt struct {
	name, source, does string
	keys               []string
	args               []any
	was                map[string]string
}

func newAttempt(t *testing.T, rdb *redis.Client, path string, n int, source string, s scripted) attempt {
	t.Helper()
	name := path + " " + string(rune('a'+n))
	own := func(key string) string { return "{" + name + "}" + key }
	for _, cmd := range s.before {
		cmd = slices.Clone(cmd)
		cmd[1] = own(cmd[1].(string))
		if err := rdb.Do(t.Context(), cmd...).Err(); err != nil {
			t.Fatalf("%s: %v: %v", name, cmd, err)
		}
	}
	a := attempt{name: name, source: source, does: s.does, args: s.args}
	for _, key := range s.keys {
		a.keys = append(a.keys, own(key))
	}
	a.was = a.now(t, rdb)
	return a
}

func (a attempt) run(t *testing.T, rdb *redis.Client) error {
	t.Helper()
	err := rdb.Eval(t.Context(), a.source, a.keys, a.args...).Err()
	if errors.Is(err, redis.Nil) {
		return nil
	}
	return err
}

// now is what stands under the attempt's keys, how long it lives included.
func (a attempt) now(t *testing.T, rdb *redis.Client) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, key := range a.keys {
		value := rdb.Dump(t.Context(), key).Val()
		if rdb.TTL(t.Context(), key).Val() > 0 {
			value += " for a while"
		}
		all[key] = value
	}
	return all
}

// sources are the scripts of the project by path.
func sources(t *testing.T) map[string]string {
	t.Helper()
	root, found := filepath.Join("..", ".."), map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".lua") {
			return err
		}
		b, err := os.ReadFile(path)
		rel, _ := filepath.Rel(root, path)
		found[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestWhatMakesRoomIsDoneWithTheMemoryFull(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		build func(tx *store.Tx)
		want  bool
	}{
		{"writes first", func(tx *store.Tx) { tx.SetField("{t}h", "f", "2") }, false},
		{"writes last", func(tx *store.Tx) { tx.ZRem("{t}z", "m"); tx.XAdd("{t}e", "{}") }, false},
		{"takes away", func(tx *store.Tx) { tx.ZRem("{t}z", "m"); tx.DelField("{t}h", "f") }, true},
		{"writes first, to make room", func(tx *store.Tx) { tx.SetField("{t}h", "f", "2"); tx.XAdd("{t}e", "{}"); tx.MakeRoom() }, true},
		{"writes last, to make room", func(tx *store.Tx) { tx.MakeRoom(); tx.ZRem("{t}z", "m"); tx.XAdd("{t}e", "{}") }, true},
		{"begins with a string, to make room", func(tx *store.Tx) { tx.Set("{t}s", "2"); tx.XAdd("{t}e", "{}"); tx.MakeRoom() }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := storetest.New(t)
			rdb := s.Redis()
			rdb.HSet(t.Context(), "{t}h", "f", "1")
			rdb.ZAdd(t.Context(), "{t}z", redis.Z{Member: "m"})
			rdb.Set(t.Context(), "{t}s", "1", 0)
			before := storetest.Dump(t, rdb)
			storetest.Full().Begin(t, rdb)
			var tx store.Tx
			tt.build(&tx)
			done, err := s.Commit(t.Context(), &tx)
			if done != tt.want || (err == nil) != tt.want {
				t.Errorf("Commit = %t, %v; want %t", done, err, tt.want)
			}
			if changed := !cmp.Equal(before, storetest.Dump(t, rdb)); changed != tt.want {
				t.Errorf("changed the store: %t, want %t", changed, tt.want)
			}
		})
	}
}
