package intake_test

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/message"
	"loket/internal/store/storetest"
	"loket/router/intake"
	"loket/router/queue"
)

// dying is a process that vanishes at a step of its walks, without a word.
func dying(at string) func(*intake.Options) {
	return func(o *intake.Options) {
		o.Step = func(step string) {
			if step == at {
				runtime.Goexit()
			}
		}
	}
}

func TestAnotherProcessTakesUpWhatOneLeft(t *testing.T) {
	for _, step := range []string{"resolved", "placed", "put", "acked"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			st := storetest.New(t)
			left, other := newEnv(t, st, dying(step)), newEnv(t, st)
			for n := range 20 {
				left.accept(form(n / 2 * 2)) // each twice
				m := form(n)
				m.Thread = form(n / 2 * 2).ID
				left.accept(m)
			}
			if err := other.Sweep(t.Context()); err != nil { // nothing is overdue yet
				t.Fatal(err)
			}
			other.sweep()
			other.want(10, 20, 0, 0)
			other.sweep()
			other.want(10, 20, 0, 0)
		})
	}
}

func TestTwoProcessesSweepAtOnce(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	left := newEnv(t, st, dying("resolved"))
	const messages = 100
	for n := range messages {
		left.accept(form(n))
	}
	left.overdue()
	var wg sync.WaitGroup
	for range 3 {
		h := newEnv(t, st)
		wg.Go(func() {
			if err := h.Sweep(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	newEnv(t, st).want(messages, messages, 0, 0)
}

func TestAWalkThatPanicsHurtsNobodyElse(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	broken.Store(true)
	h := newEnv(t, storetest.New(t), func(o *intake.Options) {
		o.Step = func(step string) {
			if step == "placed" && broken.Load() {
				panic("a bug")
			}
		}
	})
	h.accept(form(1))
	broken.Store(false)
	h.accept(form(2))
	h.want(1, 1, 1, 0)
	h.sweep()
	h.want(2, 2, 0, 0)
}

func TestAcceptedTooLongAgoIsLeftToAPerson(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	left, h := newEnv(t, st, dying("resolved")), newEnv(t, st)
	m := form(1)
	left.accept(m)
	for p := range 64 {
		key := fmt.Sprintf("lk:{j%d}:x", p)
		old := time.Now().Add(-queue.Retention/2 - time.Hour).UnixMilli()
		st.Redis().ZAddXX(t.Context(), key, redis.Z{Score: float64(old), Member: m.ID})
	}
	h.sweep()
	h.want(0, 0, 0, 1)
	if err := h.Retry(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	h.sweep()
	h.want(1, 1, 0, 0)
}

func TestRunForgetsOldIdsOnly(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	h.accept(form(1))
	rdb := h.store.Redis()
	key := "lk:{j7}:x"
	rdb.ZAdd(t.Context(), key, redis.Z{Score: float64(time.Now().Add(-queue.Retention - time.Hour).UnixMilli()), Member: "old"})
	stop := h.run()
	h.eventually("the old id is forgotten", func() bool { return errors.Is(rdb.ZScore(t.Context(), key, "old").Err(), redis.Nil) })
	stop()
	h.accept(form(1))
	h.want(1, 1, 0, 0)
}

func TestReportIsTriedUntilTheReplyIsKnown(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	h.accept(form(1))
	id := h.tasks(t)[0].ID
	_, reply, err := h.queue.Reply(t.Context(), id, queue.Actor{Agent: "anna"}, queue.Answer{Message: &message.Message{Connector: "website", Text: "hello"}})
	if err != nil {
		t.Fatal(err)
	}
	report := func(of, state string) *message.Message {
		return &message.Message{
			ID: message.NewID([]byte(of), []byte(state)), Kind: message.Delivery, Connector: "website",
			Report: &message.DeliveryReport{Of: of, State: state}, Received: time.Now(),
		}
	}
	h.accept(report("c1", "delivered"))
	h.want(1, 1, 1, 0)
	sending, err := h.queue.BeginSend(t.Context(), reply.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.queue.Sent(t.Context(), reply.ID, sending.Token, "c1", false); err != nil {
		t.Fatal(err)
	}
	h.sweep()
	h.want(1, 1, 0, 0)
	if got, err := h.queue.ReplyByID(t.Context(), reply.ID); err != nil || got.State != queue.ReplyDelivered {
		t.Errorf("reply = %+v, %v; want it delivered", got, err)
	}
	// Another program may send over the same account: its reports are nobody's business here.
	h.accept(report("another's", "read"))
	for range 7 {
		h.want(1, 1, 1, 0)
		h.sweep()
	}
	h.want(1, 1, 0, 0)
}
