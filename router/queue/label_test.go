package queue_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/router/queue"
)

func tagged(tags ...string) func([]string) ([]string, error) {
	return func([]string) ([]string, error) { return tags, nil }
}

func TestLabelledTaskTakesItsNewPlaceInTheQueue(t *testing.T) {
	r := newRoom(t)
	for _, id := range []string{"T1", "T2"} {
		r.begin(id, func(p *queue.Put) { p.Decision.Tags = []string{"later"} })
	}
	was := r.task("T2")
	by := queue.Actor{Agent: "anna"}
	labels := queue.Labels{Tags: tagged("vip"), Priority: "high", Band: 1, Language: "nl"}
	for range 2 { // the second time changes nothing
		if _, err := r.Label(t.Context(), "T2", by, labels); err != nil {
			t.Fatal(err)
		}
	}
	got, e := r.task("T2"), r.newest("T2", queue.Labelled)
	want := *was
	want.Tags, want.Priority, want.Band, want.Language = []string{"vip"}, "high", 1, "nl"
	want.Due, want.WaitDue = e.Due, e.Due // what support promises from now on
	want.Op = got.Op
	const told = "tags +vip -later; priority high, was normal; language nl"
	want.History = []queue.Step{{At: e.At, Type: queue.Labelled, Agent: "anna", Reason: told}}
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Errorf("labelled (-want +got):\n%s", diff)
	}
	if n := len(r.events("T2")); n != 2 || e.Agent != "anna" || e.Priority != "high" || !slices.Equal(e.Tags, []string{"vip"}) || e.Reason != told {
		t.Errorf("%d events, the last is %+v", n, e)
	}
	if in := e.Due - e.At; in != (2 * time.Hour).Milliseconds() {
		t.Errorf("due in %d ms, want the two hours of what is high", in)
	}
	if got := r.claim("bob"); got.ID != "T2" {
		t.Errorf("the most urgent is %s, want T2", got.ID)
	}
}

func TestLabelsNeedNoLeaseAndRespectOne(t *testing.T) {
	r := newRoom(t)
	by := r.take(r.begin("T1"), "bob")
	label := func(by queue.Actor, tag string) error {
		_, err := r.Label(t.Context(), "T1", by, queue.Labels{Tags: tagged(tag)})
		return err
	}
	if err := label(queue.Actor{Agent: "anna"}, "vip"); err != nil {
		t.Errorf("what bob holds, by anna: %v", err)
	}
	if got := r.want("T1", queue.Claimed); got.Agent != "bob" || got.Lease != by.Lease {
		t.Errorf("held by %s under %s, want bob as before", got.Agent, got.Lease)
	}
	if err := label(queue.Actor{Agent: "bob", Lease: "gone"}, "other"); !errors.Is(err, queue.ErrTaken) {
		t.Errorf("under a lease that is gone: %v", err)
	}
	r.close("T1", by, "solved")
	if err := label(queue.Actor{Agent: "anna"}, "praise"); err != nil {
		t.Errorf("when it is closed: %v", err)
	}
	if got := r.want("T1", queue.Closed); !slices.Equal(got.Tags, []string{"praise"}) {
		t.Errorf("tags = %q", got.Tags)
	}
	none := errors.New("too many")
	_, err := r.Label(t.Context(), "T1", queue.Actor{Agent: "anna"}, queue.Labels{Priority: "low", Tags: func([]string) ([]string, error) { return nil, none }})
	if got := r.task("T1"); !errors.Is(err, none) || got.Priority != "normal" {
		t.Errorf("refused tags: %v, priority %s; want nothing changed", err, got.Priority)
	}
}
