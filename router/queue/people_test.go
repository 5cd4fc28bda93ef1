package queue_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/router/queue"
)

// An act is what a person can do with a task under a lease.
type act struct {
	name string
	do   func(ctx context.Context, q *queue.Queue, id string, by queue.Actor) (*queue.Task, error)
}

func acts() []act {
	return []act{
		{"heartbeat", func(ctx context.Context, q *queue.Queue, id string, by queue.Actor) (*queue.Task, error) {
			return q.Heartbeat(ctx, id, by)
		}},
		{"return", func(ctx context.Context, q *queue.Queue, id string, by queue.Actor) (*queue.Task, error) {
			return q.Return(ctx, id, by)
		}},
		{"transfer", func(ctx context.Context, q *queue.Queue, id string, by queue.Actor) (*queue.Task, error) {
			return q.Transfer(ctx, id, by, webcare, "yours")
		}},
		{"wait", func(ctx context.Context, q *queue.Queue, id string, by queue.Actor) (*queue.Task, error) {
			return q.Wait(ctx, id, by, time.Time{})
		}},
		{"close", func(ctx context.Context, q *queue.Queue, id string, by queue.Actor) (*queue.Task, error) {
			return q.Close(ctx, id, by, "solved")
		}},
		{"reply", func(ctx context.Context, q *queue.Queue, id string, by queue.Actor) (*queue.Task, error) {
			t, _, err := q.Reply(ctx, id, by, answer("hello"))
			return t, err
		}},
		{"answered", func(ctx context.Context, q *queue.Queue, id string, by queue.Actor) (*queue.Task, error) {
			return q.AnsweredOtherwise(ctx, id, by, queue.Otherwise{Way: "phone", Text: "rang back"})
		}},
		{"note", func(ctx context.Context, q *queue.Queue, id string, by queue.Actor) (*queue.Task, error) {
			return q.AddNote(ctx, id, by, "note")
		}},
	}
}

func TestWhoLostTheLeaseChangesNothing(t *testing.T) {
	for _, lost := range []struct {
		name string
		lose func(r *room)
	}{
		{"expired and claimed by another", func(r *room) { r.expire("T1"); r.take("T1", "bob") }},
		{"expired and given to another", func(r *room) { r.expire("T1"); r.claim("bob") }},
		{"expired and claimed by oneself again", func(r *room) { r.expire("T1"); r.take("T1", "anna") }},
		{"assigned away", func(r *room) {
			if _, err := r.Assign(r.t.Context(), "T1", "bob", "boss"); err != nil {
				r.t.Fatal(err)
			}
		}},
		{"transferred", func(r *room) {
			if _, err := r.Transfer(r.t.Context(), "T1", queue.Actor{Agent: "anna"}, webcare, ""); err != nil {
				r.t.Fatal(err)
			}
		}},
		{"expired and transferred", func(r *room) {
			r.expire("T1")
			if _, err := r.Transfer(r.t.Context(), "T1", queue.Actor{Agent: "bob"}, webcare, ""); err != nil {
				r.t.Fatal(err)
			}
		}},
		{"given back", func(r *room) {
			if _, err := r.Return(r.t.Context(), "T1", queue.Actor{Agent: "anna"}); err != nil {
				r.t.Fatal(err)
			}
		}},
		{"answered", func(r *room) { r.answer("T1", queue.Actor{Agent: "anna"}, answer("hello")) }},
		{"closed and reopened", func(r *room) {
			r.close("T1", queue.Actor{Agent: "anna"}, "")
			r.again("T1", r.said("again", time.Hour), queue.PutJoined)
		}},
	} {
		t.Run(lost.name, func(t *testing.T) {
			r := newRoom(t)
			r.begin("T1")
			by := r.take("T1", "anna")
			lost.lose(r)
			before := r.everything()
			for _, a := range acts() {
				if _, err := a.do(t.Context(), r.Queue, "T1", by); !errors.Is(err, queue.ErrTaken) {
					t.Errorf("%s = %v, want ErrTaken", a.name, err)
				}
				if diff := cmp.Diff(before, r.everything()); diff != "" {
					t.Fatalf("%s changed (-before +after):\n%s", a.name, diff)
				}
			}
		})
	}
}

