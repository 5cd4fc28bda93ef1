package queue_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"loket/internal/message"
	"loket/router/queue"
)

// endings are the steps by which what a customer said is done with, or put aside.
func endings() []act {
	closing := answer("bye")
	closing.Close = true
	return []act{
		{"close", func(ctx context.Context, q *queue.Queue, id string, by queue.Actor) (*queue.Task, error) {
			return q.Close(ctx, id, by, "solved")
		}},
		{"reply", func(ctx context.Context, q *queue.Queue, id string, by queue.Actor) (*queue.Task, error) {
			t, _, err := q.Reply(ctx, id, by, answer("hello"))
			return t, err
		}},
		{"reply and close", func(ctx context.Context, q *queue.Queue, id string, by queue.Actor) (*queue.Task, error) {
			t, _, err := q.Reply(ctx, id, by, closing)
			return t, err
		}},
		{"wait", func(ctx context.Context, q *queue.Queue, id string, by queue.Actor) (*queue.Task, error) {
			return q.Wait(ctx, id, by, time.Time{})
		}},
		{"wait until", func(ctx context.Context, q *queue.Queue, id string, by queue.Actor) (*queue.Task, error) {
			return q.Wait(ctx, id, by, time.Now().Add(time.Hour))
		}},
	}
}

// wantUnseen expects a refusal that names these messages, and that nothing changed.
func (r *room) wantUnseen(a act, id string, by queue.Actor, said ...*message.Message) {
	r.t.Helper()
	before := r.everything()
	_, err := a.do(r.t.Context(), r.Queue, id, by)
	var unseen *queue.Unseen
	if !errors.As(err, &unseen) || !errors.Is(err, queue.ErrUnseen) {
		r.t.Fatalf("%s by %+v = %v, want it refused over what nobody saw", a.name, by, err)
	}
	want := &queue.Unseen{N: len(said), Task: r.task(id)}
	newest := want.Task.Newest()
	for i, m := range said {
		want.Said = append(want.Said, queue.LaterMessage{N: newest - len(said) + 1 + i, ID: m.ID, At: ms(m.Received), Agent: m.Agent})
	}
	want.Text = fmt.Sprintf("%s: %d messages came since you looked", queue.FormatNumber(want.Task.Number), len(said))
	if len(said) == 1 {
		want.Text = queue.FormatNumber(want.Task.Number) + ": 1 message came since you looked"
	}
	if diff := cmp.Diff(want, unseen, cmpopts.IgnoreUnexported(queue.Refusal{}), cmpopts.IgnoreFields(queue.Unseen{}, "Task")); diff != "" {
		r.t.Errorf("%s: refusal (-want +got):\n%s", a.name, diff)
	}
	if diff := cmp.Diff(before, r.everything()); diff != "" {
		r.t.Errorf("%s changed though refused (-before +after):\n%s", a.name, diff)
	}
}

func TestWhatCameSinceTheAgentLookedIsNotEnded(t *testing.T) {
	for _, a := range endings() {
		t.Run(a.name, func(t *testing.T) {
			r := newRoom(t)
			r.begin("T1")
			by := r.take("T1", "anna")
			second := r.said("wait, there is more", time.Minute)
			r.again("T1", second, queue.PutJoined)
			r.wantUnseen(a, "T1", by, second)
			r.wantUnseen(a, "T1", queue.Actor{Agent: "anna"}, second)
			// In another thread, of the same millisecond, and one that came late with an older time.
			third := r.said("by mail, too", time.Minute)
			third.Thread = "another thread"
			r.again("T1", third, queue.PutJoined)
			late := r.said("sent before", -time.Hour)
			r.again("T1", late, queue.PutJoined)
			r.again("T1", second, queue.PutKnown)
			r.again("T1", r.automatic("out of office", 2*time.Minute), queue.PutJoined)
			r.wantUnseen(a, "T1", by, second, third, late)
			// A colleague looked; she did not.
			r.look("T1", "bob")
			r.wantUnseen(a, "T1", by, second, third, late)
			// What she was shown before some of it came.
			if err := r.Looked(t.Context(), "T1", "anna", 3); err != nil {
				t.Fatal(err)
			}
			r.wantUnseen(a, "T1", by, late)
			if err := r.Looked(t.Context(), "T1", "anna", 2); err != nil { // an earlier look, noted late
				t.Fatal(err)
			}
			r.wantUnseen(a, "T1", by, late)
			by.Seen = 2
			r.wantUnseen(a, "T1", by, third, late) // what the caller says counts
			by.Seen = 0
			r.look("T1", "anna")
			if _, err := a.do(t.Context(), r.Queue, "T1", by); err != nil {
				t.Errorf("%s after looking: %v", a.name, err)
			}
			if e := r.events("T1"); e[len(e)-1].Unseen != 0 {
				t.Errorf("event = %+v, want nothing unseen in it", e[len(e)-1])
			}
		})
	}
}

