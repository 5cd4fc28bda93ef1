package storetest

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// A Refusal is a way in which a server that answers refuses to write.
type Refusal struct {
	Name  string
	begin func(tb testing.TB, rdb redis.UniversalClient)
	end   func(tb testing.TB, rdb redis.UniversalClient)
}

// Refusals are all the ways there are. The server must be one that Start started.
func Refusals() []Refusal {
	return []Refusal{
		Full(),
		{"read-only replica", do("REPLICAOF", "127.0.0.1", "1"), do("REPLICAOF", "NO", "ONE")},
		{"too few replicas", config("min-replicas-to-write", "1"), config("min-replicas-to-write", "0")},
		{"cannot persist", failSave, endFailSave},
	}
}

// Full is a server whose memory is full: it refuses what may need more, and does what gives some back.
func Full() Refusal {
	return Refusal{"memory full", config("maxmemory", "1"), config("maxmemory", "0")}
}

// Begin has the server refuse to write, until End or the end of the test.
func (r Refusal) Begin(tb testing.TB, rdb redis.UniversalClient) {
	tb.Helper()
	r.begin(tb, rdb)
}

// End has the server write again.
func (r Refusal) End(tb testing.TB, rdb redis.UniversalClient) {
	tb.Helper()
	r.end(tb, rdb)
}

func do(args ...any) func(testing.TB, redis.UniversalClient) {
	return func(tb testing.TB, rdb redis.UniversalClient) {
		tb.Helper()
		if err := rdb.Do(context.Background(), args...).Err(); err != nil {
			tb.Fatalf("%v: %v", args, err)
		}
	}
}

func config(key, value string) func(testing.TB, redis.UniversalClient) {
	return do("CONFIG", "SET", key, value)
}

// failSave puts a directory where the server would write its snapshot.
func failSave(tb testing.TB, rdb redis.UniversalClient) {
	tb.Helper()
	if err := os.MkdirAll(snapshot(tb, rdb), 0o700); err != nil {
		tb.Fatal(err)
	}
	config("save", "3600 1")(tb, rdb)
	saved(tb, rdb, "err")
}

func endFailSave(tb testing.TB, rdb redis.UniversalClient) {
	tb.Helper()
	if err := os.RemoveAll(snapshot(tb, rdb)); err != nil {
		tb.Fatal(err)
	}
	saved(tb, rdb, "ok")
	config("save", "")(tb, rdb)
}

func snapshot(tb testing.TB, rdb redis.UniversalClient) string {
	tb.Helper()
	dir, err := rdb.ConfigGet(context.Background(), "dir").Result()
	if err != nil {
		tb.Fatal(err)
	}
	return filepath.Join(dir["dir"], "dump.rdb")
}

// saved has the server write a snapshot and waits until it says how that ended.
func saved(tb testing.TB, rdb redis.UniversalClient, want string) {
	tb.Helper()
	ctx := context.Background()
	_ = rdb.BgSave(ctx).Err() // one that runs already will do
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		got, err := rdb.InfoMap(ctx, "persistence").Result()
		if err == nil && got["Persistence"]["rdb_bgsave_in_progress"] == "0" {
			if got["Persistence"]["rdb_last_bgsave_status"] == want {
				return
			}
			_ = rdb.BgSave(ctx).Err()
		}
		if time.Now().After(deadline) {
			tb.Fatalf("the snapshot does not end with %s: %v %v", want, got["Persistence"], err)
		}
	}
}

// Dump is all that a server holds, by key, exactly: to see that nothing changed.
func Dump(tb testing.TB, rdb redis.UniversalClient) map[string]string {
	tb.Helper()
	ctx, all := tb.Context(), map[string]string{}
	keys, err := rdb.Keys(ctx, "*").Result()
	if err != nil {
		tb.Fatal(err)
	}
	for _, key := range keys {
		if all[key], err = rdb.Dump(ctx, key).Result(); err != nil {
			tb.Fatalf("dump %s: %v", key, err)
		}
	}
	return all
}