func TestWhoHoldsNothingCannotTouchWhatAnotherHolds(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	lease := r.take("T1", "anna").Lease
	before := r.everything()
	for _, a := range acts() {
		if a.name == "note" {
			continue // anybody may write one
		}
		for _, by := range []queue.Actor{{Agent: "bob"}, {Agent: "bob", Lease: lease}, {Agent: "bob", Lease: "made up"}} {
			if _, err := a.do(t.Context(), r.Queue, "T1", by); !errors.Is(err, queue.ErrTaken) {
				t.Errorf("%s by %+v = %v, want ErrTaken", a.name, by, err)
			}
		}
	}
	if diff := cmp.Diff(before, r.everything()); diff != "" {
		t.Errorf("what was refused changed (-before +after):\n%s", diff)
	}
}

func TestExpiredButUnclaimedIsAccepted(t *testing.T) {
	for _, reaped := range []bool{false, true} {
		for _, a := range acts() {
			t.Run(a.name, func(t *testing.T) {
				r := newRoom(t)
				r.begin("T1")
				r.teams.set(&r.teams.lease, 0)
				by := r.take("T1", "anna")
				r.teams.set(&r.teams.lease, time.Hour)
				if reaped {
					r.reap(1)
				}
				due := r.task("T1").Due
				got, err := a.do(t.Context(), r.Queue, "T1", by)
				if err != nil {
					t.Fatalf("%s = %v, want it accepted", a.name, err)
				}
				if got.Due != due {
					t.Errorf("due %d, was %d", got.Due, due)
				}
				if a.name == "heartbeat" && (got.Lease != by.Lease || got.State != queue.Claimed) {
					t.Errorf("task = %+v, want it held under the lease that ran out", got)
				}
			})
		}
	}
}

