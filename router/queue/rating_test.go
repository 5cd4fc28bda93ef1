package queue_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/router/queue"
)

// A closing is rated once, by whoever was answered, for who answered last.
func TestClosingIsRatedOnce(t *testing.T) {
	r := newRoom(t)
	rate := func(task string, rating queue.Rating, want error) {
		t.Helper()
		if _, err := r.Rate(t.Context(), task, rating); !errors.Is(err, want) {
			t.Errorf("Rate(%s, %s) = %v, want %v", task, rating, err, want)
		}
	}
	rate("none", queue.Good, queue.ErrNone)
	r.begin("T1")
	r.answer("T1", r.take("T1", "anna"), answer("It works"))
	rate("T1", queue.Good, queue.ErrNotRatable) // it is open
	r.close("T1", queue.Actor{Agent: "anna"}, "solved")
	rate("T1", queue.Bad, nil)
	rate("T1", queue.Bad, nil)
	rate("T1", queue.Good, queue.ErrNotRatable)
	e := r.newest("T1", queue.Rated)
	if diff := cmp.Diff([]any{"anna", queue.Bad, queue.Closed}, []any{e.Agent, e.Rating, e.State}); diff != "" {
		t.Errorf("the event (-want +got):\n%s", diff)
	}
	if n := len(slices.DeleteFunc(r.events("T1"), func(e queue.Event) bool { return e.Type != queue.Rated })); n != 1 {
		t.Errorf("%d events, want 1", n)
	}

	// Reopened, it is another closing that is rated, for who answers then.
	if _, err := r.Reopen(t.Context(), "T1", "bob"); err != nil {
		t.Fatal(err)
	}
	rate("T1", queue.Bad, queue.ErrNotRatable)
	r.answer("T1", r.take("T1", "bob"), answer("It works"))
	r.close("T1", queue.Actor{Agent: "bob"}, "solved")
	rate("T1", queue.Good, nil)
	if e := r.newest("T1", queue.Rated); e.Agent != "bob" {
		t.Errorf("it counts for %s, want bob", e.Agent)
	}

	// Nobody is asked where nobody was answered, or nobody was there.
	r.begin("T2")
	r.close("T2", queue.Actor{Agent: "anna"}, "")
	rate("T2", queue.Good, queue.ErrNotRatable)
	r.begin("T3")
	r.answer("T3", r.take("T3", "anna"), answer("It works"))
	r.close("T3", queue.Actor{Agent: "anna"}, "spam")
	rate("T3", queue.Good, queue.ErrNotRatable)
}