func TestAnywayEndsWhatNobodySawAndSaysSo(t *testing.T) {
	for _, a := range endings() {
		t.Run(a.name, func(t *testing.T) {
			r := newRoom(t)
			r.begin("T1")
			by := r.take("T1", "anna")
			r.again("T1", r.said("second", time.Minute), queue.PutJoined)
			r.again("T1", r.said("third", time.Minute), queue.PutJoined)
			by.Anyway = true
			if _, err := a.do(t.Context(), r.Queue, "T1", by); err != nil {
				t.Fatalf("%s anyway: %v", a.name, err)
			}
			if e := r.events("T1"); e[len(e)-1].Unseen != 2 {
				t.Errorf("event = %+v, want it to count two", e[len(e)-1])
			}
		})
	}
}

func TestWhatTheCallerSawIsEnough(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	by := r.take("T1", "anna")
	r.again("T1", r.said("second", time.Minute), queue.PutJoined)
	by.Seen = r.task("T1").Newest()
	r.close("T1", by, "solved")
}

func TestWhoeverNeverLookedKnowsWhatBeganTheTask(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	r.close("T1", queue.Actor{Agent: "anna"}, "spam")
	second := r.said("no spam", time.Minute)
	r.again("T1", second, queue.PutJoined) // it is open again
	for _, a := range endings() {
		r.wantUnseen(a, "T1", queue.Actor{Agent: "anna"}, second)
		r.wantUnseen(a, "T1", queue.Actor{Agent: "bob"}, second)
	}
	// What a machine began: lists tell of that, and nobody saw what the person wrote.
	r.put(r.first("T2", r.automatic("notice", 0)), queue.PutCreated)
	third := r.said("a person", time.Minute)
	r.again("T2", third, queue.PutJoined)
	r.wantUnseen(endings()[0], "T2", queue.Actor{Agent: "anna"}, third)
}

func TestALeaseThatRanOutDoesNotMakeMessagesSeen(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	by := r.take("T1", "anna")
	second := r.said("second", time.Minute)
	r.again("T1", second, queue.PutJoined)
	r.expire("T1")
	for _, a := range endings() {
		r.wantUnseen(a, "T1", by, second)
		r.wantUnseen(a, "T1", queue.Actor{Agent: "anna"}, second)
	}
	if _, err := r.Heartbeat(t.Context(), "T1", by); err != nil { // a program beats without anybody looking
		t.Fatal(err)
	}
	r.wantUnseen(endings()[0], "T1", by, second)
}

func TestWhatOneTookDownOneselfIsKnown(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	by := r.take("T1", "anna")
	called := r.said("she called", time.Minute)
	called.Agent = "anna"
	r.again("T1", called, queue.PutJoined)
	r.expire("T1")
	r.wantUnseen(endings()[0], "T1", queue.Actor{Agent: "bob"}, called)
	r.close("T1", by, "solved")
}

func TestTheSameAnswerAgainIsTheSameThoughMoreCame(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	a := answer("hello")
	a.Key = "k"
	by := r.take("T1", "anna")
	first := r.answer("T1", by, a)
	r.again("T1", r.said("thanks", time.Minute), queue.PutJoined)
	if again := r.answer("T1", by, a); again.ID != first.ID {
		t.Errorf("a repeat is %s, want %s", again.ID, first.ID)
	}
	if task := r.want("T1", queue.Queued); task.Since == 0 || task.Wait != 2 {
		t.Errorf("task = %+v, want it to wait for what came after the answer", task)
	}
}

func TestMoreMessagesThanACardNamesAreCounted(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	by := r.take("T1", "anna")
	const n = 40
	for i := range n {
		r.again("T1", r.said(fmt.Sprint("more ", i), time.Duration(i)), queue.PutJoined)
	}
	_, err := r.Close(t.Context(), "T1", by, "solved")
	var unseen *queue.Unseen
	if !errors.As(err, &unseen) || unseen.N != n || len(unseen.Said) != 32 || unseen.Said[31].ID != r.said(fmt.Sprint("more ", n-1), 0).ID {
		t.Errorf("Close = %v, %+v; want %d counted and the newest of them named", err, unseen, n)
	}
	if _, err := r.Close(t.Context(), "T1", queue.Actor{Agent: "anna", Seen: n + 1}, "solved"); err != nil {
		t.Errorf("Close after all of it was seen: %v", err)
	}
}

