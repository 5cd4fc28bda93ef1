package queue_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/router/queue"
)

// unattended are the tasks of support that are listed as such, and how many of them are counted.
func (r *room) unattended() (ids []string, counted int64) {
	r.t.Helper()
	page, err := r.Unattended(r.t.Context(), support, 10, "")
	if err != nil {
		r.t.Fatal(err)
	}
	for _, t := range page.Tasks {
		ids = append(ids, t.ID)
	}
	c, err := r.Count(r.t.Context(), support)
	if err != nil {
		r.t.Fatal(err)
	}
	return ids, c.Unattended
}

func (r *room) wantUnattended(after string, want ...string) {
	r.t.Helper()
	ids, counted := r.unattended()
	if diff := cmp.Diff(want, ids); diff != "" || counted != int64(len(want)) {
		r.t.Errorf("after %s %d are unattended (-want +got):\n%s", after, counted, diff)
	}
}

func TestWhatMachinesWriteIntoARestingTaskIsUnattended(t *testing.T) {
	r := newRoom(t)
	anna := queue.Actor{Agent: "anna"}
	must := func(_ *queue.Task, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	r.put(r.first("T1", r.said("hello", 0)), queue.PutCreated)
	r.put(r.first("T1", r.automatic("away", time.Second)), queue.PutJoined)
	r.wantUnattended("a machine's in an open task")
	r.close("T1", anna, "solved")
	r.put(r.first("T1", r.automatic("away again", 2*time.Second)), queue.PutJoined)
	r.put(r.first("T1", r.automatic("away still", 3*time.Second)), queue.PutJoined)
	r.put(r.first("T1", r.automatic("away still", 3*time.Second)), queue.PutKnown)
	r.wantUnattended("two in a closed one", "T1")
	if got := r.task("T1"); got.Unattended != 2 || got.State != queue.Closed {
		t.Errorf("task = %+v, want it closed, with two unattended", got)
	}
	must(r.ByMachines(t.Context(), "T1", "anna"))
	must(r.ByMachines(t.Context(), "T1", "anna"))
	r.wantUnattended("somebody said that they are machines'")

	r.put(r.first("T2", r.said("hello there", 0)), queue.PutCreated)
	must(r.Wait(t.Context(), "T2", anna, time.Time{}))
	r.put(r.first("T2", r.automatic("received", time.Second)), queue.PutJoined)
	r.wantUnattended("one in a waiting task", "T2")
	must(r.Take(t.Context(), "T2", "anna"))
	r.wantUnattended("somebody took it")
	must(r.Wait(t.Context(), "T2", anna, time.Time{}))
	r.put(r.first("T2", r.automatic("received again", 2*time.Second)), queue.PutJoined)
	r.put(r.first("T2", r.said("still nothing", 3*time.Second)), queue.PutJoined)
	r.wantUnattended("the customer wrote, who brings it back")

	r.close("T2", queue.Actor{Agent: "anna", Anyway: true}, "")
	r.teams.set(&r.teams.reopen, -time.Hour)
	r.put(r.first("T2", r.automatic("much later", 4*time.Second)), queue.PutJoined)
	if ids, counted := r.unattended(); !cmp.Equal(ids, []string{"T2"}) || counted != 0 {
		t.Errorf("what a person could not have reopened is listed as %v and counted as %d, want T2 and 0", ids, counted)
	}
}

func TestMessageTakenForAMachinesBecomesAPersons(t *testing.T) {
	r := newRoom(t)
	m := r.automatic("this does not work", time.Minute)
	m.Thread = "another"
	r.put(r.first("T1", r.said("hello", 0)), queue.PutCreated)
	r.close("T1", queue.Actor{Agent: "anna"}, "solved")
	closed := r.task("T1")
	r.put(r.first("T1", m), queue.PutJoined)
	for range 2 { // said twice, it is one message and one wait
		if _, err := r.ByPerson(t.Context(), "T1", "anna", m); err != nil {
			t.Fatal(err)
		}
	}
	got := r.task("T1")
	due := ms(m.Received.Add(8 * time.Hour))
	want := *closed
	want.State, want.Outcome, want.ClosedAt, want.OpenedAt, want.Reopened, want.Lease = queue.Queued, "", 0, ms(m.Received), 1, ""
	want.Unanswered, want.WaitTarget = 0, (8 * time.Hour).Milliseconds()
	want.Wait, want.Since, want.WaitDue, want.Due, want.Last, want.Messages = 2, ms(m.Received), due, due, ms(m.Received), 2
	want.PickedAt, want.QueuedAt, want.Op = 0, got.QueuedAt, got.Op
	want.History = append(slices.Clone(closed.History), queue.Step{
		At: got.QueuedAt, Type: queue.Reopened, Agent: "anna", Reason: "a person wrote it", Message: m.ID,
	})
	want.Threads, want.Later = []string{"thread", "another"}, []queue.LaterMessage{{N: 2, ID: m.ID, At: ms(m.Received), Agent: "anna"}}
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Errorf("task (-want +got):\n%s", diff)
	}
	e := r.newest("T1", queue.Reopened)
	if e.Message != m.ID || e.Automatic || e.Agent != "anna" || e.Wait != 2 || e.WaitSince != ms(m.Received) || e.ClosedAt != closed.ClosedAt {
		t.Errorf("event = %+v", e)
	}
	r.wantUnattended("it is a person's")
}

func TestTaskThatAMachineSeemedToBeginIsAPersonsAfterAll(t *testing.T) {
	r := newRoom(t)
	m := r.automatic("please call me", 0)
	r.put(r.first("T1", m), queue.PutCreated)
	if _, err := r.ByPerson(t.Context(), "T1", "anna", m); err != nil {
		t.Fatal(err)
	}
	got := r.task("T1")
	if due := ms(m.Received.Add(4 * time.Hour)); got.Wait != 1 || got.Since != ms(m.Received) || got.WaitDue != due || got.State != queue.Queued {
		t.Errorf("task = %+v, want the first wait, due as a first message is", got)
	}
	if found, err := r.Check(context.Background()); err != nil || len(found) > 0 {
		t.Errorf("Check = %q, %v", found, err)
	}
}
