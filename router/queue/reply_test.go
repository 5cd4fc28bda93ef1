package queue_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/router/queue"
)

func TestReplyLetsTheTaskWaitForTheCustomer(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	before := r.task("T1")
	by := r.take("T1", "anna")
	claimed := r.task("T1").ClaimedAt
	reply := r.answer("T1", by, answer("hello"))
	got := r.want("T1", queue.Waiting)
	if got.Since != 0 || got.Wait != 1 || got.Replies != 1 || got.Agent != "" || got.Lease != "" || !cmp.Equal(got.Sending, []string{reply.ID}) {
		t.Errorf("task = %+v", got)
	}
	e := r.newest("T1", queue.Replied)
	if !e.WaitEnded || e.Wait != 1 || e.WaitSince != before.Since || e.WaitDue != before.WaitDue || e.ClaimedAt != claimed || e.Agent != "anna" || e.Message != reply.ID {
		t.Errorf("event = %+v, want it to end the wait", e)
	}
	stored, err := r.ReplyByID(t.Context(), reply.ID)
	if err != nil || stored.State != queue.ReplyQueued || stored.Message.Text != "hello" || stored.Message.Direction != "out" || stored.Message.Agent != "anna" || stored.Message.ID != reply.ID {
		t.Errorf("reply = %+v, %v", stored, err)
	}
	// A second answer ends no wait: the customer waited for nothing.
	r.answer("T1", queue.Actor{Agent: "anna"}, answer("and also"))
	if e := r.newest("T1", queue.Replied); e.WaitEnded || e.Wait != 0 {
		t.Errorf("event = %+v, want no wait in it", e)
	}
}

func TestReplyAndCloseAreOneStep(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	a := answer("solved")
	a.Close, a.Outcome = true, "solved"
	r.answer("T1", r.take("T1", "anna"), a)
	if got := r.want("T1", queue.Closed); got.Outcome != "solved" || got.Since != 0 || len(got.Sending) != 1 {
		t.Errorf("task = %+v", got)
	}
	events := r.events("T1")
	replied, closed := events[len(events)-2], events[len(events)-1]
	if replied.Type != queue.Replied || !replied.WaitEnded || closed.Type != queue.Finished || closed.WaitEnded || closed.Abandoned || closed.Replies != 1 || replied.ClaimedAt == 0 || closed.ClaimedAt != 0 {
		t.Errorf("events = %+v", events)
	}
}

func TestReplyAgainUnderTheSameKeyIsTheSameReply(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	a := answer("hello")
	a.Key = "k1"
	by := r.take("T1", "anna")
	first := r.answer("T1", by, a)
	before := r.everything()
	for _, by := range []queue.Actor{by, {Agent: "anna"}, {Agent: "bob"}} {
		if again := r.answer("T1", by, a); again.ID != first.ID {
			t.Errorf("repeat by %+v = %s, want %s", by, again.ID, first.ID)
		}
	}
	other := answer("something else")
	other.Key = "k1"
	if _, _, err := r.Reply(t.Context(), "T1", by, other); !errors.Is(err, queue.ErrConflict) {
		t.Errorf("another text under the key = %v, want ErrConflict", err)
	}
	closing := a
	closing.Close = true
	if _, _, err := r.Reply(t.Context(), "T1", by, closing); !errors.Is(err, queue.ErrConflict) {
		t.Errorf("the same text, but closing = %v, want ErrConflict", err)
	}
	if diff := cmp.Diff(before, r.everything()); diff != "" {
		t.Errorf("repeats changed (-before +after):\n%s", diff)
	}
	// Sent, its text is gone; the repeat is recognised all the same.
	r.send(first.ID)
	if again := r.answer("T1", by, a); again.ID != first.ID || again.State != queue.ReplyDone {
		t.Errorf("repeat after it was sent = %+v", again)
	}
	r.begin("T2")
	if elsewhere := r.answer("T2", queue.Actor{Agent: "anna"}, a); elsewhere.ID == first.ID {
		t.Error("the same key in another task gave the same reply")
	}
}

func TestReplyTwentyTimesAtOnceIsOneReply(t *testing.T) {
	r := newRoom(t)
	for n := range 30 {
		id, withLease := number(n), n%2 == 0
		r.begin(id)
		by := r.take(id, "anna")
		if !withLease {
			by.Lease = ""
		}
		a := answer("hello")
		a.Key = "k1"
		ids := map[string]int{}
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				_, reply, err := r.Reply(t.Context(), id, by, a)
				if err != nil {
					t.Errorf("Reply = %v", err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				ids[reply.ID]++
			})
		}
		wg.Wait()
		if got := r.task(id); len(ids) != 1 || got.Replies != 1 || len(got.Sending) != 1 {
			t.Errorf("replies %v, task %+v; want one reply", ids, got)
		}
	}
}

func TestReplyWithoutAKeyIsEachItsOwn(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	a := r.answer("T1", queue.Actor{Agent: "anna"}, answer("hello"))
	b := r.answer("T1", queue.Actor{Agent: "anna"}, answer("hello"))
	states, err := r.ReplyStates(t.Context(), a.ID, "none", b.ID)
	if err != nil || a.ID == b.ID || len(states) != 2 || states[a.ID].ID != a.ID {
		t.Errorf("ReplyStates = %v, %v; want two", states, err)
	}
	if got := r.task("T1"); got.Replies != 2 || len(got.Sending) != 2 {
		t.Errorf("task = %+v", got)
	}
}

func TestReplyToNothing(t *testing.T) {
	r := newRoom(t)
	if _, _, err := r.Reply(t.Context(), "T9", queue.Actor{Agent: "anna"}, answer("hello")); !errors.Is(err, queue.ErrNone) {
		t.Errorf("Reply to no task = %v, want ErrNone", err)
	}
	if _, err := r.ReplyByID(t.Context(), "none"); !errors.Is(err, queue.ErrNone) {
		t.Errorf("ReplyByID = %v, want ErrNone", err)
	}
	if all := r.everything(); len(all) != 0 {
		t.Errorf("the store holds %v", all)
	}
}

// Two texts came under one key while others changed the task: the later one was taken for the earlier, and told that it
// was accepted.
func TestOfTwoTextsUnderOneKeyOneIsRefused(t *testing.T) {
	r := newRoom(t)
	for n := range 150 {
		task := fmt.Sprint("T", n)
		r.begin(task)
		var wg sync.WaitGroup
		var said [2]error
		for i, text := range []string{"yes", "no"} {
			wg.Go(func() {
				a := answer(text)
				a.Key = "k1"
				_, _, said[i] = r.Reply(t.Context(), task, queue.Actor{Agent: "anna"}, a)
			})
		}
		for range 6 {
			wg.Go(func() { _, _ = r.AddNote(t.Context(), task, queue.Actor{Agent: "bob"}, "a note") })
		}
		wg.Wait()
		if (said[0] == nil) == (said[1] == nil) {
			t.Fatalf("round %d: the answers of two texts under one key: %v and %v, want one refused", n, said[0], said[1])
		}
	}
}
