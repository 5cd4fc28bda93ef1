package store_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
	"loket/internal/store/storetest"
)

// What connectors.Cursor asks for.
var _ interface {
	Load(ctx context.Context, key string) (string, error)
	Save(ctx context.Context, key, value string) error
	Once(ctx context.Context, key string, keep time.Duration) (bool, error)
} = (*store.Cursor)(nil)

func TestCursorKeepsWhatWasSavedLast(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	ctx := t.Context()
	mail, web := s.Cursor("mail"), s.Cursor("web")
	for _, tt := range []struct {
		save, want string
	}{{"", ""}, {"1", "1"}, {"2", "2"}, {"", ""}} {
		if err := mail.Save(ctx, "inbox", tt.save); err != nil {
			t.Fatal(err)
		}
		if got, err := mail.Load(ctx, "inbox"); got != tt.want || err != nil {
			t.Errorf("Load after Save(%q) = %q, %v", tt.save, got, err)
		}
	}
	if err := mail.Save(ctx, "inbox", "3"); err != nil {
		t.Fatal(err)
	}
	if got, err := web.Load(ctx, "inbox"); got != "" || err != nil {
		t.Errorf("Load of another connector = %q, %v, want nothing", got, err)
	}
}

func TestOnceIsYesOnceForEachConnectorAndKey(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	for _, tt := range []struct {
		connector, key string
		want           bool
	}{{"mail", "a", true}, {"mail", "a", false}, {"mail", "b", true}, {"web", "a", true}, {"web", "a", false}} {
		if got, err := s.Cursor(tt.connector).Once(t.Context(), tt.key, time.Minute); got != tt.want || err != nil {
			t.Errorf("Once(%s) of %s = %v, %v; want %v", tt.key, tt.connector, got, err, tt.want)
		}
	}
}

func TestHoldRunsOneAtATime(t *testing.T) {
	t.Parallel()
	socket := storetest.Server(t)
	const ttl = 400 * time.Millisecond
	var running, whole, most atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		s := storetest.On(t, &redis.Options{Network: "unix", Addr: socket})
		wg.Go(func() {
			err := s.Hold(t.Context(), "mail", ttl, func(ctx context.Context) error {
				if n := running.Add(1); n > most.Load() {
					most.Store(n)
				}
				defer running.Add(-1)
				select { // longer than the lease: it must be lengthened
				case <-ctx.Done(): // a machine that stands still loses its lease, and then runs again
				case <-time.After(2 * ttl):
					whole.Add(1)
				}
				return ctx.Err()
			})
			if err != nil {
				t.Errorf("Hold = %v", err)
			}
		})
	}
	wg.Wait()
	if whole.Load() != 4 || most.Load() != 1 {
		t.Errorf("%d whole runs, at most %d at a time, want 4 and 1", whole.Load(), most.Load())
	}
}

func TestHoldAnswersWhatRunReturned(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	want := errors.New("only new configuration can help")
	for range 2 { // the second finds the lease given back
		if err := s.Hold(t.Context(), "mail", time.Minute, func(context.Context) error { return want }); !errors.Is(err, want) {
			t.Errorf("Hold = %v, want %v", err, want)
		}
	}
}

func TestHoldEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	began := make(chan struct{})
	ended := make(chan error)
	go func() {
		ended <- s.Hold(ctx, "mail", time.Minute, func(ctx context.Context) error {
			close(began)
			<-ctx.Done()
			return ctx.Err()
		})
	}()
	<-began
	waiting, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if err := s.Hold(waiting, "mail", time.Minute, func(context.Context) error { t.Error("ran beside the holder"); return nil }); err != nil {
		t.Errorf("Hold that never had the lease = %v, want nil", err)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Hold = %v, want what run returned", err)
	}
	if n := s.Redis().Exists(t.Context(), "lk:{s:mail}:l").Val(); n != 0 {
		t.Error("the lease was not given back")
	}
}

func TestHoldStopsRunWhenTheLeaseIsLostAndComesBack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name         string
		lose, regain func(t *testing.T, server *storetest.Redis, s *store.Store)
	}{
		{
			"taken by another",
			func(t *testing.T, _ *storetest.Redis, s *store.Store) {
				s.Redis().Set(t.Context(), "lk:{s:mail}:l", "another", time.Hour)
			},
			func(t *testing.T, _ *storetest.Redis, s *store.Store) { s.Redis().Del(t.Context(), "lk:{s:mail}:l") },
		},
		{
			"store away",
			func(_ *testing.T, server *storetest.Redis, _ *store.Store) { server.Kill() },
			func(_ *testing.T, server *storetest.Redis, _ *store.Store) { server.Restart() },
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := storetest.Start(t)
			s := storetest.On(t, &redis.Options{Network: "unix", Addr: server.Socket})
			began, stopped, done := make(chan struct{}), make(chan error), errors.New("done")
			ended := make(chan error)
			go func() {
				first := true
				ended <- s.Hold(t.Context(), "mail", 150*time.Millisecond, func(ctx context.Context) error {
					if !first { // ends by itself: a busy machine that loses the lease once more runs it once more
						return done
					}
					first = false
					close(began)
					<-ctx.Done()
					stopped <- context.Cause(ctx)
					return ctx.Err()
				})
			}()
			<-began
			tt.lose(t, server, s)
			if err := <-stopped; !errors.Is(err, store.ErrLost) {
				t.Errorf("cause of the end = %v, want ErrLost", err)
			}
			tt.regain(t, server, s)
			if err := <-ended; !errors.Is(err, done) {
				t.Errorf("Hold = %v, want what the second run returned", err)
			}
		})
	}
}
