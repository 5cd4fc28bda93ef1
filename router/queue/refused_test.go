package queue_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/internal/store"
	"loket/internal/store/storetest"
	"loket/router/queue"
)

func TestClaimsThatAreRefusedChangeNothing(t *testing.T) {
	r := newRoom(t)
	tasks := []string{r.begin("T1"), r.begin("T2"), r.begin("T3")}
	for _, refusal := range storetest.Refusals() {
		before := storetest.Dump(t, r.store.Redis())
		refusal.Begin(t, r.store.Redis())
		for range 2 * len(tasks) {
			if got, err := r.Claim(t.Context(), queue.Claim{Team: support, Agent: "anna"}); got != nil || !errors.Is(err, store.ErrAway) {
				t.Errorf("%s: Claim = %v, %v; want ErrAway", refusal.Name, got, err)
			}
		}
		refusal.End(t, r.store.Redis())
		if diff := cmp.Diff(before, storetest.Dump(t, r.store.Redis())); diff != "" {
			t.Errorf("%s: the store changed (-before +after):\n%s", refusal.Name, diff)
		}
	}
	for _, want := range tasks {
		if got := r.claim("anna"); got.ID != want {
			t.Errorf("afterwards Claim gave %s, want %s", got.ID, want)
		}
	}
}
