package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"loket/connectors"
	"loket/internal/message"
	"loket/internal/store"
	"loket/internal/store/storetest"
	"loket/router/outbox"
	"loket/router/queue"
	"loket/router/thread"
)

type teams struct{}

func (teams) Lease(string) time.Duration  { return time.Hour }
func (teams) Reopen(string) time.Duration { return time.Hour }
func (teams) ReplyDue(_ string, _ time.Duration, from time.Time) time.Time {
	return from.Add(time.Hour)
}

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

type house struct {
	t       *testing.T
	store   *store.Store
	queue   *queue.Queue
	threads *thread.Threads
	feed    sync.Once
}

func newHouse(t *testing.T) *house {
	t.Helper()
	t.Parallel()
	return houseOn(t, storetest.New(t))
}

func houseOn(t *testing.T, s *store.Store) *house {
	t.Helper()
	return &house{t: t, store: s, queue: queue.New(s, teams{}), threads: thread.New(s)}
}

// run runs an outbox for the connector website until stop is called or the test ends.
func (h *house) run(sender connectors.Sender, edits ...func(*outbox.Options)) (o *outbox.Outbox, stop func()) {
	options := outbox.Options{Queue: h.queue, Threads: h.threads, Log: zap.NewNop(), Sender: func(name string) connectors.Sender {
		if name != "website" {
			return nil
		}
		return sender
	}}
	for _, edit := range edits {
		edit(&options)
	}
	o = outbox.New(options)
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
func (h *house) follow() {
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

func (h *house) check() {
	h.t.Helper()
	if found, err := h.queue.Check(context.Background()); err != nil || len(found) > 0 {
		h.t.Errorf("Check = %q, %v; want nothing", found, err)
	}
}

// answered is a task whose answer is on its way over the connector.
func (h *house) answered(n int, connector string) (task, reply string) {
	h.t.Helper()
	ctx := h.t.Context()
	id := message.NewID([]byte(fmt.Sprint("message ", n)))
	m := &message.Message{ID: id, Thread: id, Connector: connector, Channel: "web", Text: "hello", Received: time.Now()}
	task = fmt.Sprint("T", n)
	if _, _, err := h.threads.Place(ctx, thread.Placing{Message: m, Task: task, Record: []byte("{}")}); err != nil {
		h.t.Fatal(err)
	}
	d := queue.Decision{Team: "support", Due: time.Now(), At: time.Now()}
	if _, err := h.queue.Put(ctx, queue.Put{Task: task, Message: m, Thread: id, Decision: d}); err != nil {
		h.t.Fatal(err)
	}
	_, r, err := h.queue.Reply(ctx, task, queue.By{Agent: "anna"}, queue.Answer{
		Message: &message.Message{Thread: id, Connector: connector, Channel: "web", Text: fmt.Sprint("answer ", n)},
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return task, r.ID
}

func (h *house) eventually(what string, ask func() bool) {
	h.t.Helper()
	for end := time.Now().Add(15 * time.Second); !ask(); {
		if time.Now().After(end) {
			h.t.Fatalf("not within 15s: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (h *house) becomes(reply string, want queue.ReplyState) *queue.Reply {
	h.t.Helper()
	var got *queue.Reply
	h.eventually(fmt.Sprint("reply ", reply, " is ", want), func() bool {
		r, err := h.queue.ReplyByID(h.t.Context(), reply)
		got = r
		return err == nil && r.State == want
	})
	return got
}

func (h *house) task(id string) *queue.Task {
	h.t.Helper()
	t, err := h.queue.Task(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return t
}

// soon lets a reply be looked at now, instead of when it would be.
func (h *house) soon(reply string) {
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

func TestSends(t *testing.T) {
	h := newHouse(t)
	c := &channel{}
	var steps sync.Map
	_, stop := h.run(c, func(o *outbox.Options) { o.Step = func(s string) { steps.Store(s, true) } })
	task, reply := h.answered(1, "website")
	r := h.becomes(reply, queue.ReplyDone)
	if r.ChannelID != "c-"+reply || r.Message != nil || r.Attempts != 1 {
		t.Errorf("reply = %+v", r)
	}
	th := h.task(task).Threads[0]
	e, err := h.threads.Message(t.Context(), th, reply)
	if err != nil || e.Task != task || e.Message.Text != "answer 1" || e.Message.Direction != message.Out || e.Message.Agent != "anna" {
		t.Errorf("the thread has %+v, %v", e, err)
	}
	stop()
	for _, step := range []string{"sending", "handed", "recorded", "settled"} {
		if _, ok := steps.Load(step); !ok {
			t.Errorf("step %s was not called", step)
		}
	}
	if n := c.handed()[reply]; n != 1 {
		t.Errorf("handed over %d times", n)
	}
}

func TestTakingItMayBeDeliveringIt(t *testing.T) {
	h := newHouse(t)
	h.run(&channel{say: []func(context.Context, *message.Message) (connectors.Receipt, error){
		func(context.Context, *message.Message) (connectors.Receipt, error) {
			return connectors.Receipt{State: connectors.Delivered}, nil
		},
	}})
	_, reply := h.answered(1, "website")
	h.becomes(reply, queue.ReplyDelivered)
}

func TestRetriesAndHeedsWhatTheChannelAsks(t *testing.T) {
	h := newHouse(t)
	c := &channel{say: []func(context.Context, *message.Message) (connectors.Receipt, error){
		fails(errors.New("line is down")), fails(connectors.After(2*time.Hour, errors.New("too fast"))),
	}}
	h.run(c)
	_, reply := h.answered(1, "website")
	h.eventually("the first try failed", func() bool {
		r, err := h.queue.ReplyByID(t.Context(), reply)
		return err == nil && r.State == queue.ReplyQueued && r.Error == "line is down"
	})
	r, err := h.queue.ReplyByID(t.Context(), reply)
	if wait := time.Until(time.UnixMilli(r.Next)); err != nil || wait > 4*time.Second {
		t.Errorf("reply = %+v, %v; want another try within 4s", r, err)
	}
	h.soon(reply)
	h.eventually("the second try failed", func() bool {
		r, err := h.queue.ReplyByID(t.Context(), reply)
		return err == nil && r.State == queue.ReplyQueued && r.Error == "too fast"
	})
	r, err = h.queue.ReplyByID(t.Context(), reply)
	if wait := time.Until(time.UnixMilli(r.Next)); err != nil || wait < time.Hour+59*time.Minute || r.Attempts != 2 {
		t.Errorf("reply = %+v, %v; want it to wait two hours", r, err)
	}
	h.soon(reply)
	if r := h.becomes(reply, queue.ReplyDone); r.Attempts != 3 || r.Error != "" {
		t.Errorf("reply = %+v", r)
	}
}

func TestWhatCannotBeSentComesBackToTheTeam(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, connector string
		sender          connectors.Sender
		want            string
	}{
		{"refused for good", "website", &channel{say: []func(context.Context, *message.Message) (connectors.Receipt, error){
			fails(connectors.Permanent(errors.New("no such mailbox"))),
		}}, "no such mailbox"},
		{"no connector", "gone", &channel{}, `no connector called "gone"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			h.run(tt.sender)
			task, reply := h.answered(1, tt.connector)
			if r := h.becomes(reply, queue.ReplyGaveUp); r.Message == nil {
				t.Error("its text is gone")
			}
			if got := h.task(task); got.State != queue.Queued || !strings.Contains(got.Failure, tt.want) || got.Since == 0 {
				t.Errorf("task = %+v, want it queued with the reason %q", got, tt.want)
			}
		})
	}
}

func TestGivesUpAfterHoursOfRefusals(t *testing.T) {
	h := newHouse(t)
	task, reply := h.answered(1, "website")
	ctx, rdb := t.Context(), h.store.Redis()
	age := func() {
		r, err := h.queue.ReplyByID(ctx, reply)
		if err != nil {
			t.Fatal(err)
		}
		card := rdb.HGet(ctx, "lk:{q}:o", reply).Val()
		for field, at := range map[string]int64{"created": r.Created, "since": r.Since} {
			card = strings.Replace(card, fmt.Sprintf("%q:%d", field, at), fmt.Sprintf("%q:%d", field, at-5*time.Hour.Milliseconds()), 1)
		}
		rdb.HSet(ctx, "lk:{q}:o", reply, card)
	}
	age()
	c := &channel{say: []func(context.Context, *message.Message) (connectors.Receipt, error){
		fails(errors.New("line is down")), fails(errors.New("still down")),
	}}
	h.run(c)
	h.becomes(reply, queue.ReplyGaveUp)
	if got := h.task(task); got.State != queue.Queued || !strings.Contains(got.Failure, "after 1 tries: line is down") {
		t.Errorf("task = %+v", got)
	}
	// Sent again by a person, it has its hours anew.
	if err := h.queue.Resend(ctx, reply, "anna"); err != nil {
		t.Fatal(err)
	}
	h.eventually("it is tried again later", func() bool {
		r, err := h.queue.ReplyByID(ctx, reply)
		return err == nil && r.State == queue.ReplyQueued && r.Error == "still down"
	})
	h.soon(reply)
	h.becomes(reply, queue.ReplyDone)
}

func TestInDoubtWithoutAFinderIsForTheAgent(t *testing.T) {
	t.Parallel()
	for name, say := range map[string]func(context.Context, *message.Message) (connectors.Receipt, error){
		"said so":   fails(connectors.InDoubt(errors.New("connection lost after the data"))),
		"timed out": fails(fmt.Errorf("send: connection lost: %w", context.DeadlineExceeded)),
		"panicked":  func(context.Context, *message.Message) (connectors.Receipt, error) { panic("connection lost") },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			c := &channel{say: []func(context.Context, *message.Message) (connectors.Receipt, error){say}}
			h.run(c)
			task, reply := h.answered(1, "website")
			h.becomes(reply, queue.ReplyDoubt)
			got := h.task(task)
			if got.State != queue.Queued || !strings.Contains(got.Failure, "connection lost") {
				t.Errorf("task = %+v", got)
			}
			if due, err := h.queue.DueReplies(t.Context(), 10); err != nil || len(due) != 0 {
				t.Errorf("DueReplies = %v, %v; want nothing: a person decides", due, err)
			}
			if err := h.queue.Resend(t.Context(), reply, "anna"); err != nil {
				t.Fatal(err)
			}
			h.becomes(reply, queue.ReplyDone)
			if n := c.handed()[reply]; n != 2 {
				t.Errorf("handed over %d times, want 2", n)
			}
		})
	}
}

func TestInDoubtIsFoundOut(t *testing.T) {
	t.Parallel()
	for _, found := range []bool{true, false} {
		t.Run(fmt.Sprint("the channel has it: ", found), func(t *testing.T) {
			h := newHouse(t)
			var asked atomic.Int32
			f := &finder{find: func(m *message.Message) (connectors.Receipt, bool, error) {
				if asked.Add(1) == 1 {
					return connectors.Receipt{}, false, errors.New("cannot say now")
				}
				return connectors.Receipt{ID: "found", State: connectors.Sent}, found, nil
			}}
			f.say = append(f.say, fails(connectors.InDoubt(errors.New("connection lost"))))
			h.run(f)
			task, reply := h.answered(1, "website")
			for n := range 2 {
				h.eventually("it is in doubt", func() bool {
					r, err := h.queue.ReplyByID(t.Context(), reply)
					return err == nil && r.State == queue.ReplyDoubt && r.Token == "" && int(asked.Load()) == n
				})
				if got := h.task(task); got.State != queue.Waiting {
					t.Errorf("task is %s while the channel is asked, want it to wait", got.State)
				}
				h.soon(reply)
			}
			r := h.becomes(reply, queue.ReplyDone)
			want := map[bool]int{true: 1, false: 2}[found]
			if n := f.handed()[reply]; n != want {
				t.Errorf("handed over %d times, want %d", n, want)
			}
			if found && r.ChannelID != "found" {
				t.Errorf("reply = %+v", r)
			}
		})
	}
}

func TestProcessThatVanishesWhileSending(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"sending", "handed", "recorded"} {
		for _, canFind := range []bool{true, false} {
			t.Run(fmt.Sprint(step, ", the channel can be asked: ", canFind), func(t *testing.T) {
				h := newHouse(t)
				c := &finder{}
				c.find = func(m *message.Message) (connectors.Receipt, bool, error) {
					return connectors.Receipt{ID: "c-" + m.ID, State: connectors.Sent}, c.handed()[m.ID] > 0, nil
				}
				var sender connectors.Sender = c
				if !canFind {
					sender = &c.channel
				}
				gone := make(chan struct{})
				_, stop := h.run(sender, func(o *outbox.Options) {
					o.Step = func(s string) {
						if s == step {
							close(gone)
							runtime.Goexit()
						}
					}
				})
				task, reply := h.answered(1, "website")
				<-gone
				stop()
				if r, err := h.queue.ReplyByID(t.Context(), reply); err != nil || r.State != queue.ReplySending {
					t.Fatalf("reply = %+v, %v; want it under way", r, err)
				}
				h.soon(reply)
				h.run(sender)
				if !canFind {
					h.becomes(reply, queue.ReplyDoubt)
					h.eventually("the agent is told", func() bool { return h.task(task).State == queue.Queued })
					if n := c.handed()[reply]; n > 1 {
						t.Errorf("handed over %d times", n)
					}
					return
				}
				h.becomes(reply, queue.ReplyDone)
				if n := c.handed()[reply]; n != 1 {
					t.Errorf("handed over %d times, want once", n)
				}
				entries, err := h.threads.Messages(t.Context(), h.task(task).Threads[0], 10)
				if err != nil || len(entries) != 2 {
					t.Errorf("the thread has %d messages, %v; want the question and one answer", len(entries), err)
				}
			})
		}
	}
}

func TestSettleSurvivesAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	h := houseOn(t, storetest.On(t, &redis.Options{Network: "unix", Addr: server.Socket}))
	c := &channel{say: []func(context.Context, *message.Message) (connectors.Receipt, error){
		func(_ context.Context, m *message.Message) (connectors.Receipt, error) {
			server.Kill()
			return connectors.Receipt{ID: "c1", State: connectors.Sent}, nil
		},
	}}
	var handed sync.WaitGroup
	handed.Add(1)
	h.run(c, func(o *outbox.Options) {
		o.Step = func(s string) {
			if s == "handed" {
				handed.Done()
			}
		}
	})
	_, reply := h.answered(1, "website")
	handed.Wait()
	h.eventually("the store is found away", func() bool { _, _, err := h.store.Load(context.Background()); return err != nil })
	server.Restart()
	if r := h.becomes(reply, queue.ReplyDone); r.ChannelID != "c1" {
		t.Errorf("reply = %+v", r)
	}
	if n := c.handed()[reply]; n != 1 {
		t.Errorf("handed over %d times, want once", n)
	}
}

func TestTwoProcessesSendEachReplyOnce(t *testing.T) {
	h := newHouse(t)
	c := &channel{}
	h.run(c)
	h.run(c)
	const many = 60
	var replies []string
	for n := range many {
		_, reply := h.answered(n, "website")
		replies = append(replies, reply)
	}
	for _, reply := range replies {
		h.becomes(reply, queue.ReplyDone)
	}
	handed := c.handed()
	for _, reply := range replies {
		if handed[reply] != 1 {
			t.Errorf("reply %s was handed over %d times", reply, handed[reply])
		}
	}
}

func TestRunEndsAfterWhatItBegan(t *testing.T) {
	h := newHouse(t)
	begun, end := make(chan struct{}), make(chan struct{})
	_, stop := h.run(&channel{say: []func(context.Context, *message.Message) (connectors.Receipt, error){
		func(ctx context.Context, _ *message.Message) (connectors.Receipt, error) {
			close(begun)
			<-end
			return connectors.Receipt{}, ctx.Err() // what is begun is ended, whatever the process was told
		},
	}})
	_, reply := h.answered(1, "website")
	<-begun
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	select {
	case <-stopped:
		t.Error("Run ended before the sending that it had begun")
	case <-time.After(50 * time.Millisecond):
	}
	close(end)
	<-stopped
	h.becomes(reply, queue.ReplyDone)
}

type strict struct{ channel }

func (*strict) Check(m *message.Message) error {
	if len(m.Text) > 5 {
		return errors.New("too long")
	}
	return nil
}

func TestCheckAsksTheChannelFirst(t *testing.T) {
	for _, tt := range []struct {
		name, connector string
		sender          connectors.Sender
		text, want      string
	}{
		{"no such connector", "gone", &channel{}, "hi", "carries no replies"},
		{"takes everything", "website", &channel{}, "anything at all", ""},
		{"takes this", "website", &strict{}, "hi", ""},
		{"refuses this", "website", &strict{}, "anything at all", "too long"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := outbox.New(outbox.Options{Sender: func(name string) connectors.Sender {
				if name == "gone" {
					return nil
				}
				return tt.sender
			}})
			err := o.Check(tt.connector, &message.Message{Text: tt.text})
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Check = %v, want %q", err, tt.want)
			}
		})
	}
}

// The whole way of a task on a cluster, which refuses scripts with undeclared keys or keys of two tags.
func TestReplyOnACluster(t *testing.T) {
	t.Parallel()
	h := houseOn(t, storetest.Cluster(t))
	h.run(&channel{say: []func(context.Context, *message.Message) (connectors.Receipt, error){
		fails(connectors.Permanent(errors.New("no"))),
	}})
	ctx, q := t.Context(), h.queue
	task, refused := h.answered(1, "website")
	h.becomes(refused, queue.ReplyGaveUp)
	got, err := q.Claim(ctx, queue.Claim{Team: "support", Agent: "anna", Request: "r", Wait: 5 * time.Second})
	if err != nil || got.ID != task {
		t.Fatalf("Claim = %+v, %v", got, err)
	}
	by := queue.By{Agent: "anna", Lease: got.Lease}
	for name, do := range map[string]func() error{
		"Resend": func() error { return q.Resend(ctx, refused, "anna") },
		"Link":   func() error { _, err := q.Link(ctx, task, "T0", "anna"); return err },
		"Note":   func() error { _, err := q.AddNote(ctx, task, by, "note"); return err },
		"Beat":   func() error { _, err := q.Heartbeat(ctx, task, by); return err },
		"Draft":  func() error { return q.KeepDraft(ctx, task, "bob", "draft") },
	} {
		if err := do(); err != nil {
			t.Errorf("%s = %v", name, err)
		}
	}
	h.becomes(refused, queue.ReplyDone)
	steps := []func() error{
		func() error { return q.Report(ctx, "website", "c-"+refused, queue.ReplyDelivered, "") },
		func() error { _, err := q.Wait(ctx, task, by, time.Now().Add(-time.Hour)); return err },
		func() error { _, err := q.Reap(ctx); return err },
		func() error { _, err := q.Assign(ctx, task, "bob", "boss"); return err },
		func() error { _, err := q.Transfer(ctx, task, queue.By{Agent: "bob"}, "webcare", "yours"); return err },
		func() error { _, err := q.Close(ctx, task, queue.By{Agent: "bob"}, "spam"); return err },
		func() error { _, err := q.Reopen(ctx, task, "bob"); return err },
		func() error { _, err := q.List(ctx, "webcare", queue.Queued, 10, ""); return err },
		func() error { _, err := q.Count(ctx, "webcare"); return err },
		func() error { _, err := q.Held(ctx, "bob"); return err },
		func() error { _, err := q.ByNumber(ctx, 1); return err },
		func() error { _, err := q.Since(ctx, "", 10); return err },
		func() error { _, err := q.Notes(ctx, task); return err },
		func() error { _, err := q.Drafts(ctx, task); return err },
		func() error { return q.Trim(ctx, time.Hour) },
	}
	for i, do := range steps {
		if err := do(); err != nil {
			t.Errorf("step %d = %v", i, err)
		}
	}
}
