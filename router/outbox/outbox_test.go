package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"loket/connectors"
	"loket/internal/message"
	"loket/internal/store/storetest"
	"loket/router/outbox"
	"loket/router/queue"
	"loket/router/thread"
)

func TestSends(t *testing.T) {
	h := newEnv(t)
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
	for _, step := range []string{"bound", "sending", "handed", "recorded", "settled"} {
		if _, ok := steps.Load(step); !ok {
			t.Errorf("step %s was not called", step)
		}
	}
	if n := c.handed()[reply]; n != 1 {
		t.Errorf("handed over %d times", n)
	}
}

// referrer is a channel that knows what answers refer to.
type referrer struct{ channel }

func (*referrer) References(m *message.Message) []string { return []string{"known of " + m.ID} }

func TestWhatAnswersReferToLeadsToTheThreadBeforeAnythingIsSent(t *testing.T) {
	h := newEnv(t)
	task, reply := h.answered(1, "website")
	thread := h.task(task).Threads[0]
	led := make(chan string, 1)
	c := &referrer{}
	c.say = append(c.say, func(ctx context.Context, m *message.Message) (connectors.Receipt, error) {
		early := &message.Message{ID: message.NewID([]byte("early")), Connector: "website", References: []string{"known of " + m.ID}}
		to, err := h.threads.Join(ctx, early, early.ID)
		if err != nil {
			t.Error(err)
		}
		led <- to
		return connectors.Receipt{ID: "c1", State: connectors.Sent}, nil
	})
	h.run(c)
	h.becomes(reply, queue.ReplyDone)
	if got := <-led; got != thread {
		t.Errorf("an early answer belongs to %s, want %s", got, thread)
	}
	e, err := h.threads.Message(t.Context(), thread, reply)
	if err != nil || !slices.Contains(e.Message.References, "known of "+reply) {
		t.Errorf("the thread has %+v, %v; want it to know what leads to it, to forget that too", e.Message, err)
	}
}

func TestAChannelThatHangsHoldsUpNoOther(t *testing.T) {
	h := newEnv(t)
	release := make(chan struct{})
	hangs := &channel{}
	for range 200 {
		hangs.say = append(hangs.say, func(context.Context, *message.Message) (connectors.Receipt, error) {
			<-release
			return connectors.Receipt{State: connectors.Sent}, nil
		})
	}
	var stuck []string
	for n := range 200 { // more than are looked at in one step
		_, reply := h.answered(n, "slow")
		stuck = append(stuck, reply)
	}
	_, reply := h.answered(1000, "website")
	h.run(&channel{}, func(o *outbox.Options) {
		website := o.Sender
		o.Sender = func(name string) connectors.Sender {
			if name == "slow" {
				return hangs
			}
			return website(name)
		}
	})
	h.becomes(reply, queue.ReplyDone)
	close(release)
	for _, id := range stuck {
		h.becomes(id, queue.ReplyDone)
	}
}

func TestWhatAnswersOurMessageJoinsItsThread(t *testing.T) {
	h := newEnv(t)
	h.run(&channel{})
	task, reply := h.answered(1, "website")
	h.becomes(reply, queue.ReplyDone)
	th := h.task(task).Threads[0]
	m := &message.Message{ID: message.NewID([]byte("back")), Connector: "website", References: []string{"c-" + reply}}
	if got, err := h.threads.Join(t.Context(), m, m.ID); err != nil || got != th {
		t.Errorf("Join = %s, %v; want the thread %s of what it answers", got, err, th)
	}
}

func TestTakingItMayBeDeliveringIt(t *testing.T) {
	h := newEnv(t)
	h.run(&channel{say: []func(context.Context, *message.Message) (connectors.Receipt, error){
		func(context.Context, *message.Message) (connectors.Receipt, error) {
			return connectors.Receipt{State: connectors.Delivered}, nil
		},
	}})
	_, reply := h.answered(1, "website")
	h.becomes(reply, queue.ReplyDelivered)
}

func TestRetriesAndHeedsWhatTheChannelAsks(t *testing.T) {
	h := newEnv(t)
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
			h := newEnv(t)
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
	h := newEnv(t)
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
	if _, err := h.queue.Resend(ctx, reply, "anna"); err != nil {
		t.Fatal(err)
	}
	h.eventually("it is tried again later", func() bool {
		r, err := h.queue.ReplyByID(ctx, reply)
		return err == nil && r.State == queue.ReplyQueued && r.Error == "still down"
	})
	h.soon(reply)
	h.becomes(reply, queue.ReplyDone)
}

func TestSettleSurvivesAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	h := envOn(t, storetest.On(t, &redis.Options{Network: "unix", Addr: server.Socket}))
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
	h := newEnv(t)
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
	h := newEnv(t)
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
			o, err := outbox.New(outbox.Options{Queue: &queue.Queue{}, Threads: &thread.Threads{}, Log: zap.NewNop(), Sender: func(name string) connectors.Sender {
				if name == "gone" {
					return nil
				}
				return tt.sender
			}})
			if err != nil {
				t.Fatal(err)
			}
			err = o.Check(tt.connector, &message.Message{Text: tt.text})
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Check = %v, want %q", err, tt.want)
			}
		})
	}
}

// The whole way of a task on a cluster, which refuses scripts with undeclared keys or keys of two tags.
func TestReplyOnACluster(t *testing.T) {
	t.Parallel()
	h := envOn(t, storetest.Cluster(t))
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
	by := queue.Actor{Agent: "anna", Lease: got.Lease}
	for name, do := range map[string]func() error{
		"Resend": func() error { _, err := q.Resend(ctx, refused, "anna"); return err },
		"Link":   func() error { _, err := q.Link(ctx, task, "T0", "anna"); return err },
		"Note":   func() error { _, err := q.AddNote(ctx, task, by, "note"); return err },
		"Beat":   func() error { _, err := q.Heartbeat(ctx, task, by); return err },
		"Draft":  func() error { _, err := q.KeepDraft(ctx, task, queue.Draft{Agent: "bob", Text: "draft"}); return err },
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
		func() error {
			_, err := q.Transfer(ctx, task, queue.Actor{Agent: "bob"}, "webcare", "yours")
			return err
		},
		func() error { _, err := q.Close(ctx, task, queue.Actor{Agent: "bob"}, "spam"); return err },
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
