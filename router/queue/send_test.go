package queue_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/internal/message"
	"loket/router/queue"
)

// answered is a task that waits, with an answer on its way.
func (r *room) answered(id string) *queue.Reply {
	r.t.Helper()
	r.begin(id)
	return r.answer(id, r.take(id, "anna"), answer("hello"))
}

// beginSend takes the reply, and wants it in that state.
func (r *room) beginSend(id string, lapse time.Duration, want queue.ReplyState) *queue.Reply {
	r.t.Helper()
	got, err := r.BeginSend(r.t.Context(), id, lapse)
	if err != nil || got == nil || got.State != want || got.Token == "" {
		r.t.Fatalf("BeginSend = %+v, %v; want it %s", got, err, want)
	}
	return got
}

func (r *room) send(id string) *queue.Reply {
	r.t.Helper()
	sending := r.beginSend(id, time.Hour, queue.ReplySending)
	if err := r.Sent(r.t.Context(), id, sending.Token, "c-"+id, false); err != nil {
		r.t.Fatal(err)
	}
	return r.reply(id, queue.ReplyDone)
}

func (r *room) reply(id string, want queue.ReplyState) *queue.Reply {
	r.t.Helper()
	got, err := r.ReplyByID(r.t.Context(), id)
	if err != nil || got.State != want {
		r.t.Fatalf("reply = %+v, %v; want it %s", got, err, want)
	}
	return got
}

func (r *room) due(want ...string) {
	r.t.Helper()
	replies, err := r.DueReplies(r.t.Context(), 0, 100)
	got := []string{}
	for _, reply := range replies {
		got = append(got, reply.ID)
	}
	if diff := cmp.Diff(append([]string{}, want...), got); diff != "" || err != nil {
		r.t.Fatalf("DueReplies (-want +got):\n%s%v", diff, err)
	}
}

func TestSendEndsWithTheTextGoneAndTheTaskToldOfIt(t *testing.T) {
	r := newRoom(t)
	id := r.answered("T1").ID
	r.due(id)
	sending := r.beginSend(id, time.Hour, queue.ReplySending)
	if sending.Attempts != 1 || sending.Message.Text != "hello" {
		t.Errorf("reply = %+v", sending)
	}
	r.due()
	if again, err := r.BeginSend(t.Context(), id, time.Hour); again != nil || err != nil {
		t.Errorf("BeginSend of what another sends = %+v, %v; want nothing", again, err)
	}
	if err := r.Sent(t.Context(), id, sending.Token, "c1", false); err != nil {
		t.Fatal(err)
	}
	got := r.reply(id, queue.ReplyDone)
	if got.Message != nil || got.ChannelID != "c1" || got.Token != "" || got.Sent == 0 {
		t.Errorf("reply = %+v", got)
	}
	if task := r.want("T1", queue.Waiting); len(task.Sending) != 0 {
		t.Errorf("task = %+v", task)
	}
	if e := r.newest("T1", queue.ReplySent); e.Message != id {
		t.Errorf("event = %+v", e)
	}
	r.due()
}

func TestSendIsFencedByItsToken(t *testing.T) {
	r := newRoom(t)
	id := r.answered("T1").ID
	old := r.beginSend(id, time.Millisecond, queue.ReplySending)
	r.eventually("the lapse passes", func() bool { ids, _ := r.DueReplies(t.Context(), 0, 1); return len(ids) == 1 })
	doubt := r.beginSend(id, time.Hour, queue.ReplyDoubt)
	before := r.everything()
	for what, end := range map[string]func(token string) error{
		"Sent":      func(token string) error { return r.Sent(t.Context(), id, token, "c1", true) },
		"SendAgain": func(token string) error { return r.SendAgain(t.Context(), id, token, 0, "x") },
		"InDoubt":   func(token string) error { return r.InDoubt(t.Context(), id, token, 0, "x") },
		"GiveUp":    func(token string) error { return r.GiveUp(t.Context(), id, token, "x") },
	} {
		for _, token := range []string{old.Token, "", "made up"} {
			if err := end(token); !errors.Is(err, queue.ErrNotYours) {
				t.Errorf("%s with the token %q = %v, want ErrNotYours", what, token, err)
			}
		}
	}
	if diff := cmp.Diff(before, r.everything()); diff != "" {
		t.Errorf("a stale sender changed (-before +after):\n%s", diff)
	}
	if err := r.Sent(t.Context(), id, doubt.Token, "c1", true); err != nil {
		t.Fatal(err)
	}
	r.reply(id, queue.ReplyDelivered)
}

