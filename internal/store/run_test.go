package store_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
	"loket/internal/store/storetest"
)

var (
	echo  = store.NewScript("echo", `return ARGV[1]`)
	null  = store.NewScript("null", `return nil`)
	wrong = store.NewScript("wrong", `return redis.error_reply('ERR no connection between these')`)
	sleep = store.NewScript("sleep", `
		local t = redis.call('TIME') local ends = t[1] * 1000 + t[2] / 1000 + ARGV[1]
		repeat t = redis.call('TIME') until t[1] * 1000 + t[2] / 1000 > ends
		return 'slept'`)
)

func TestRunAnswersEachItsOwn(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			for j := range 50 {
				want := int64(i*1000 + j)
				var got any
				var err error
				switch j % 5 {
				case 3:
					if got, err = s.Run(t.Context(), null, nil); got != nil || err != nil {
						t.Errorf("Run(null) = %v, %v, want nil, nil", got, err)
					}
				case 4:
					if _, err = s.Run(t.Context(), wrong, nil); err == nil || errors.Is(err, store.ErrAway) {
						t.Errorf("Run(wrong) = %v, want an error that is not ErrAway", err)
					}
				default:
					if got, err = s.Run(t.Context(), put, []string{"{t}h"}, want, "x"); got != itoa(want) || err != nil {
						t.Errorf("Run(put %d) = %v, %v", want, got, err)
					}
				}
			}
		})
	}
	wg.Wait()
}

func TestRunHealsForgottenScripts(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	for range 3 {
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if got, err := s.Run(t.Context(), echo, []string{"{t}"}, "hello"); got != "hello" || err != nil {
					t.Errorf("Run(echo) = %v, %v", got, err)
				}
			})
		}
		wg.Wait()
		if err := s.Redis().ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRunRefusesArgumentsItCannotSend(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	_, err := s.Run(t.Context(), echo, nil, "fine", struct{}{})
	if err == nil || errors.Is(err, store.ErrAway) || !strings.Contains(err.Error(), "argument 2") {
		t.Errorf("Run(struct) = %v, want an error about argument 2", err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Run(ctx, sleep, nil, 300); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Run(sleep) = %v, want DeadlineExceeded", err)
	}
	if _, err := s.Run(ctx, echo, nil, "x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Run with a context that ended = %v, want DeadlineExceeded", err)
	}
}

func TestRunIsAwayWithoutServerAndRecovers(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	s := storetest.On(t, &redis.Options{Network: "unix", Addr: server.Socket})
	if err := s.Cursor("web").Save(t.Context(), "k", "v"); err != nil {
		t.Fatal(err)
	}
	server.Kill()
	var wg sync.WaitGroup
	for range 600 { // more than fit one batch
		wg.Go(func() {
			if _, err := s.Run(t.Context(), echo, nil, "x"); !errors.Is(err, store.ErrAway) || store.MayHaveRun(err) {
				t.Errorf("Run without a server = %v, want ErrAway, and that it never runs", err)
			}
		})
	}
	wg.Wait()
	if err := s.Ping(t.Context()); !errors.Is(err, store.ErrAway) {
		t.Errorf("Ping without a server = %v, want ErrAway", err)
	}
	server.Restart()
	eventually(t, "the store is back", func() bool {
		got, err := s.Cursor("web").Load(t.Context(), "k")
		return err == nil && got == "v"
	})
}

func TestRunIsAwayWhenTheServerCannotWrite(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	ctx := t.Context()
	if err := s.Redis().ConfigSet(ctx, "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Run(ctx, put, []string{"{t}h"}, "k", "v"); !errors.Is(err, store.ErrAway) {
		t.Errorf("Run with the memory full = %v, want ErrAway", err)
	}
}

func TestCloseWaitsForWhatIsOnTheWire(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	opt := *s.Redis().(*redis.Client).Options() // before the first call, which writes into them
	opt.ContextTimeoutEnabled = true
	side := redis.NewClient(&opt)
	defer side.Close()
	answered := make(chan error, 1)
	go func() {
		got, err := s.Run(t.Context(), sleep, []string{"{t}"}, 200)
		if err == nil && got != "slept" {
			err = errors.New("another's answer")
		}
		answered <- err
	}()
	eventually(t, "the script runs", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		return side.Ping(ctx).Err() != nil
	})
	if err := s.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
	if err := <-answered; err != nil {
		t.Errorf("Run during Close = %v, want its answer", err)
	}
	if _, err := s.Run(t.Context(), echo, nil, "x"); !errors.Is(err, store.ErrAway) {
		t.Errorf("Run after Close = %v, want ErrAway", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close again = %v", err)
	}
}

func TestCloseLeavesNobodyWaiting(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	var wg sync.WaitGroup
	for range 700 {
		wg.Go(func() {
			if _, err := s.Run(context.Background(), sleep, nil, 1); err != nil && !errors.Is(err, store.ErrAway) {
				t.Errorf("Run during Close = %v, want an answer or ErrAway", err)
			}
		})
	}
	_ = s.Close()
	wg.Wait()
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}
