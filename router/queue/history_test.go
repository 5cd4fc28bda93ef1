package queue_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/router/queue"
)

func TestHistoryKeepsTheNewestSteps(t *testing.T) {
	r := newRoom(t)
	r.put(r.first("T1", r.said("hello", 0)), queue.PutCreated)
	const rounds = 40 // each is claimed by the script, and given back
	for range rounds {
		r.claim("anna")
		if _, err := r.Return(t.Context(), "T1", queue.Actor{Agent: "anna"}); err != nil {
			t.Fatal(err)
		}
	}
	r.close("T1", queue.Actor{Agent: "bob"}, "solved")
	got := r.task("T1")
	events, err := r.Since(t.Context(), "", 200)
	if err != nil {
		t.Fatal(err)
	}
	var want []queue.Step
	for _, e := range events[1:] {
		want = append(want, queue.Step{At: e.At, Type: e.Type, Agent: e.Agent, Outcome: e.Outcome})
	}
	lost := len(want) - 32
	if diff := cmp.Diff(want[lost:], got.History); diff != "" || got.HistoryLost != lost {
		t.Errorf("history (-want +got):\n%s; lost %d, want %d", diff, got.HistoryLost, lost)
	}
}

func TestHistorySaysWhatReopenedATask(t *testing.T) {
	r := newRoom(t)
	m := r.said("it is broken again", time.Minute)
	r.put(r.first("T1", r.said("hello", 0)), queue.PutCreated)
	r.close("T1", queue.Actor{Agent: "anna"}, "solved")
	r.put(r.first("T1", m), queue.PutJoined)
	r.close("T1", queue.Actor{Agent: "anna", Anyway: true}, "solved")
	if _, err := r.Reopen(t.Context(), "T1", "bob"); err != nil {
		t.Fatal(err)
	}
	var got []queue.Step
	for _, s := range r.task("T1").History {
		s.At = 0
		got = append(got, s)
	}
	want := []queue.Step{
		{Type: queue.Picked, Agent: "anna"}, {Type: queue.Finished, Agent: "anna", Outcome: "solved"},
		{Type: queue.Reopened, Message: m.ID},
		{Type: queue.Picked, Agent: "anna"}, {Type: queue.Finished, Agent: "anna", Outcome: "solved"},
		{Type: queue.Reopened, Agent: "bob"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}