func TestOneOfManyProcessesSends(t *testing.T) {
	r := newRoom(t)
	var ids []string
	for i := range 5 {
		ids = append(ids, r.answered(number(i)).ID)
	}
	took := map[string]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, id := range ids {
				got, err := r.BeginSend(t.Context(), id, time.Hour)
				if err != nil {
					t.Error(err)
				}
				if got != nil {
					mu.Lock()
					took[id]++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	for _, id := range ids {
		if took[id] != 1 {
			t.Errorf("reply %s was taken %d times", id, took[id])
		}
	}
}

func TestSendAgainWaitsAndCounts(t *testing.T) {
	r := newRoom(t)
	id := r.answered("T1").ID
	for try := range 3 {
		s := r.beginSend(id, time.Hour, queue.ReplySending)
		if s.Attempts != try+1 {
			t.Errorf("attempt %d, want %d", s.Attempts, try+1)
		}
		if err := r.SendAgain(t.Context(), id, s.Token, 0, "busy"); err != nil {
			t.Fatal(err)
		}
	}
	s := r.beginSend(id, time.Hour, queue.ReplySending)
	if err := r.SendAgain(t.Context(), id, s.Token, time.Hour, "slow down"); err != nil {
		t.Fatal(err)
	}
	if got := r.reply(id, queue.ReplyQueued); got.Error != "slow down" || time.Until(time.UnixMilli(got.Next)) < 59*time.Minute {
		t.Errorf("reply = %+v", got)
	}
	r.due()
	if got, err := r.BeginSend(t.Context(), id, time.Hour); got != nil || err != nil {
		t.Errorf("BeginSend before its time = %+v, %v", got, err)
	}
}

func TestGiveUpBringsTheTaskBackWithTheReason(t *testing.T) {
	for _, state := range []queue.State{queue.Waiting, queue.Closed, queue.Queued, queue.Claimed} {
		t.Run(string(state), func(t *testing.T) {
			r := newRoom(t)
			r.begin("T1")
			a := answer("hello")
			a.Close = state == queue.Closed
			id := r.answer("T1", r.take("T1", "anna"), a).ID
			switch state {
			case queue.Queued:
				r.again("T1", r.said("more", time.Hour), queue.PutJoined)
			case queue.Claimed:
				r.take("T1", "bob")
			}
			before := r.want("T1", state)
			s := r.beginSend(id, time.Hour, queue.ReplySending)
			if err := r.GiveUp(t.Context(), id, s.Token, "no such address"); err != nil {
				t.Fatal(err)
			}
			r.due()
			if got := r.reply(id, queue.ReplyGaveUp); got.Message == nil || got.Error != "no such address" {
				t.Errorf("reply = %+v, want its text kept", got)
			}
			got := r.task("T1")
			if !strings.Contains(got.Failure, "no such address") {
				t.Errorf("task says %q", got.Failure)
			}
			e := r.newest("T1", queue.ReplyFailed)
			if e.Message != id || !strings.Contains(e.Reason, "no such address") {
				t.Errorf("event = %+v", e)
			}
			switch state {
			case queue.Waiting, queue.Closed:
				if got.State != queue.Queued || e.ClosedAt != before.ClosedAt || got.Outcome != "" {
					t.Errorf("task = %+v, event = %+v; want it back", got, e)
				}
			default:
				if got.State != state || got.Agent != before.Agent {
					t.Errorf("task = %+v, was %+v", got, before)
				}
			}
			// Nobody has answered: the wait is the one that it was.
			answered := r.replied("T1")[0]
			if got.Wait != 1 || got.Since != answered.WaitSince || got.WaitDue != answered.WaitDue || got.Due != got.WaitDue || got.Replies != 0 {
				t.Errorf("task = %+v, want its first wait going on", got)
			}
			if e.Wait != 1 || e.WaitSince != got.Since || e.WaitDue != got.WaitDue || e.UndoneAt != answered.At {
				t.Errorf("event = %+v, want the answer of %d taken back", e, answered.At)
			}
		})
	}
}

func TestInDoubt(t *testing.T) {
	r := newRoom(t)
	id := r.answered("T1").ID
	s := r.beginSend(id, time.Hour, queue.ReplySending)
	if err := r.InDoubt(t.Context(), id, s.Token, time.Millisecond, "no answer"); err != nil {
		t.Fatal(err)
	}
	r.want("T1", queue.Waiting)
	r.eventually("it is looked at again", func() bool { ids, _ := r.DueReplies(t.Context(), 0, 1); return len(ids) == 1 })
	s = r.beginSend(id, time.Hour, queue.ReplyDoubt)
	if s.Attempts != 1 {
		t.Errorf("%d attempts, want 1: nothing was sent again", s.Attempts)
	}
	if err := r.InDoubt(t.Context(), id, s.Token, 0, "nobody knows"); err != nil {
		t.Fatal(err)
	}
	got := r.want("T1", queue.Queued)
	if !strings.Contains(got.Failure, "may not have arrived") || got.Wait != 2 {
		t.Errorf("task = %+v", got)
	}
	r.due()
	// A process that read the list of due replies before still has the id.
	if again, err := r.BeginSend(t.Context(), id, time.Hour); again != nil || err != nil {
		t.Errorf("BeginSend of what a person decides on = %+v, %v; want nothing", again, err)
	}
}

func TestResendIsAPersonsDecision(t *testing.T) {
	r := newRoom(t)
	id := r.answered("T1").ID
	s := r.beginSend(id, time.Hour, queue.ReplySending)
	if _, err := r.Resend(t.Context(), id, "anna"); !errors.Is(err, queue.ErrConflict) {
		t.Errorf("Resend of what is being sent = %v, want ErrConflict", err)
	}
	if err := r.GiveUp(t.Context(), id, s.Token, "full"); err != nil {
		t.Fatal(err)
	}
	r.eventually("time passes", func() bool { return ms(time.Now()) > s.Created })
	if _, err := r.Resend(t.Context(), id, "bob"); err != nil {
		t.Fatal(err)
	}
	if got := r.reply(id, queue.ReplyQueued); got.Attempts != 0 || got.Error != "" || got.Since <= got.Created {
		t.Errorf("reply = %+v, want it to begin anew", got)
	}
	if got := r.task("T1"); got.Failure != "" {
		t.Errorf("task says %q", got.Failure)
	}
	if e := r.newest("T1", queue.Replied); e.Agent != "bob" || e.Reason != "sent again" || !e.WaitEnded || e.WaitSince != r.replied("T1")[0].WaitSince {
		t.Errorf("event = %+v, want an answer by bob to the same wait", e)
	}
	if got := r.want("T1", queue.Waiting); got.Replies != 1 || got.Since != 0 {
		t.Errorf("task = %+v, want it answered", got)
	}
	s = r.beginSend(id, time.Hour, queue.ReplySending)
	if err := r.InDoubt(t.Context(), id, s.Token, time.Hour, "x"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Resend(t.Context(), id, "anna"); !errors.Is(err, queue.ErrConflict) {
		t.Errorf("Resend while the channel is asked = %v, want ErrConflict", err)
	}
	r.answered("T2")
	sent := r.send(r.task("T2").Sending[0])
	if _, err := r.Resend(t.Context(), sent.ID, "anna"); !errors.Is(err, queue.ErrConflict) {
		t.Errorf("Resend of what was sent = %v, want ErrConflict", err)
	}
}

func TestReportsOnlyMoveForward(t *testing.T) {
	const sent, delivered, read, failed = queue.ReplyDone, queue.ReplyDelivered, queue.ReplyRead, queue.ReplyGaveUp
	for i, tt := range []struct {
		reports []queue.ReplyState
		want    queue.ReplyState
		events  int
	}{
		{[]queue.ReplyState{sent}, sent, 0},
		{[]queue.ReplyState{delivered, delivered}, delivered, 1},
		{[]queue.ReplyState{delivered, read}, read, 2},
		{[]queue.ReplyState{read, delivered, sent}, read, 1},
		{[]queue.ReplyState{failed, failed}, failed, 1},
		{[]queue.ReplyState{delivered, failed}, delivered, 1},
		{[]queue.ReplyState{failed, delivered}, delivered, 3}, // and answered
		{[]queue.ReplyState{"", "nonsense", queue.ReplyQueued, queue.ReplyDoubt}, sent, 0},
	} {
		t.Run(fmt.Sprint(tt.reports), func(t *testing.T) {
			r := newRoom(t)
			id := r.answered("T1").ID
			if err := r.Report(t.Context(), "website", "c-"+id, delivered, ""); !errors.Is(err, queue.ErrNone) {
				t.Fatalf("row %d: Report before it was sent = %v, want ErrNone", i, err)
			}
			handed := r.send(id).StateAt
			before := len(r.events("T1"))
			for _, state := range tt.reports {
				if err := r.Report(t.Context(), "website", "c-"+id, state, "because"); err != nil {
					t.Fatal(err)
				}
			}
			moved, newest := tt.events > 0, r.events("T1")
			if got := r.reply(id, tt.want).StateAt; handed == 0 || moved && got != newest[len(newest)-1].At || !moved && got != handed {
				t.Errorf("it stands so since %d, sent at %d, the newest event %+v", got, handed, newest[len(newest)-1])
			}
			if n := len(r.events("T1")) - before; n != tt.events {
				t.Errorf("%d events, want %d", n, tt.events)
			}
			if failure := r.task("T1").Failure; (failure != "") != (tt.want == failed) {
				t.Errorf("the task says %q of a reply that is %s", failure, tt.want)
			}
			for _, of := range []string{"c-" + id, id} {
				if err := r.Report(t.Context(), "another", of, read, ""); !errors.Is(err, queue.ErrNone) {
					t.Errorf("Report of %s by another connector = %v, want ErrNone", of, err)
				}
			}
		})
	}
}

// A channel may report on a reply before it has answered that it took it.
func TestReportBeforeTheChannelAnswered(t *testing.T) {
	for _, state := range []queue.ReplyState{queue.ReplyDone, queue.ReplyDelivered, queue.ReplyRead, queue.ReplyGaveUp} {
		t.Run(string(state), func(t *testing.T) {
			r := newRoom(t)
			id := r.answered("T1").ID
			sending := r.beginSend(id, time.Hour, queue.ReplySending)
			if err := r.Report(t.Context(), "website", id, state, "because"); err != nil {
				t.Fatal(err)
			}
			if err := r.Sent(t.Context(), id, sending.Token, "c-"+id, false); err != nil {
				t.Fatal(err)
			}
			if got := r.reply(id, state); got.Message != nil || got.ChannelID != "c-"+id {
				t.Errorf("reply %+v, want it settled", got)
			}
		})
	}
}

// What the channel reports is surer than what we know of its answer: such a reply is settled and never sent again.
func TestReportSettlesWhatIsInDoubt(t *testing.T) {
	for name, end := range map[string]func(r *room, id, token string) error{
		"doubt":      func(r *room, id, token string) error { return r.InDoubt(r.t.Context(), id, token, time.Hour, "x") },
		"nobody can": func(r *room, id, token string) error { return r.InDoubt(r.t.Context(), id, token, 0, "x") },
		"again":      func(r *room, id, token string) error { return r.SendAgain(r.t.Context(), id, token, time.Hour, "x") },
	} {
		for _, early := range []bool{true, false} {
			t.Run(fmt.Sprint(name, " report before ", early), func(t *testing.T) {
				r := newRoom(t)
				id := r.answered("T1").ID
				sending := r.beginSend(id, time.Hour, queue.ReplySending)
				report := func() {
					if err := r.Report(t.Context(), "website", id, queue.ReplyDelivered, ""); err != nil {
						t.Fatal(err)
					}
				}
				if early {
					report()
				}
				if err := end(r, id, sending.Token); err != nil {
					t.Fatal(err)
				}
				if !early {
					report()
				}
				r.due(id)
				again := r.beginSend(id, time.Hour, queue.ReplyDelivered)
				if !again.Reported() || again.Message == nil {
					t.Errorf("reply %+v, want one to settle", again)
				}
				if err := r.Sent(t.Context(), id, again.Token, "", false); err != nil {
					t.Fatal(err)
				}
				if got := r.reply(id, queue.ReplyDelivered); got.Message != nil || len(r.task("T1").Sending) > 0 {
					t.Errorf("reply %+v of task %+v", got, r.task("T1"))
				}
				r.due()
			})
		}
	}
}

func TestFailureReportReopensTheClosedTask(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	a := answer("bye")
	a.Close = true
	id := r.answer("T1", r.take("T1", "anna"), a).ID
	r.send(id)
	// A bounce knows our own id, which the mail carried.
	if err := r.Report(t.Context(), "website", id, queue.ReplyGaveUp, "bounced"); err != nil {
		t.Fatal(err)
	}
	if got := r.want("T1", queue.Queued); !strings.Contains(got.Failure, "bounced") || got.Reopened != 1 {
		t.Errorf("task = %+v", got)
	}
	if _, err := r.Resend(t.Context(), id, "anna"); !errors.Is(err, queue.ErrConflict) {
		t.Errorf("Resend without its text = %v, want ErrConflict", err)
	}
}

func TestSendingToSaysWhetherTheChannelHasAnAnswerToSomebody(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	kate := r.said("", 0).From
	a := answer("hello")
	a.Message.To = kate
	id := r.answer("T1", r.take("T1", "anna"), a).ID
	want := func(what string, want bool) {
		t.Helper()
		if got, err := r.SendingTo(t.Context(), "website", kate); err != nil || got != want {
			t.Errorf("%s: SendingTo = %v, %v; want %v", what, got, err, want)
		}
	}
	want("still queued", false)
	sending := r.beginSend(id, time.Hour, queue.ReplySending)
	want("being sent", true)
	other := kate[0]
	other.Value = "bert@example.org"
	for connector, who := range map[string]message.Identifier{"another": kate[0], "website": other} {
		if got, err := r.SendingTo(t.Context(), connector, []message.Identifier{who}); err != nil || got {
			t.Errorf("SendingTo(%s, %v) = %v, %v; want nothing", connector, who, got, err)
		}
	}
	if err := r.InDoubt(t.Context(), id, sending.Token, time.Hour, "no word"); err != nil {
		t.Fatal(err)
	}
	want("in doubt", true)
	if err := r.LapseSending(t.Context()); err != nil {
		t.Fatal(err)
	}
	sending = r.beginSend(id, time.Hour, queue.ReplyDoubt)
	if err := r.Sent(t.Context(), id, sending.Token, "c1", false); err != nil {
		t.Fatal(err)
	}
	want("sent", false)
}
