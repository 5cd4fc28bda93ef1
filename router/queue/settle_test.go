package queue_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/router/queue"
)

// doubted is an answer of anna's of which nobody knows whether it arrived.
func (r *room) doubted(task string) *queue.Reply {
	r.t.Helper()
	reply := r.answer(task, r.take(task, "anna"), answer("hello"))
	s := r.beginSend(reply.ID, time.Minute, queue.ReplySending)
	if err := r.InDoubt(r.t.Context(), reply.ID, s.Token, 0, "no word from the channel"); err != nil {
		r.t.Fatal(err)
	}
	return reply
}

func (r *room) settle(reply string, arrived bool) *queue.Task {
	r.t.Helper()
	task, err := r.Settle(r.t.Context(), reply, "bob", arrived)
	if err != nil {
		r.t.Fatal(err)
	}
	return task
}

// failed are the tasks of support in which something did not arrive.
func (r *room) failed(want ...string) {
	r.t.Helper()
	page, err := r.Failed(r.t.Context(), support, 10, "")
	if err != nil {
		r.t.Fatal(err)
	}
	var got []string
	for _, t := range page.Tasks {
		got = append(got, t.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		r.t.Errorf("tasks in which an answer did not arrive (-want +got):\n%s", diff)
	}
}

func TestAnswerInDoubtArrivedOnSomebodysWord(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	r.failed()
	reply := r.doubted("T1")
	r.failed("T1")
	got := r.settle(reply.ID, true)
	if got.State != queue.Waiting || got.Since != 0 || got.Failure != "" || got.Replies != 1 {
		t.Errorf("task = %+v, want it to wait for the customer, answered once", got)
	}
	r.failed()
	if e := r.replied("T1")[1]; e.Agent != "bob" || e.Reason != "arrived" || !e.WaitEnded {
		t.Errorf("event = %+v, want the wait ended on bob's word", e)
	}
	r.reply(reply.ID, queue.ReplyDelivered)
	r.due(reply.ID) // the outbox puts it into its thread
	events := len(r.events("T1"))
	r.settle(reply.ID, true)
	if n := len(r.events("T1")); n != events {
		t.Errorf("said twice there are %d events more", n-events)
	}
	if _, err := r.Settle(t.Context(), reply.ID, "bob", false); !errors.Is(err, queue.ErrConflict) {
		t.Errorf("what arrived is said not to have: %v, want ErrConflict", err)
	}
}

func TestCustomerWhoWroteSinceTheDoubtWaitsOn(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	reply := r.doubted("T1")
	r.again("T1", r.said("anybody there?", time.Hour), queue.PutJoined)
	got := r.settle(reply.ID, true)
	if got.State != queue.Queued || got.Since == 0 || got.Failure != "" {
		t.Errorf("task = %+v, want the customer's wait to go on", got)
	}
}

func TestAnswerInDoubtDidNotArriveOnSomebodysWord(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	wait := r.task("T1")
	reply := r.doubted("T1")
	got := r.settle(reply.ID, false)
	if got.State != queue.Queued || got.Since != wait.Since || got.Wait != 1 || got.Replies != 0 || got.Failure == "" {
		t.Errorf("task = %+v, want its first wait going on as %+v", got, wait)
	}
	r.reply(reply.ID, queue.ReplyGaveUp)
	r.settle(reply.ID, false)
	r.failed("T1")
	r.settle(reply.ID, true) // it did after all
	if got := r.want("T1", queue.Waiting); got.Since != 0 || got.Replies != 1 {
		t.Errorf("task = %+v, want it answered", got)
	}
	r.failed()
}

func TestChannelIsAskedAgain(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	reply := r.doubted("T1")
	r.due()
	for range 2 {
		if err := r.LookAgain(t.Context(), reply.ID); err != nil {
			t.Fatal(err)
		}
		r.due(reply.ID)
	}
	r.beginSend(reply.ID, time.Minute, queue.ReplyDoubt)
	r.begin("T2")
	on := r.answer("T2", r.take("T2", "anna"), answer("hi"))
	if err := r.LookAgain(t.Context(), on.ID); !errors.Is(err, queue.ErrConflict) {
		t.Errorf("LookAgain of what is on its way = %v, want ErrConflict", err)
	}
	for _, arrived := range []bool{true, false} {
		if _, err := r.Settle(t.Context(), on.ID, "bob", arrived); !errors.Is(err, queue.ErrConflict) {
			t.Errorf("Settle(%t) of what is on its way = %v, want ErrConflict", arrived, err)
		}
	}
}