func TestNoMessageIsEndedUnseenHoweverItRaces(t *testing.T) {
	r := newRoom(t)
	for i := range 60 {
		id, a := fmt.Sprint("race ", i), endings()[i%len(endings())]
		r.begin(id)
		by := r.take(id, "anna")
		var wg sync.WaitGroup
		var ended error
		wg.Go(func() { _, ended = a.do(t.Context(), r.Queue, id, by) })
		for n := range 2 {
			p := r.first(id, r.said(fmt.Sprint("during ", id, n), time.Minute))
			wg.Go(func() {
				if res, err := r.Put(t.Context(), p); err != nil || res != queue.PutJoined {
					t.Errorf("Put = %q, %v", res, err)
				}
			})
		}
		wg.Wait()
		task := r.task(id)
		switch {
		case errors.Is(ended, queue.ErrUnseen) && task.State == queue.Claimed && task.Since > 0:
		case ended == nil && task.State == queue.Queued && task.Since > 0:
		default:
			t.Errorf("%s = %v, and the task is %s, since %d: somebody's words are lost in it", a.name, ended, task.State, task.Since)
		}
	}
}

func TestAnAnswerFromElsewhereLeavesWhatCameAfterIt(t *testing.T) {
	r := newRoom(t)
	for _, id := range []string{"queued", "claimed"} {
		r.begin(id)
		r.again(id, r.said("more to "+id, time.Minute), queue.PutJoined)
		r.again(id, r.said("and more to "+id, 2*time.Minute), queue.PutJoined)
	}
	r.take("claimed", "anna")
	for id, state := range map[string]queue.State{"queued": queue.Queued, "claimed": queue.Claimed} {
		at := r.begun.Add(30 * time.Second) // the colleague had not read what came a minute after the beginning
		if err := r.AnsweredElsewhere(t.Context(), id, r.said("of us to "+id, 30*time.Second), at); err != nil {
			t.Fatal(err)
		}
		got := r.want(id, state)
		if want := r.begun.Add(time.Minute).UnixMilli(); got.Wait != 2 || got.Since != want || got.WaitDue <= got.Since {
			t.Errorf("%s: wait %d since %d due %d, want the second one since %d", id, got.Wait, got.Since, got.WaitDue, want)
		}
		if e := r.newest(id, queue.Woken); e.Wait != 2 || e.WaitSince != got.Since || e.WaitDue != got.WaitDue {
			t.Errorf("%s: event = %+v, want the wait that began", id, e)
		}
		if err := r.AnsweredElsewhere(t.Context(), id, r.said("of us again to "+id, 3*time.Minute), r.begun.Add(3*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.want("queued", queue.Waiting); got.Since != 0 {
		t.Errorf("the wait goes on since %d after an answer to all of it", got.Since)
	}
}

// What customers are told to be read is what somebody had on screen, and nothing that is not in the task yet.
func TestHowFarATaskWasShown(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	wants := func(want int) {
		t.Helper()
		if got, err := r.ShownUpTo(t.Context(), r.task("T1")); err != nil || got != want {
			t.Errorf("ShownUpTo = %d, %v; want %d", got, err, want)
		}
	}
	wants(0)
	r.claim("anna")
	wants(1)
	second, third := r.said("and here", time.Minute), r.said("and there", 2*time.Minute)
	r.again("T1", second, queue.PutJoined)
	wants(1)
	if err := r.Looked(t.Context(), "T1", "anna", 2); err != nil {
		t.Fatal(err)
	}
	wants(2)
	task := r.task("T1")
	for _, row := range []struct {
		what string
		m    *message.Message
		n    int
		want bool
	}{
		{"the second, when the first was shown", second, 1, false}, {"the second, when it was", second, 2, true},
		{"what is not in the task yet", third, 2, false},
	} {
		if got := task.Shown(row.m.ID, ms(row.m.Received), row.n); got != row.want {
			t.Errorf("%s: Shown = %v, want %v", row.what, got, row.want)
		}
	}
	if !task.Shown("what began it", task.Created, 1) || task.Shown("what began it", task.Created, 0) {
		t.Error("what began the task is read when somebody took it up, and not before")
	}
}
