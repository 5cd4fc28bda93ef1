package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"loket/internal/store"
	"loket/internal/store/storetest"
)

// watched gives a store that is watched, and what the watch logs.
func watched(t *testing.T, opt *redis.Options) (*store.Store, *observer.ObservedLogs) {
	t.Helper()
	core, logs := observer.New(zap.InfoLevel)
	s := storetest.On(t, opt)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Watch(ctx, zap.New(core))
	}()
	t.Cleanup(func() { cancel(); <-done })
	return s, logs
}

// told is what was logged, a line each.
func told(logs *observer.ObservedLogs) []string {
	var lines []string
	for _, e := range logs.All() {
		lines = append(lines, e.Level.String()+" "+e.Message+": "+e.ContextMap()["cause"].(string))
	}
	return lines
}

func TestAStoreThatRefusesToWriteIsNamedAndRead(t *testing.T) {
	t.Parallel()
	for name, cause := range map[string]string{
		"memory full":       "out of memory (maxmemory)",
		"read-only replica": "read-only replica",
		"too few replicas":  "too few replicas (min-replicas-to-write)",
		"cannot persist":    "cannot persist (MISCONF)",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := storetest.Start(t)
			s, logs := watched(t, &redis.Options{Network: "unix", Addr: server.Socket})
			if err := s.Cursor("web").Save(t.Context(), "k", "v"); err != nil {
				t.Fatal(err)
			}
			for _, refusal := range storetest.Refusals() {
				if refusal.Name != name {
					continue
				}
				refusal.Begin(t, s.Redis())
				if err := s.Cursor("web").Save(t.Context(), "k", "w"); !errors.Is(err, store.ErrAway) {
					t.Errorf("Save = %v, want ErrAway", err)
				}
				want := store.Condition{Reads: true, Cause: cause}
				got := s.Condition()
				got.Since = time.Time{}
				if got != want {
					t.Errorf("Condition = %+v, want %+v", got, want)
				}
				if got, err := s.Cursor("web").Load(t.Context(), "k"); got != "v" || err != nil {
					t.Errorf("Load = %q, %v; want what was saved before", got, err)
				}
				eventually(t, "it is logged", func() bool { return logs.Len() == 1 })
				refusal.End(t, s.Redis())
			}
			eventually(t, "the store writes again", func() bool { return s.Look(t.Context()).Writes })
			eventually(t, "it is logged", func() bool { return logs.Len() > 1 })
			if diff := cmp.Diff([]string{
				"warn the store refuses to write: messages go to the spool, agents can only read: " + cause,
				"info the store is well again: " + cause,
			}, told(logs)); diff != "" {
				t.Errorf("logged (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAFrozenStoreIsNamedAndHoldsUpNobody(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	s, logs := watched(t, &redis.Options{Network: "unix", Addr: server.Socket, ReadTimeout: time.Minute})
	if _, err := s.Run(t.Context(), echo, nil, "x"); err != nil {
		t.Fatal(err)
	}
	server.Freeze()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := s.Run(ctx, echo, nil, "x"); !errors.Is(err, store.ErrAway) || !errors.Is(err, context.DeadlineExceeded) || !store.MayHaveRun(err) {
		t.Errorf("Run = %v, want ErrAway at its deadline, and that it may run later", err)
	}
	const cause = "does not answer (frozen or cut off)"
	eventually(t, "it is noticed", func() bool { return s.Condition().Cause == cause })
	// Without the breaker each would wait for a minute.
	if _, err := s.Run(t.Context(), echo, nil, "x"); !errors.Is(err, store.ErrAway) || store.MayHaveRun(err) {
		t.Errorf("Run = %v, want ErrAway, and that it never runs", err)
	}
	if err := s.Redis().Get(t.Context(), "k").Err(); !errors.Is(err, store.ErrAway) {
		t.Errorf("Get = %v, want ErrAway", err)
	}
	server.Thaw()
	eventually(t, "the store answers", func() bool {
		got, err := s.Run(t.Context(), echo, nil, "x")
		return got == "x" && err == nil
	})
	eventually(t, "it is logged", func() bool { return logs.Len() > 1 })
	if diff := cmp.Diff([]string{
		"warn the store is away: messages go to the spool, agents cannot work: " + cause, "info the store is well again: " + cause,
	}, told(logs)); diff != "" {
		t.Errorf("logged (-want +got):\n%s", diff)
	}
}

func TestConditionOfAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, cause string
		reads       bool
		spoil       func(t *testing.T, server *storetest.Redis, rdb redis.UniversalClient)
	}{
		{"killed", "cannot be reached", false, func(_ *testing.T, server *storetest.Redis, _ redis.UniversalClient) { server.Kill() }},
		{"password", "wrong password", false, func(t *testing.T, _ *storetest.Redis, rdb redis.UniversalClient) {
			rdb.ConfigSet(t.Context(), "requirepass", "other")
			rdb.Do(t.Context(), "RESET") // as a new connection
		}},
		{"scripts forbidden", "not permitted to write (ACL)", true, func(t *testing.T, _ *storetest.Redis, rdb redis.UniversalClient) {
			rdb.Do(t.Context(), "ACL", "SETUSER", "default", "-eval", "-evalsha")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := storetest.Start(t)
			s := storetest.On(t, &redis.Options{Network: "unix", Addr: server.Socket, PoolSize: 1})
			if got := s.Look(t.Context()); !got.Reads || !got.Writes || got.Cause != "" {
				t.Fatalf("Look = %+v, want a store that is well", got)
			}
			tt.spoil(t, server, s.Redis())
			eventually(t, "it is seen", func() bool { return !s.Look(t.Context()).Writes })
			if got := s.Condition(); got.Cause != tt.cause || got.Reads != tt.reads {
				t.Errorf("Condition = %+v, want %s", got, tt.cause)
			}
		})
	}
}

func TestHoldOutlivesWhatTheStoreDoesNotAllow(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	forbid := func(how string) {
		if err := s.Redis().Do(t.Context(), "ACL", "SETUSER", "default", how+"eval", how+"evalsha").Err(); err != nil {
			t.Fatal(err)
		}
	}
	forbid("-")
	ran := errors.New("it ran")
	ended := make(chan error, 1)
	go func() {
		ended <- s.Hold(t.Context(), "web", 30*time.Millisecond, func(context.Context) error { return ran })
	}()
	if _, err := s.Run(t.Context(), echo, nil, "x"); err == nil {
		t.Fatal("scripts are allowed: this test shows nothing")
	}
	forbid("+")
	if err := <-ended; !errors.Is(err, ran) {
		t.Errorf("Hold = %v, want what run returned", err)
	}
}
