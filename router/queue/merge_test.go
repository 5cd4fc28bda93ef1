package queue_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/internal/message"
	"loket/router/queue"
)

// two begins T1 and, an hour earlier and in another thread, T2.
func (r *room) two() {
	r.t.Helper()
	r.put(r.first("T1", r.said("by the form", 0)), queue.PutCreated)
	m := r.said("by mail", -time.Hour)
	m.Thread = "mail"
	r.put(r.first("T2", m, func(p *queue.Put) {
		p.Decision.Tags, p.Decision.Priority, p.Decision.Band = []string{"vip"}, "high", 1
	}), queue.PutCreated)
}

func (r *room) merge(stays, goes, agent string) *queue.Task {
	r.t.Helper()
	t, err := r.Merge(r.t.Context(), queue.Merging{Stays: stays, Goes: goes, First: "m"}, queue.Actor{Agent: agent})
	if err != nil {
		r.t.Fatalf("Merge(%s, %s) = %v", stays, goes, err)
	}
	return t
}

func TestMergedTasksAreOneWait(t *testing.T) {
	r := newRoom(t)
	r.two()
	was, gone := r.task("T1"), r.task("T2")
	r.merge("T1", "T2", "anna")
	first := r.merge("T1", "T2", "bob") // changes nothing
	got, other := r.task("T1"), r.want("T2", queue.Closed)
	e := r.newest("T1", queue.Merged)
	want := *was
	want.Since, want.WaitDue, want.Due, want.OpenedAt = gone.Since, gone.WaitDue, gone.Due, gone.Created
	want.Tags, want.Priority, want.Band = []string{"vip"}, "high", 1
	want.Threads, want.QueuedAt, want.Op = []string{"mail", "thread"}, got.QueuedAt, got.Op
	want.Merged = []queue.Part{{ID: "T2", Number: gone.Number}}
	want.Later = []queue.LaterMessage{{N: 2, ID: "m", At: gone.Created}}
	want.History = []queue.Step{{At: e.At, Type: queue.Merged, Agent: "anna", Reason: queue.FormatNumber(gone.Number)}}
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Errorf("what stays (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(got, first); diff != "" {
		t.Errorf("merged again (-want +got):\n%s", diff)
	}
	if e.Agent != "anna" || e.Wait != 1 || e.WaitSince != gone.Since || e.WaitDue != gone.WaitDue {
		t.Errorf("event = %+v", e)
	}
	if e := r.newest("T2", queue.Merged); e.Reason != "into "+queue.FormatNumber(got.Number) || e.Outcome != "" || e.WaitEnded {
		t.Errorf("event of the other = %+v", e)
	}
	if other.Outcome != queue.OutcomeMerged || other.Into.ID != "T1" || other.Since != 0 || len(r.events("T2")) != 2 {
		t.Errorf("the other = %+v, %d events", other, len(r.events("T2")))
	}
}

func TestWhatComesToAMergedTaskComesToTheOneThatStays(t *testing.T) {
	r := newRoom(t)
	r.two()
	r.close("T1", r.take("T1", "anna"), "solved")
	if _, err := r.Merge(t.Context(), queue.Merging{Stays: "T1", Goes: "T2"}, queue.Actor{Agent: "anna"}); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("into a closed one: %v", err)
	}
	r.put(r.first("T3", r.said("by phone", 0)), queue.PutCreated)
	r.merge("T2", "T3", "anna")
	r.put(r.first("T4", r.said("by letter", 0)), queue.PutCreated)
	r.merge("T4", "T2", "anna") // and so is T3
	r.look("T4", "anna")
	r.answer("T4", r.take("T4", "anna"), answer("done"))
	m := r.said("one more thing", time.Minute)
	m.Thread = "phone"
	r.again("T3", m, queue.PutJoined)
	r.again("T3", m, queue.PutKnown)
	got := r.want("T4", queue.Queued)
	if got.Since != ms(m.Received) || got.Threads[len(got.Threads)-1] != "phone" || !got.Holds("T3") || !got.Holds("T2") {
		t.Errorf("task = %+v", got)
	}
	r.want("T3", queue.Closed)
	if err := r.AnsweredElsewhere(t.Context(), "T3", r.said("rang back", 2*time.Minute), m.Received.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if got := r.want("T4", queue.Waiting); got.Since != 0 {
		t.Errorf("answered elsewhere: %+v", got)
	}
	r.close("T4", queue.Actor{Agent: "anna", Anyway: true}, "solved")
	r.teams.set(&r.teams.reopen, -time.Hour) // closed this very millisecond is long ago too
	r.again("T3", r.said("long afterwards", time.Hour), queue.PutClosed)
	if stands, err := r.Current(t.Context(), "T3"); err != nil || stands.ID != "T4" {
		t.Errorf("Current = %+v, %v", stands, err)
	}
}

