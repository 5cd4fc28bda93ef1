package intake_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"

	"loket/identity"
	"loket/internal/message"
	"loket/internal/spool"
	"loket/internal/store"
	"loket/internal/store/storetest"
	"loket/router"
	"loket/router/intake"
	"loket/router/queue"
	"loket/router/thread"
)

type teams struct{ r *router.Router }

func (t teams) Lease(string) time.Duration  { return time.Minute }
func (t teams) Reopen(string) time.Duration { return time.Hour }
func (t teams) ReplyDue(team string, next time.Duration, from time.Time) time.Time {
	return t.r.ReplyDue(team, next, from)
}

type house struct {
	*intake.Intake
	queue   *queue.Queue
	threads *thread.Threads
	store   *store.Store
}

func newHouse(t *testing.T, st *store.Store) *house {
	t.Helper()
	r, err := router.New(router.Config{Teams: map[string]router.Team{"support": {}}, Fallback: "support"})
	if err != nil {
		t.Fatal(err)
	}
	sp, err := spool.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	q, threads := queue.New(st, teams{r}), thread.New(st)
	in := intake.New(intake.Options{
		Store: st, Spool: sp, Registry: identity.New(st, identity.Defaults()), Threads: threads, Queue: q,
		Router: func() *router.Router { return r }, Log: zaptest.NewLogger(t),
	})
	t.Cleanup(func() { in.Drain(t.Context()) })
	return &house{Intake: in, queue: q, threads: threads, store: st}
}

func form(n int) *message.Message {
	id := message.NewID([]byte(fmt.Sprint("form", n)))
	return &message.Message{ID: id, Thread: id, Connector: "website", Channel: "web", Text: fmt.Sprint("question ", n), Received: time.Now()}
}

func (h *house) tasks(t *testing.T) []*queue.Task {
	t.Helper()
	p, err := h.queue.List(t.Context(), "support", "", 500, "")
	if err != nil {
		t.Fatal(err)
	}
	return p.Tasks
}

func TestTwentyDeliveriesMakeOneTask(t *testing.T) {
	h := newHouse(t, storetest.New(t))
	var wg sync.WaitGroup
	for n := range 10 {
		for range 20 {
			wg.Go(func() {
				if err := h.Accept(t.Context(), form(n)); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	h.Drain(t.Context())
	if got := h.tasks(t); len(got) != 10 {
		t.Fatalf("%d tasks, want 10", len(got))
	}
	for _, check := range []func() ([]string, error){
		func() ([]string, error) { return h.queue.Check(t.Context()) },
		func() ([]string, error) { return h.Check(t.Context()) },
	} {
		if broken, err := check(); err != nil || len(broken) > 0 {
			t.Errorf("Check = %v, %v; want nothing broken", broken, err)
		}
	}
}
