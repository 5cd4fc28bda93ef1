package outbox_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"loket/connectors"
	"loket/internal/message"
	"loket/internal/store"
	"loket/internal/store/storetest"
	"loket/router"
	"loket/router/outbox"
	"loket/router/queue"
	"loket/router/thread"
)

type teams struct{}

func (teams) Lease(string) time.Duration  { return time.Hour }
func (teams) Reopen(string) time.Duration { return time.Hour }
func (teams) Targets(string, string) (first, next, resolution time.Duration) {
	return time.Hour, time.Hour, 0
}
func (teams) After(_ string, from time.Time, d time.Duration) time.Time { return from.Add(d) }

func (teams) LiftedAt(string, time.Time, int) time.Time { return time.Time{} }
func (teams) Aside(_, outcome string) bool              { return strings.EqualFold(outcome, "wrong number") }
func (teams) Answers(string, string) bool               { return true }

// channel is a Sender that does what a test says, once for each call; after that it takes everything.
type channel struct {
	mu   sync.Mutex
	say  []func(ctx context.Context, m *message.Message) (connectors.Receipt, error)
	took map[string]int // message → how often it was handed over
	at   []time.Time
}

func (c *channel) Send(ctx context.Context, m *message.Message) (connectors.Receipt, error) {
	c.mu.Lock()
	if c.took == nil {
		c.took = map[string]int{}
	}
	c.took[m.ID]++
	c.at = append(c.at, time.Now())
	var say func(context.Context, *message.Message) (connectors.Receipt, error)
	if len(c.say) > 0 {
		say, c.say = c.say[0], c.say[1:]
	}
	c.mu.Unlock()
	if say != nil {
		return say(ctx, m)
	}
	return connectors.Receipt{ID: "c-" + m.ID, State: connectors.Sent}, nil
}

func (c *channel) handed() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string]int{}
	for id, n := range c.took {
		out[id] = n
	}
	return out
}

func fails(err error) func(context.Context, *message.Message) (connectors.Receipt, error) {
	return func(context.Context, *message.Message) (connectors.Receipt, error) { return connectors.Receipt{}, err }
}

// finder is a channel that can be asked.
type finder struct {
	channel
	find func(m *message.Message) (connectors.Receipt, bool, error)
}

func (f *finder) Find(_ context.Context, m *message.Message) (connectors.Receipt, bool, error) {
	return f.find(m)
}

type env struct {
	t       *testing.T
	store   *store.Store
	queue   *queue.Queue
	threads *thread.Threads
	feed    sync.Once
}

func newEnv(t *testing.T) *env {
	t.Helper()
	t.Parallel()
	return envOn(t, storetest.New(t))
}

func envOn(t *testing.T, s *store.Store) *env {
	t.Helper()
	q, err := queue.New(queue.Options{Store: s, Teams: teams{}})
	if err != nil {
		t.Fatal(err)
	}
	threads, err := thread.New(thread.Options{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	return &env{t: t, store: s, queue: q, threads: threads}
}

// run runs an outbox for the connector website until stop is called or the test ends.
func (h *env) run(sender connectors.Sender, edits ...func(*outbox.Options)) (o *outbox.Outbox, stop func()) {
	options := outbox.Options{Queue: h.queue, Threads: h.threads, Log: zap.NewNop(), Sender: func(name string) connectors.Sender {
		if name != "website" {
			return nil
		}
		return sender
	}}
	for _, edit := range edits {
		edit(&options)
	}
	o, err := outbox.New(options)
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := o.Run(ctx); err != nil {
			h.t.Errorf("Run = %v", err)
		}
	})
	h.follow()
	stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	h.t.Cleanup(stop)
	return o, stop
}

// follow runs the feed, once: the outbox hears of answers at once.
func (h *env) follow() {
	h.feed.Do(func() {
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		wg.Go(func() { _ = h.queue.Feed().Run(ctx) })
		h.t.Cleanup(wg.Wait)
		h.t.Cleanup(func() { _ = h.store.Close() }) // else the feed would read on for a second
		h.t.Cleanup(cancel)
		h.t.Cleanup(h.check)
	})
}

func (h *env) check() {
	h.t.Helper()
	if found, err := h.queue.Check(context.Background()); err != nil || len(found) > 0 {
		h.t.Errorf("Check = %q, %v; want nothing", found, err)
	}
}

// answered is a task whose answer is on its way over the connector.
func (h *env) answered(n int, connector string) (task, reply string) {
	h.t.Helper()
	ctx := h.t.Context()
	id := message.NewID([]byte(fmt.Sprint("message ", n)))
	m := &message.Message{ID: id, Thread: id, Connector: connector, Channel: "web", Text: "hello", Received: time.Now()}
	task = fmt.Sprint("T", n)
	if _, _, err := h.threads.Place(ctx, thread.Placing{Message: m, Task: task, Record: []byte("{}")}); err != nil {
		h.t.Fatal(err)
	}
	d := router.Decision{Team: "support", Due: time.Now()}
	if _, err := h.queue.Put(ctx, queue.Put{Task: task, Message: m, Thread: id, Decision: d, Decided: time.Now()}); err != nil {
		h.t.Fatal(err)
	}
	_, r, err := h.queue.Reply(ctx, task, queue.Actor{Agent: "anna"}, queue.Answer{
		Message: &message.Message{Thread: id, Connector: connector, Channel: "web", Text: fmt.Sprint("answer ", n)},
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return task, r.ID
}

func (h *env) eventually(what string, ask func() bool) {
	h.t.Helper()
	for end := time.Now().Add(time.Minute); !ask(); {
		if time.Now().After(end) {
			h.t.Fatalf("not within a minute: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (h *env) becomes(reply string, want queue.ReplyState) *queue.Reply {
	h.t.Helper()
	var got *queue.Reply
	h.eventually(fmt.Sprint("reply ", reply, " is ", want), func() bool {
		r, err := h.queue.ReplyByID(h.t.Context(), reply)
		got = r
		return err == nil && r.State == want
	})
	return got
}

func (h *env) task(id string) *queue.Task {
	h.t.Helper()
	t, err := h.queue.Task(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return t
}

// soon lets a reply be looked at now, instead of when it would be.
func (h *env) soon(reply string) {
	h.t.Helper()
	ctx, rdb := h.t.Context(), h.store.Redis()
	r, err := h.queue.ReplyByID(ctx, reply)
	if err != nil {
		h.t.Fatal(err)
	}
	card := rdb.HGet(ctx, "lk:{q}:o", reply).Val()
	edited := strings.Replace(card, fmt.Sprintf(`"next":%d`, r.Next), `"next":1`, 1)
	if edited != card {
		rdb.HSet(ctx, "lk:{q}:o", reply, edited)
		rdb.ZAdd(ctx, "lk:{q}:s", redis.Z{Score: 1, Member: reply})
	}
}