func TestWhoHoldsATaskLosesItToNoMerging(t *testing.T) {
	r := newRoom(t)
	r.two()
	held := r.take("T2", "bob")
	for _, by := range []queue.Actor{{Agent: "anna"}, {Agent: "anna", Lease: held.Lease}, {Agent: "bob", Lease: "gone"}} {
		if _, err := r.Merge(t.Context(), queue.Merging{Stays: "T1", Goes: "T2"}, by); !errors.Is(err, queue.ErrTaken) {
			t.Errorf("by %+v: %v", by, err)
		}
	}
	mary := r.take("T1", "mary")
	if _, err := r.Merge(t.Context(), queue.Merging{Stays: "T1", Goes: "T2"}, held); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Close(t.Context(), "T1", mary, "solved"); !errors.Is(err, queue.ErrUnseen) {
		t.Errorf("closing over what mary has not seen: %v", err)
	}
	if _, _, err := r.Reply(t.Context(), "T2", held, answer("late")); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("an answer in the one that went: %v", err)
	}
	if _, err := r.Merge(t.Context(), queue.Merging{Stays: "T2", Goes: "T1"}, mary); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("the other way round: %v", err)
	}
}

func TestWhoLookedAtBothHasSeenBoth(t *testing.T) {
	r := newRoom(t)
	r.two()
	r.again("T2", r.said("and then", time.Minute), queue.PutJoined)
	r.look("T2", "anna")
	r.merge("T1", "T2", "anna")
	if n := r.task("T1").Newest(); n != 3 {
		t.Errorf("newest = %d, want 3", n)
	}
	r.answer("T1", queue.Actor{Agent: "anna"}, answer("to both"))
}

