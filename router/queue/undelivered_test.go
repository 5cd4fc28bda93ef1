package queue_test

import (
	"testing"
	"time"

	"loket/router/queue"
)

func (r *room) reports(reply string, state queue.ReplyState) {
	r.t.Helper()
	if err := r.Report(r.t.Context(), "website", reply, state, "because"); err != nil {
		r.t.Fatal(err)
	}
}

func TestAnAnswerThatDidNotArriveIsNone(t *testing.T) {
	r := newRoom(t)
	r.begin("T1", dueIn(-5*time.Hour, time.Hour))
	wait := r.task("T1")
	id := r.answer("T1", r.take("T1", "anna"), answer("hello")).ID
	r.send(id)
	r.reports(id, queue.ReplyGaveUp)
	r.reports(id, queue.ReplyGaveUp)
	got := r.want("T1", queue.Queued)
	if got.Wait != 1 || got.Since != wait.Since || got.WaitDue != wait.WaitDue || got.Replies != 0 {
		t.Errorf("task = %+v, want its wait going on as %+v", got, wait)
	}
	r.close("T1", queue.By{Agent: "anna"}, "unreachable")
	if e := r.newest("T1", queue.Finished); !e.Abandoned || !e.WaitEnded || e.WaitSince != wait.Since {
		t.Errorf("closed by %+v, want it abandoned: nobody was answered", e)
	}
}

func TestAWaitThatBeganAfterTheAnswerIsOneWithTheWaitThatGoesOn(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	wait := r.task("T1")
	id := r.answer("T1", r.take("T1", "anna"), answer("hello")).ID
	r.send(id)
	r.again("T1", r.said("anybody there?", time.Hour), queue.PutJoined)
	r.reports(id, queue.ReplyGaveUp)
	got := r.want("T1", queue.Queued)
	if got.Wait != 1 || got.Since != wait.Since || got.WaitDue != wait.WaitDue {
		t.Errorf("task = %+v, want one wait since %d", got, wait.Since)
	}
	r.look("T1", "bob")
	r.answer("T1", queue.By{Agent: "bob"}, answer("here we are"))
	if e := r.replied("T1")[1]; e.Wait != 1 || e.WaitSince != wait.Since {
		t.Errorf("event = %+v, want it to answer the first wait", e)
	}
}

func TestWhoHadAnotherAnswerSinceWaitsOnlyFromNow(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	first := r.answer("T1", r.take("T1", "anna"), answer("hello")).ID
	r.send(first)
	r.again("T1", r.said("and this?", time.Minute), queue.PutJoined)
	r.look("T1", "bob")
	r.send(r.answer("T1", queue.By{Agent: "bob"}, answer("that too")).ID)
	began := r.task("T1").Created
	r.reports(first, queue.ReplyGaveUp)
	got, e := r.want("T1", queue.Queued), r.newest("T1", queue.ReplyFailed)
	if got.Wait != 3 || got.Since <= began || e.UndoneAt != r.replied("T1")[0].At || got.Replies != 1 {
		t.Errorf("task = %+v, event = %+v; want a wait from now", got, e)
	}
}

func TestAnAnswerThatArrivedAfterAllEndsTheWait(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	id := r.answer("T1", r.take("T1", "anna"), answer("hello")).ID
	r.send(id)
	r.reports(id, queue.ReplyGaveUp)
	r.reports(id, queue.ReplyDelivered)
	given := r.replied("T1")
	if len(given) != 2 || given[1].AnsweredAt != given[0].At || given[1].Agent != "anna" || !given[1].WaitEnded || given[1].WaitSince != given[0].WaitSince {
		t.Errorf("answers = %+v, want the same once more", given)
	}
	if got := r.want("T1", queue.Waiting); got.Since != 0 || got.Replies != 1 || got.Failure != "" {
		t.Errorf("task = %+v, want it answered", got)
	}
}

func TestASentAgainAnswerLeavesTheTaskWithWhoHoldsIt(t *testing.T) {
	r := newRoom(t)
	id := r.answered("T1").ID
	s := r.beginSend(id, time.Hour, queue.ReplySending)
	if err := r.GiveUp(t.Context(), id, s.Token, "full"); err != nil {
		t.Fatal(err)
	}
	r.take("T1", "bob")
	claimed := r.task("T1").ClaimedAt
	if _, err := r.Resend(t.Context(), id, "anna"); err != nil {
		t.Fatal(err)
	}
	if got := r.want("T1", queue.Claimed); got.Agent != "bob" || got.ClaimedAt != claimed || got.Since != 0 || got.Replies != 1 {
		t.Errorf("task = %+v, want it answered, and bob's", got)
	}
}

func TestWhatIsDueAgainIsNotKeptForOnePersonForLong(t *testing.T) {
	r := newRoom(t)
	r.begin("T1", dueIn(-5*time.Hour, -time.Hour))
	id := r.answer("T1", r.take("T1", "anna"), answer("hello")).ID
	r.send(id)
	r.again("T1", r.said("anybody there?", time.Second), queue.PutJoined)
	if _, err := r.Assign(t.Context(), "T1", "bob", "boss"); err != nil {
		t.Fatal(err)
	}
	r.reports(id, queue.ReplyGaveUp)
	if got := r.want("T1", queue.Queued); got.Due > ms(time.Now()) || got.LaneUntil > ms(time.Now().Add(15*time.Minute)) {
		t.Errorf("kept until %d, due at %d, now %d", got.LaneUntil, got.Due, ms(time.Now()))
	}
}
