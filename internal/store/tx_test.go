package store_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/internal/store"
	"loket/internal/store/storetest"
)

func TestCommitChecks(t *testing.T) {
	for _, tt := range []struct {
		name  string
		check func(tx *store.Tx)
		want  bool
	}{
		{"nothing to check", func(*store.Tx) {}, true},
		{"field is", func(tx *store.Tx) { tx.IfField("{t}hash", "f", "1") }, true},
		{"field is another", func(tx *store.Tx) { tx.IfField("{t}hash", "f", "2") }, false},
		{"field absent", func(tx *store.Tx) { tx.IfField("{t}hash", "g", "") }, true},
		{"field not absent", func(tx *store.Tx) { tx.IfField("{t}hash", "f", "") }, false},
		{"string is", func(tx *store.Tx) { tx.IfString("{t}string", "a") }, true},
		{"string is another", func(tx *store.Tx) { tx.IfString("{t}string", "b") }, false},
		{"string absent", func(tx *store.Tx) { tx.IfString("{t}none", "") }, true},
		{"string not absent", func(tx *store.Tx) { tx.IfString("{t}string", "") }, false},
		{"string begins so", func(tx *store.Tx) { tx.IfPrefix("{t}string", "a") }, true},
		{"string begins otherwise", func(tx *store.Tx) { tx.IfPrefix("{t}string", "ab") }, false},
		{"no string begins so", func(tx *store.Tx) { tx.IfPrefix("{t}none", "a") }, false},
		{"no member", func(tx *store.Tx) { tx.IfNoMember("{t}set", "n") }, true},
		{"member", func(tx *store.Tx) { tx.IfNoMember("{t}set", "m") }, false},
		{"one of many fails", func(tx *store.Tx) {
			tx.IfField("{t}hash", "f", "1")
			tx.IfString("{t}string", "a")
			tx.IfNoMember("{t}set", "m")
		}, false},
		{"all of many hold", func(tx *store.Tx) {
			tx.IfNoMember("{t}set", "n")
			tx.IfString("{t}string", "a")
			tx.IfField("{t}hash", "f", "1")
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := storetest.New(t)
			var before store.Tx
			before.SetField("{t}hash", "f", "1")
			before.Set("{t}string", "a")
			before.ZAdd("{t}set", 5, "m")
			commit(t, s, &before, true)

			var tx store.Tx
			tt.check(&tx)
			tx.Set("{t}mark", "done")
			commit(t, s, &tx, tt.want)
			if n := s.Redis().Exists(t.Context(), "{t}mark").Val(); (n == 1) != tt.want {
				t.Errorf("the change was made %d times, want %v", n, tt.want)
			}
		})
	}
}

func TestCommitDoesAllInOrder(t *testing.T) {
	s := storetest.New(t)
	ctx, rdb := t.Context(), s.Redis()
	var tx store.Tx
	tx.SetField("{t}hash", "f", "1")
	tx.SetField("{t}hash", "g", "2")
	tx.DelField("{t}hash", "g")
	tx.Set("{t}string", "a")
	tx.Set("{t}gone", "a")
	tx.Del("{t}gone")
	tx.ZAdd("{t}set", 5, "m")
	tx.ZAdd("{t}set", 1<<52, "n")
	tx.ZAdd("{t}set", 6, "m")
	tx.ZAdd("{t}set", 1, "o")
	tx.ZRem("{t}set", "o")
	tx.XAdd("{t}stream", "happened")
	tx.Append("{t}list", "a")
	tx.Append("{t}list", "b")
	tx.Append("{t}list", "c")
	tx.Replace("{t}list", "b", "d")
	tx.Replace("{t}list", "e", "f")
	tx.Replace("{t}none", "e", "f")
	tx.Count("{t}count", 2, time.Minute)
	tx.Count("{t}count", 3, time.Minute)
	tx.CountField("{t}counts", "a", 4)
	commit(t, s, &tx, true)

	if n, ttl := rdb.Get(ctx, "{t}count").Val(), rdb.PTTL(ctx, "{t}count").Val(); n != "5" || ttl <= 0 || ttl > time.Minute {
		t.Errorf("counter = %s for %v, want 5 for a minute", n, ttl)
	}
	if n := rdb.HGet(ctx, "{t}counts", "a").Val(); n != "4" {
		t.Errorf("counter in a hash = %s, want 4", n)
	}
	if diff := cmp.Diff(map[string]string{"f": "1"}, rdb.HGetAll(ctx, "{t}hash").Val()); diff != "" {
		t.Errorf("hash (-want +got):\n%s", diff)
	}
	if n := rdb.Exists(ctx, "{t}gone").Val(); n != 0 {
		t.Error("the deleted key is there")
	}
	if diff := cmp.Diff([]string{"m", "n"}, rdb.ZRange(ctx, "{t}set", 0, -1).Val()); diff != "" {
		t.Errorf("set (-want +got):\n%s", diff)
	}
	if got := rdb.ZScore(ctx, "{t}set", "n").Val(); got != 1<<52 {
		t.Errorf("score = %f, want %d", got, 1<<52)
	}
	if diff := cmp.Diff([]string{"a", "d", "c"}, rdb.LRange(ctx, "{t}list", 0, -1).Val()); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	events := rdb.XRange(ctx, "{t}stream", "-", "+").Val()
	if len(events) != 1 || events[0].Values["e"] != "happened" {
		t.Errorf("stream = %v, want one event", events)
	}
}

func TestLoadReadsFieldsAndTheTime(t *testing.T) {
	s := storetest.New(t)
	var tx store.Tx
	tx.SetField("{t}a", "f", "1")
	tx.SetField("{t}b", "f", "2")
	commit(t, s, &tx, true)
	at, got, err := s.Load(t.Context(), store.Field{Key: "{t}b", Name: "f"}, store.Field{Key: "{t}a", Name: "none"}, store.Field{Key: "{t}a", Name: "f"})
	if diff := cmp.Diff([]string{"2", "", "1"}, got); diff != "" || err != nil {
		t.Errorf("Load (-want +got):\n%s%v", diff, err)
	}
	if want := s.Redis().Time(t.Context()).Val(); want.Sub(at) < 0 || want.Sub(at).Seconds() > 10 {
		t.Errorf("Load's time = %v, want shortly before %v", at, want)
	}
}

func commit(t *testing.T, s *store.Store, tx *store.Tx, want bool) {
	t.Helper()
	if got, err := s.Commit(t.Context(), tx); got != want || err != nil {
		t.Errorf("Commit = %v, %v, want %v", got, err, want)
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