func TestActWithoutALeaseClaimsFirst(t *testing.T) {
	for _, a := range acts() {
		t.Run(a.name, func(t *testing.T) {
			r := newRoom(t)
			r.begin("T1")
			_, err := a.do(t.Context(), r.Queue, "T1", queue.Actor{Agent: "anna"})
			if a.name == "return" {
				if !errors.Is(err, queue.ErrNotHeld) {
					t.Errorf("return of what nobody holds = %v, want ErrNotHeld", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			events := r.events("T1")
			if a.name == "note" {
				if r.want("T1", queue.Queued); len(events) != 2 {
					t.Errorf("a note wrote the events %+v", events)
				}
				return
			}
			e := events[1]
			if e.Type != queue.Picked || e.Agent != "anna" || e.State != queue.Claimed || e.Team != support || !e.FirstPick || e.QueuedAt == 0 {
				t.Errorf("second event = %+v, want the claim, in the team it was made in", e)
			}
			if a.name != "heartbeat" && (len(events) < 3 || events[2].Agent != "anna" || events[2].ClaimedAt == 0) {
				t.Errorf("events = %+v, want the step after the claim", events)
			}
		})
	}
}

func TestPlaceIsKeptByWhoeverGivesBack(t *testing.T) {
	for _, tt := range []struct {
		name string
		give func(r *room, by queue.Actor)
		typ  queue.EventType
		team string
		lane string
	}{
		{"return", func(r *room, by queue.Actor) { _, _ = r.Return(r.t.Context(), "T1", by) }, queue.Returned, support, ""},
		{"expire", func(r *room, _ queue.Actor) { r.expire("T1") }, queue.Expired, support, ""},
		{"transfer", func(r *room, by queue.Actor) { _, _ = r.Transfer(r.t.Context(), "T1", by, webcare, "") }, queue.Transferred, webcare, ""},
		{"assign", func(r *room, _ queue.Actor) { _, _ = r.Assign(r.t.Context(), "T1", "bob", "boss") }, queue.Assigned, support, "@bob"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRoom(t)
			r.begin("T1", decided(2, time.Hour, "@anna"))
			before := r.claim("anna")
			tt.give(r, queue.Actor{Agent: "anna", Lease: before.Lease})
			got := r.want("T1", queue.Queued)
			if got.Due != before.Due || got.Since != before.Since || got.WaitDue != before.WaitDue || got.Wait != 1 || got.Band != 2 {
				t.Errorf("task = %+v, was %+v", got, before)
			}
			if got.Team != tt.team || got.Lane != tt.lane || got.Agent != "" || got.LeaseUntil != 0 || got.ClaimedAt != 0 {
				t.Errorf("task = %+v, want it queued in %s %s", got, tt.team, tt.lane)
			}
			e := r.newest("T1", tt.typ)
			if e.ClaimedAt != before.ClaimedAt || e.Team != tt.team || e.State != queue.Queued {
				t.Errorf("event = %+v", e)
			}
			if tt.name == "transfer" && (e.FromTeam != support || got.Hops != 1) {
				t.Errorf("event = %+v, %d hops", e, got.Hops)
			}
		})
	}
}

func TestTransferWithANote(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	by := r.take("T1", "anna")
	if _, err := r.Transfer(t.Context(), "T1", by, webcare, "a public one"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.AddNote(t.Context(), "T1", queue.Actor{Agent: "bob"}, "seen\n\"ok\""); err != nil {
		t.Fatal(err)
	}
	notes, err := r.Notes(t.Context(), "T1")
	if err != nil || len(notes) != 2 || notes[0].Agent != "anna" || notes[0].Text != "a public one" || notes[1].Text != "seen\n\"ok\"" || notes[1].At.IsZero() {
		t.Errorf("Notes = %+v, %v", notes, err)
	}
	r.claimNothing(queue.Claim{Agent: "anna"})
	if got, err := r.Claim(t.Context(), queue.Claim{Team: webcare, Agent: "bob"}); err != nil || got.ID != "T1" {
		t.Errorf("Claim by the other team = %+v, %v", got, err)
	}
}

func TestWaitDoesNotStopTheClock(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	before := r.task("T1")
	if _, err := r.Wait(t.Context(), "T1", r.take("T1", "anna"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	got := r.want("T1", queue.Waiting)
	if got.Since != before.Since || got.Due != before.Due || got.Until != 0 || got.Agent != "" || got.Lease != "" {
		t.Errorf("task = %+v, was %+v", got, before)
	}
	r.again("T1", r.said("and another thing", time.Hour), queue.PutJoined)
	if got := r.want("T1", queue.Queued); got.Wait != 1 || got.Since != before.Since || got.Due != before.Due {
		t.Errorf("task = %+v, want its first wait running on", got)
	}
}

func TestCloseSaysAbandonedRightly(t *testing.T) {
	for _, tt := range []struct {
		name, outcome string
		answered      bool
		want          bool
	}{
		{"without an answer", "", false, true},
		{"without an answer, with an outcome", "solved", false, true},
		{"after an answer", "solved", true, false},
		{"spam", "spam", false, false},
		{"duplicate", "duplicate", false, false},
		{"spam as people write it", "SPAM ", false, false},
		{"duplicate as people write it", "Duplicate", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRoom(t)
			r.begin("T1")
			if tt.answered {
				r.answer("T1", r.take("T1", "anna"), answer("hello"))
			}
			by := r.take("T1", "anna")
			claimed := r.task("T1").ClaimedAt
			r.close("T1", by, tt.outcome)
			e := r.newest("T1", queue.Finished)
			if e.Abandoned != tt.want || e.Outcome != tt.outcome || e.ClaimedAt != claimed || e.WaitEnded == tt.answered || e.Agent != "anna" {
				t.Errorf("event = %+v, want abandoned %v", e, tt.want)
			}
			if got := r.want("T1", queue.Closed); got.Outcome != tt.outcome || got.Since != 0 || got.ClosedAt != e.At {
				t.Errorf("task = %+v", got)
			}
		})
	}
}

func TestCloseAgainChangesNothing(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	by := r.take("T1", "anna")
	r.close("T1", by, "solved")
	before := r.everything()
	r.close("T1", by, "solved")
	r.close("T1", queue.Actor{Agent: "bob"}, "")
	if _, err := r.Close(t.Context(), "T1", queue.Actor{Agent: "bob"}, "other"); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("Close with another outcome: %v, want %v", err, queue.ErrClosed)
	}
	for _, a := range acts() {
		if a.name == "close" || a.name == "note" {
			continue
		}
		want := queue.ErrClosed
		for _, by := range []queue.Actor{by, {Agent: "anna"}} {
			if a.name == "return" && by.Lease == "" {
				want = queue.ErrNotHeld
			}
			if _, err := a.do(t.Context(), r.Queue, "T1", by); !errors.Is(err, want) {
				t.Errorf("%s of a closed task by %+v = %v, want %v", a.name, by, err, want)
			}
		}
	}
	if _, err := r.Assign(t.Context(), "T1", "bob", "boss"); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("Assign of a closed task = %v, want ErrClosed", err)
	}
	if diff := cmp.Diff(before, r.everything()); diff != "" {
		t.Errorf("what is closed changed (-before +after):\n%s", diff)
	}
}

func TestReopenByAPerson(t *testing.T) {
	r := newRoom(t)
	r.begin("T1", decided(2, time.Hour, "@anna"))
	r.close("T1", queue.Actor{Agent: "anna"}, "spam")
	if _, err := r.Reopen(t.Context(), "T1", "boss"); err != nil {
		t.Fatal(err)
	}
	got := r.want("T1", queue.Queued)
	if got.Wait != 1 || got.Since != ms(r.begun) || got.Due != ms(r.begun.Add(time.Hour)) || got.Reopened != 1 || got.Outcome != "" || got.Lease != "" || got.Lane != "" {
		t.Errorf("task = %+v, want the wait that nobody answered to go on", got)
	}
	if e := r.newest("T1", queue.Reopened); e.Agent != "boss" || e.ClosedAt == 0 || e.Wait != 1 || e.WaitSince != got.Since || !e.Continues {
		t.Errorf("event = %+v", e)
	}
	before := r.everything()
	if _, err := r.Reopen(t.Context(), "T1", "boss"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, r.everything()); diff != "" {
		t.Errorf("Reopen of what is open changed (-before +after):\n%s", diff)
	}
}

func TestReopeningWhatWasAnsweredLetsNobodyWait(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	r.answer("T1", queue.Actor{Agent: "anna"}, answer("there you are"))
	r.close("T1", queue.Actor{Agent: "anna"}, "solved")
	if _, err := r.Reopen(t.Context(), "T1", "boss"); err != nil {
		t.Fatal(err)
	}
	if got := r.want("T1", queue.Queued); got.Wait != 1 || got.Since != 0 || got.Due != ms(time.UnixMilli(got.QueuedAt).Add(8*time.Hour)) {
		t.Errorf("task = %+v, want nobody to wait", got)
	}
	if e := r.newest("T1", queue.Reopened); e.WaitSince != 0 || e.Continues || e.ClosedAt == 0 {
		t.Errorf("event = %+v", e)
	}
	r.close("T1", queue.Actor{Agent: "anna"}, "")
	if e := r.newest("T1", queue.Finished); e.WaitEnded || e.Abandoned {
		t.Errorf("closed again: %+v, want no wait ended", e)
	}
}

func TestMatterBeginsWithTheFirstPersonWhoWrites(t *testing.T) {
	r := newRoom(t)
	r.put(r.first("T1", r.automatic("your order was sent", -2*time.Hour)), queue.PutCreated)
	r.close("T1", queue.Actor{Agent: "anna"}, "nothing to do")
	if _, err := r.Reopen(t.Context(), "T1", "boss"); err != nil {
		t.Fatal(err)
	}
	r.close("T1", queue.Actor{Agent: "anna"}, "nothing to do")
	for _, e := range r.events("T1") {
		if !e.OnlyMachines {
			t.Errorf("only machines wrote: %+v", e)
		}
	}
	r.put(r.first("T1", r.said("where is it?", 0)), queue.PutJoined)
	if got := r.want("T1", queue.Queued); got.Wait != 1 || got.Reopened != 0 || got.Asked != ms(r.begun) {
		t.Errorf("task = %+v, want it to begin, not to be reopened", got)
	}
	r.put(r.first("T1", r.said("I ordered something", -time.Minute)), queue.PutJoined) // it was held up
	r.look("T1", "anna")
	r.close("T1", queue.Actor{Agent: "anna"}, "solved")
	if e := r.newest("T1", queue.Finished); e.OnlyMachines || e.OpenedAt != ms(r.begun.Add(-time.Minute)) {
		t.Errorf("closed: %+v, want it to be open since the first message of the person", e)
	}
}

func TestOutcomesThatATeamSetsAsideDoNotCount(t *testing.T) {
	r := newRoom(t)
	for task, outcome := range map[string]string{"T1": "Wrong Number", "T2": " SPAM ", "T3": "solved"} {
		r.begin(task, func(p *queue.Put) { p.Message.Channel = "phone" })
		r.close(task, queue.Actor{Agent: "anna"}, outcome)
		aside := task != "T3"
		if e := r.newest(task, queue.Finished); e.Aside != aside || e.Abandoned || e.WaitEnded != aside {
			t.Errorf("closed as %q: %+v", outcome, e)
		}
	}
	if _, err := r.Close(t.Context(), "T1", queue.Actor{Agent: "anna"}, "wrong number"); err != nil {
		t.Errorf("closed again with the same outcome in other letters: %v", err)
	}
}

func TestLinkOnce(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	for range 2 {
		for _, other := range []string{"T2", "T1"} {
			if _, err := r.Link(t.Context(), "T1", other, "anna"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := r.task("T1").Links; !cmp.Equal(got, []string{"T2"}) {
		t.Errorf("links = %v, want T2", got)
	}
	if e := r.newest("T1", queue.Linked); e.Reason != "T2" || len(r.events("T1")) != 2 {
		t.Errorf("events = %+v", r.events("T1"))
	}
}
