package intake_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

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

// teams promise what the router says, and to reopen within a time that a test may change.
type teams struct {
	r      *router.Router
	reopen *atomic.Int64
}

func (t teams) Lease(string) time.Duration  { return time.Minute }
func (t teams) Reopen(string) time.Duration { return time.Duration(t.reopen.Load()) }
func (t teams) Targets(team, priority string) (first, next, resolution time.Duration) {
	return t.r.Targets(team, priority)
}

func (t teams) After(team string, from time.Time, d time.Duration) time.Time {
	return t.r.After(team, from, d)
}

func (t teams) LiftedAt(team string, due time.Time, n int) time.Time {
	return t.r.LiftedAt(team, due, n)
}
func (teams) Aside(_, outcome string) bool { return strings.EqualFold(outcome, "wrong number") }
func (teams) Answers(string, string) bool  { return true }

// An env is the way in of one process, with what it stands on.
type env struct {
	*intake.Intake
	t       *testing.T
	queue   *queue.Queue
	threads *thread.Threads
	store   *store.Store
	spool   *spool.Spool
	reopen  *atomic.Int64
}

func newEnv(t *testing.T, st *store.Store, edits ...func(*intake.Options)) *env {
	t.Helper()
	r, err := router.New(router.Config{Teams: map[string]router.Team{"support": {}}, Fallback: "support"})
	if err != nil {
		t.Fatal(err)
	}
	reopen := &atomic.Int64{}
	reopen.Store(int64(time.Hour))
	o := intake.Options{
		Store: st, Registry: identity.New(st, identity.Defaults()), Threads: threadsOn(t, st), Queue: queueOn(t, st, teams{r, reopen}),
		Router: func() *router.Router { return r }, Log: zap.NewNop(),
	}
	for _, edit := range edits {
		edit(&o)
	}
	if o.Spool == nil {
		o.Spool = openSpool(t, t.TempDir())
	}
	in, err := intake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	h := &env{in, t, o.Queue, o.Threads, st, o.Spool, reopen}
	t.Cleanup(h.drain)
	return h
}

func threadsOn(t testing.TB, st *store.Store) *thread.Threads {
	t.Helper()
	threads, err := thread.New(thread.Options{Store: st})
	if err != nil {
		t.Fatal(err)
	}
	return threads
}

func queueOn(t testing.TB, st *store.Store, promised queue.Teams) *queue.Queue {
	t.Helper()
	q, err := queue.New(queue.Options{Store: st, Teams: promised})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func openSpool(t *testing.T, dir string) *spool.Spool {
	t.Helper()
	sp, err := spool.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sp.Close() })
	return sp
}

// drain waits for the walks under way.
func (h *env) drain() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	h.Drain(ctx)
}

// run runs the way in, and the feed, until stop is called or the test ends.
func (h *env) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := h.Run(ctx); err != nil {
			h.t.Errorf("Run = %v", err)
		}
	})
	wg.Go(func() { _ = h.queue.Feed().Run(ctx) })
	stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	h.t.Cleanup(stop)
	return stop
}

func (h *env) accept(m *message.Message) {
	h.t.Helper()
	if err := h.Accept(h.t.Context(), m); err != nil {
		h.t.Fatalf("Accept(%q) = %v", m.Text, err)
	}
	h.drain()
}

// overdue makes everything in the journal due now.
func (h *env) overdue() {
	h.t.Helper()
	rdb, ctx := h.store.Redis(), h.t.Context()
	for p := range 64 {
		key := fmt.Sprintf("lk:{j%d}:n", p)
		for _, id := range rdb.ZRange(ctx, key, 0, -1).Val() {
			rdb.ZAdd(ctx, key, redis.Z{Score: 1, Member: id})
		}
	}
}

// sweep takes up what is overdue.
func (h *env) sweep() {
	h.t.Helper()
	h.overdue()
	if err := h.Sweep(h.t.Context()); err != nil {
		h.t.Fatalf("Sweep = %v", err)
	}
}