func TestAnswersOnTheirWayAndDraftsGoAlong(t *testing.T) {
	r := newRoom(t)
	r.two()
	sent := r.answer("T2", r.take("T2", "anna"), answer("one"))
	draft, err := r.KeepDraft(t.Context(), "T2", queue.Draft{Agent: "bob", Text: "two", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	r.merge("T1", "T2", "anna")
	got := r.task("T1")
	drafts, err := r.Drafts(t.Context(), "T1")
	if err != nil || len(drafts) != 1 || drafts[0].Text != "two" || got.Drafts != 1 || r.task("T2").Drafts != 0 {
		t.Fatalf("drafts = %+v (was %s), %v", drafts, draft.ID, err)
	}
	a := answer("two")
	a.Key, a.Draft = drafts[0].Key, drafts[0].ID
	if reply := r.answer("T1", queue.Actor{Agent: "mary"}, a); reply.ID != drafts[0].ID {
		t.Errorf("the draft became %s, want %s", reply.ID, drafts[0].ID)
	}
	if late, err := r.KeepDraft(t.Context(), "T2", queue.Draft{Agent: "bob", Text: "three"}); err != nil || r.task("T1").Drafts != 1 {
		t.Errorf("a late draft = %+v, %v; it must be where it can be sent", late, err)
	}
	if !slices.Equal(r.task("T1").Sending, []string{sent.ID, drafts[0].ID}) {
		t.Errorf("on their way: %q", r.task("T1").Sending)
	}
}

func TestAnswerOfAMergedTaskThatFailsBringsBackTheOneThatStays(t *testing.T) {
	for _, when := range []string{"on its way", "reported later"} {
		t.Run(when, func(t *testing.T) {
			r := newRoom(t)
			r.two()
			gone := r.task("T2")
			reply := r.answer("T2", r.take("T2", "anna"), answer("one"))
			sending, err := r.BeginSend(t.Context(), reply.ID, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			settle := func() {
				if err := r.Sent(t.Context(), reply.ID, sending.Token, "sms-1", false); err != nil {
					t.Fatal(err)
				}
			}
			if when == "reported later" {
				settle()
			}
			r.answer("T1", r.take("T1", "bob"), answer("to the form"))
			r.merge("T1", "T2", "anna")
			if when == "on its way" {
				settle()
			}
			if err := r.Report(t.Context(), "website", "sms-1", queue.ReplyGaveUp, "no such number"); err != nil {
				t.Fatal(err)
			}
			got, e := r.want("T1", queue.Queued), r.newest("T1", queue.ReplyFailed)
			if got.Since != gone.Since || got.WaitDue != gone.WaitDue || got.Replies != 1 || e.UndoneOf != gone.Number || e.UndoneAt != reply.Created {
				t.Errorf("task = %+v, event = %+v", got, e)
			}
			r.want("T2", queue.Closed)
		})
	}
}

func TestMergedTaskOfAnotherTeamIsPassedOnFirst(t *testing.T) {
	r := newRoom(t)
	r.two()
	if _, err := r.Transfer(t.Context(), "T2", queue.Actor{Agent: "anna"}, webcare, ""); err != nil {
		t.Fatal(err)
	}
	r.merge("T1", "T2", "anna")
	var types []queue.EventType
	for _, e := range r.events("T2")[2:] {
		types = append(types, e.Type)
	}
	if want := []queue.EventType{queue.Transferred, queue.Transferred, queue.Merged}; !slices.Equal(types[len(types)-3:], want) {
		t.Errorf("events = %q, want %q at their end", types, want)
	}
	if got := r.task("T2"); got.Team != support {
		t.Errorf("team = %s", got.Team)
	}
}

func TestReopenedTaskIsTakenOutAgain(t *testing.T) {
	r := newRoom(t)
	r.two()
	r.put(r.first("T3", r.said("by phone", 0)), queue.PutCreated)
	r.merge("T2", "T3", "anna")
	r.merge("T1", "T2", "anna")
	if _, err := r.Reopen(t.Context(), "T3", "anna"); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("out of one that is in another: %v", err)
	}
	for range 2 {
		if _, err := r.Reopen(t.Context(), "T2", "anna"); err != nil {
			t.Fatal(err)
		}
	}
	got, out := r.task("T1"), r.want("T2", queue.Queued)
	if len(got.Merged) != 0 || got.Threads[len(got.Threads)-1] != "thread" || got.Since == 0 {
		t.Errorf("what stayed = %+v", got)
	}
	if out.Into.ID != "" || !out.Holds("T3") || out.Since != 0 || out.Reopened != 1 {
		t.Errorf("what was taken out = %+v", out)
	}
	r.again("T3", r.said("and then", time.Minute), queue.PutJoined)
	if got := r.task("T2"); got.Newest() != 3 {
		t.Errorf("what comes to T3 must come to T2: %+v", got)
	}
}

func TestMergingAndWritingAtOnceLoseNothing(t *testing.T) {
	r := newRoom(t)
	r.two()
	var all sync.WaitGroup
	for i := range 20 {
		m := r.said(number(i), time.Duration(i)*time.Second)
		m.Thread = "mail"
		all.Go(func() {
			if got, err := r.Put(t.Context(), r.first("T2", m)); err != nil || got != queue.PutJoined {
				t.Errorf("Put = %s, %v", got, err)
			}
		})
	}
	all.Go(func() { r.merge("T1", "T2", "anna") })
	all.Wait()
	got, other := r.task("T1"), r.task("T2")
	if got.Newest() != 22 || got.Messages+other.Messages != 22 {
		t.Errorf("T1 has %d messages, T2 %d, the newest is %d; want 22", got.Messages, other.Messages, got.Newest())
	}
}

func TestWhatThirdPartiesAnswerComesToTheOneThatStays(t *testing.T) {
	r := newRoom(t)
	r.two()
	f := queue.Forward{Text: "is it down?", Message: &message.Message{
		Connector: "mail", Channel: "email", Text: "is it down?", Forward: "T2", To: back("").From, ToOthers: true,
	}}
	_, sent, err := r.Forward(t.Context(), "T2", queue.Actor{Agent: "anna"}, f)
	if err != nil {
		t.Fatal(err)
	}
	r.merge("T1", "T2", "anna")
	if notes := r.takeBack("T1", back("it was")); len(notes) != 1 {
		t.Errorf("notes = %+v", notes)
	}
	if err := r.TakeBack(t.Context(), "T2", back("it is up again")); err != nil {
		t.Fatal(err)
	}
	notes, err := r.Notes(t.Context(), "T1")
	if err != nil || len(notes) != 2 || notes[1].Text != "it is up again" {
		t.Errorf("notes = %+v, %v", notes, err)
	}
	if got := r.task("T1"); !slices.Equal(got.Sending, []string{sent.ID}) {
		t.Errorf("on their way: %q", got.Sending)
	}
	if _, _, err := r.Forward(t.Context(), "T2", queue.Actor{Agent: "anna"}, f); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("forwarded once merged: %v", err)
	}
}
