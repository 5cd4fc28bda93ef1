package queue_test

import (
	"testing"
	"time"

	"loket/internal/message"
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
	r.close("T1", queue.Actor{Agent: "anna"}, "unreachable")
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
	r.answer("T1", queue.Actor{Agent: "bob"}, answer("here we are"))
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
	r.send(r.answer("T1", queue.Actor{Agent: "bob"}, answer("that too")).ID)
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

func TestACopyThatDidNotArriveLeavesTheAnswer(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	mail := func(value string) message.Identifier { return message.Identifier{Kind: "email", Value: value} }
	kate, lee, pat := mail("kate@example.com"), mail("lee@example.com"), mail("pat@example.com")
	a := answer("hello")
	a.Message.To, a.Message.Cc = []message.Identifier{kate}, []message.Identifier{lee, pat}
	id := r.answer("T1", r.take("T1", "anna"), a).ID
	r.send(id)
	for _, tc := range []struct {
		to     []message.Identifier
		copies bool
		missed int
	}{
		{nil, false, 0}, {[]message.Identifier{kate}, false, 0}, {[]message.Identifier{lee, kate}, false, 0}, {[]message.Identifier{mail("who@example.com")}, false, 0},
		{[]message.Identifier{lee}, true, 1}, {[]message.Identifier{lee}, true, 1}, {[]message.Identifier{lee, pat}, true, 2},
	} {
		copies, err := r.ReportCopies(t.Context(), "website", id, tc.to, "no such user")
		if err != nil || copies != tc.copies {
			t.Errorf("ReportCopies(%v) = %v, %v; want %v", tc.to, copies, err, tc.copies)
		}
		reply, err := r.ReplyByID(t.Context(), id)
		if err != nil || len(reply.Missed) != tc.missed || reply.State != queue.ReplyDone {
			t.Errorf("after %v the reply is %+v, %v; want it sent, with %d copies missed", tc.to, reply, err, tc.missed)
		}
	}
	if got := r.want("T1", queue.Waiting); got.Replies != 1 || got.Since != 0 || got.Unattended != 2 {
		t.Errorf("task = %+v, want it answered, and two reports unattended", got)
	}
	if copies, err := r.ReportCopies(t.Context(), "other", id, []message.Identifier{lee}, "x"); err != nil || copies {
		t.Errorf("another connector's report = %v, %v", copies, err)
	}
}

func TestWhatGoesToOthersEndsNoWait(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	wait := r.task("T1")
	others := func() queue.Answer {
		a := answer("is it down?")
		a.Message.ToOthers = true
		return a
	}
	id := r.answer("T1", r.take("T1", "anna"), others()).ID
	if got := r.want("T1", queue.Claimed); got.Since != wait.Since || got.Replies != 0 || got.Agent != "anna" {
		t.Errorf("task = %+v, want it held by anna and its wait going on", got)
	}
	r.send(id)
	r.reports(id, queue.ReplyGaveUp)
	if got := r.want("T1", queue.Claimed); got.Since != wait.Since || got.Failure == "" {
		t.Errorf("after the failure task = %+v, want it told to anna", got)
	}
	r.answer("T1", queue.Actor{Agent: "anna"}, answer("it is down"))
	r.want("T1", queue.Waiting)
	second := r.answer("T1", queue.Actor{Agent: "anna"}, others()).ID
	if got := r.want("T1", queue.Waiting); got.Since != 0 || got.Replies != 1 {
		t.Errorf("task = %+v, want it to wait on, with one answer", got)
	}
	r.send(second)
	r.reports(second, queue.ReplyGaveUp)
	if got := r.want("T1", queue.Queued); got.Since != 0 || got.Wait != 1 || got.Replies != 1 {
		t.Errorf("task = %+v, want it before its team, and nobody waiting", got)
	}
	a := others()
	a.Close = true
	third := r.answer("T1", r.take("T1", "bob"), a).ID
	r.send(third)
	r.reports(third, queue.ReplyGaveUp)
	if got := r.want("T1", queue.Closed); got.Unattended != 1 || got.Reopened != 0 {
		t.Errorf("task = %+v, want it closed, and the failure in its list", got)
	}
}

func TestAFailedAnswerInATaskOfMachinesBeginsNoWait(t *testing.T) {
	r := newRoom(t)
	r.put(r.first("T1", r.automatic("our newsletter", 0), func(p *queue.Put) { p.Machine = true }), queue.PutCreated)
	id := r.answer("T1", r.take("T1", "anna"), answer("please take us off your list")).ID
	r.send(id)
	r.reports(id, queue.ReplyGaveUp)
	if got := r.want("T1", queue.Queued); got.Wait != 0 || got.Since != 0 || got.Due <= ms(r.begun) || got.Failure == "" {
		t.Errorf("task = %+v, want it before its team, and nobody waiting", got)
	}
	if e := r.newest("T1", queue.ReplyFailed); !e.OnlyMachines {
		t.Errorf("event = %+v, want it to be nobody's matter", e)
	}
}

func TestWhoHadAnotherAnswerWaitsFromNowAlsoWhereTheTaskIsHeld(t *testing.T) {
	for name, state := range map[string]queue.ReplyState{"failed": queue.ReplyGaveUp, "in doubt": queue.ReplyDoubt} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			r.begin("T1")
			first := r.answer("T1", r.take("T1", "anna"), answer("hello")).ID
			sending := r.beginSend(first, time.Hour, queue.ReplySending)
			r.answer("T1", queue.Actor{Agent: "anna"}, answer("one more thing"))
			r.take("T1", "bob")
			var err error
			if state == queue.ReplyGaveUp {
				err = r.GiveUp(t.Context(), first, sending.Token, "full")
			} else {
				err = r.InDoubt(t.Context(), first, sending.Token, 0, "no answer")
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := r.want("T1", queue.Claimed); got.Agent != "bob" || got.Wait != 2 || got.Since < ms(r.begun) || got.WaitDue <= got.Since {
				t.Errorf("task = %+v, want it bob's, and a wait from now", got)
			}
		})
	}
}

func TestAnAnswerThatDidNotArriveMovesNoOtherWait(t *testing.T) {
	r := newRoom(t)
	r.teams.set(&r.teams.next, 20*time.Hour)
	r.begin("T1")
	first := r.answer("T1", r.take("T1", "anna"), answer("hello")).ID
	r.send(first)
	r.answer("T1", queue.Actor{Agent: "anna"}, answer("one more thing"))
	r.again("T1", r.said("anybody there?", time.Second), queue.PutJoined)
	r.look("T1", "bob")
	if _, err := r.Wait(t.Context(), "T1", queue.Actor{Agent: "bob"}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	was := r.task("T1")
	r.teams.set(&r.teams.next, time.Hour)
	r.reports(first, queue.ReplyGaveUp)
	if got := r.want("T1", queue.Queued); got.Wait != was.Wait || got.Since != was.Since || got.WaitDue != was.WaitDue || got.Due != was.Due {
		t.Errorf("task = %+v, want its wait as it was promised, %+v", got, was)
	}
}

func TestAWaitThatGoesOnWasClaimedWhenItWas(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	by := r.take("T1", "anna")
	picked := r.task("T1").PickedAt
	id := r.answer("T1", by, answer("hello")).ID
	r.send(id)
	r.reports(id, queue.ReplyGaveUp)
	r.close("T1", r.take("T1", "bob"), "unreachable")
	if e := r.newest("T1", queue.Finished); e.PickedAt != picked {
		t.Errorf("closed with the first claim at %d, want %d", e.PickedAt, picked)
	}
}