// want wants so many tasks, each message in one of them, and everything else empty and whole.
func (h *env) want(tasks, messages, journal, quarantine int) []*queue.Task {
	h.t.Helper()
	got := h.tasks(h.t)
	said := 0
	for _, task := range got {
		said += task.Messages
	}
	s, err := h.Status(h.t.Context())
	if len(got) != tasks || said != messages || int(s.Journal) != journal || int(s.Quarantine) != quarantine || err != nil {
		h.t.Errorf("%d tasks with %d messages, %d in the journal, %d in quarantine, %v; want %d, %d, %d, %d",
			len(got), said, s.Journal, s.Quarantine, err, tasks, messages, journal, quarantine)
	}
	h.check()
	return got
}

func (h *env) check() {
	h.t.Helper()
	for _, check := range []func(context.Context) ([]string, error){h.queue.Check, h.Check} {
		if broken, err := check(h.t.Context()); err != nil || len(broken) > 0 {
			h.t.Errorf("Check = %v, %v; want nothing broken", broken, err)
		}
	}
}

// eventually asks until the answer is yes, at most a minute: a busy machine is slow.
func (h *env) eventually(what string, ask func() bool) {
	h.t.Helper()
	for end := time.Now().Add(time.Minute); !ask(); {
		if time.Now().After(end) {
			h.t.Fatalf("not within a minute: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func form(n int) *message.Message {
	id := message.NewID([]byte(fmt.Sprint("form", n)))
	return &message.Message{ID: id, Thread: id, Connector: "website", Channel: "web", Text: fmt.Sprint("question ", n), Received: time.Now()}
}

func (h *env) tasks(t *testing.T) []*queue.Task {
	t.Helper()
	p, err := h.queue.List(t.Context(), "support", "", 500, "")
	if err != nil {
		t.Fatal(err)
	}
	return p.Tasks
}

func TestTwentyDeliveriesMakeOneTask(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
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
	h.drain()
	h.want(10, 10, 0, 0)
	for n := range 10 {
		h.accept(form(n))
	}
	h.want(10, 10, 0, 0)
}

func TestTwoFirstMessagesOfAThreadMakeOneTask(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	envs := []*env{newEnv(t, st), newEnv(t, st)} // two processes
	const threads = 100
	var wg sync.WaitGroup
	for n := range threads {
		for i, h := range envs {
			wg.Go(func() {
				m := form(n)
				m.ID = message.NewID([]byte(fmt.Sprint(n, " ", i)))
				if err := h.Accept(t.Context(), m); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	envs[0].drain()
	envs[1].drain()
	for _, task := range envs[0].want(threads, 2*threads, 0, 0) {
		if task.Messages != 2 {
			t.Errorf("task %s has %d messages, want 2", task.ID, task.Messages)
		}
	}
}

func TestAcceptRefusesWhatItCannotKeep(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	large := form(1)
	large.Text = strings.Repeat("x", 4<<20)
	if err := h.Accept(t.Context(), large); !errors.Is(err, intake.ErrTooLarge) {
		t.Errorf("Accept of 4 MB = %v, want ErrTooLarge", err)
	}
	for _, id := range []string{"", "short", strings.Repeat("A", 26), "../../etc/passwd"} {
		m := form(2)
		m.ID = id
		if err := h.Accept(t.Context(), m); err == nil {
			t.Errorf("Accept of a message called %q = nil, want an error", id)
		}
	}
	h.drain()
	h.want(0, 0, 0, 0)
	if n := h.spool.Stats().Messages; n != 0 {
		t.Errorf("%d messages are in the spool", n)
	}
}

func TestAcceptNotesWhenAMessageCame(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	m := form(1)
	m.Received = time.Time{}
	h.accept(m)
	task := h.want(1, 1, 0, 0)[0]
	if since := time.Since(time.UnixMilli(task.Created)); since < 0 || since > time.Minute {
		t.Errorf("created %v ago", since)
	}
	if !m.Received.IsZero() {
		t.Error("Accept changed the message of its caller")
	}
}

func TestMessageFromTheCustomersPageIsFilledFromItsThread(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	first := form(1)
	first.Name, first.Subject, first.Public = "Kate", "No signal", true
	first.From = []message.Identifier{{Kind: "email", Value: "kate@example.org", Level: message.Proven}}
	h.accept(first)
	bare := &message.Message{ID: message.NewID([]byte("bare")), Thread: first.Thread, Text: "still none", Received: time.Now()}
	h.accept(bare)
	h.want(1, 2, 0, 0)
	e, err := h.threads.Message(t.Context(), first.Thread, bare.ID)
	if err != nil {
		t.Fatal(err)
	}
	m := e.Message
	if m.Connector != "website" || m.Channel != "web" || !m.Public || m.Name != "Kate" || m.Subject != "No signal" || m.Text != "still none" {
		t.Errorf("message = %+v", m)
	}
	if len(m.From) != 1 || m.From[0].Value != "kate@example.org" || m.From[0].Level != message.Claimed {
		t.Errorf("from = %v, want a claim: whoever has the page's address may have written it", m.From)
	}
}

func TestLanguageThatTheRulesWentByStaysWithTheMessage(t *testing.T) {
	t.Parallel()
	r, err := router.New(router.Config{Teams: map[string]router.Team{"support": {Languages: []string{"nl", "en"}}}, Fallback: "support"})
	if err != nil {
		t.Fatal(err)
	}
	h := newEnv(t, storetest.New(t), func(o *intake.Options) { o.Router = func() *router.Router { return r } })
	m := form(1)
	m.Text = "Sinds vanmorgen heb ik geen internet meer, kunt u mij helpen?"
	m.From = []message.Identifier{{Kind: "email", Value: "kate@example.org", Level: message.Claimed}}
	h.accept(m)
	task := h.want(1, 1, 0, 0)[0]
	if got, _ := h.placed(m, m.Thread); got.Language != "nl" || task.Language != "nl" {
		t.Errorf("language %q of the message and %q of the task, want nl", got.Language, task.Language)
	}
	// A text that shows no language is in that of who wrote before.
	again, stranger := form(2), form(3)
	again.Text, stranger.Text = "4711", "4712"
	again.From, stranger.From = m.From, []message.Identifier{{Kind: "email", Value: "joe@example.org", Level: message.Claimed}}
	h.accept(again)
	h.accept(stranger)
	if got, _ := h.placed(again, again.Thread); got.Language != "nl" {
		t.Errorf("language %q of a number by the same sender, want nl", got.Language)
	}
	if got, _ := h.placed(stranger, stranger.Thread); got.Language != "" {
		t.Errorf("language %q of a number by a stranger, want none", got.Language)
	}
}

func TestMessageToALongClosedTaskMakesALinkedOne(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	first := form(1)
	h.accept(first)
	old := h.tasks(t)[0]
	if _, err := h.queue.Close(t.Context(), old.ID, queue.Actor{Agent: "anna"}, "solved"); err != nil {
		t.Fatal(err)
	}
	h.reopen.Store(int64(-time.Second))
	for n := range 3 {
		m := form(10 + n)
		m.Thread = first.Thread
		h.accept(m)
	}
	h.want(2, 4, 0, 0)
	th, err := h.threads.Find(t.Context(), first.Thread)
	if err != nil || th.Task == old.ID {
		t.Fatalf("thread = %+v, %v; want it in a new task", th, err)
	}
	for id, other := range map[string]string{old.ID: th.Task, th.Task: old.ID} {
		task, err := h.queue.Task(t.Context(), id)
		if err != nil || len(task.Links) != 1 || task.Links[0] != other {
			t.Errorf("links of %s = %v, %v; want %s", id, task.Links, err, other)
		}
	}
	if e, err := h.threads.Message(t.Context(), first.Thread, first.ID); err != nil || e.Task != old.ID {
		t.Errorf("the first message stands in %s, %v; want it left where it was answered", e.Task, err)
	}
}

func TestPlacingOfLongAgoIsMadeAgain(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	m := form(1)
	stale, err := json.Marshal(map[string]any{"decision": map[string]any{"team": "gone", "at": time.Now().Add(-queue.Retention)}})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.threads.Place(t.Context(), thread.Placing{Message: m, Task: "never", Record: stale}); err != nil {
		t.Fatal(err)
	}
	h.accept(m)
	task := h.want(1, 1, 0, 0)[0]
	if task.Team != "support" || task.ID == "never" || len(task.Links) != 0 {
		t.Errorf("task = %+v, want a new one, linked to nothing", task)
	}
}
