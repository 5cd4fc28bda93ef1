package queue_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/internal/store"
	"loket/internal/store/storetest"
)

// Somebody's word for an answer is taken whole or not at all, and can be given again when the store takes it.
func TestSettlingIsDoneOrLeavesNoTrace(t *testing.T) {
	for _, arrived := range []bool{true, false} {
		for _, refusal := range storetest.Refusals() {
			t.Run(fmt.Sprintf("%s, %v", refusal.Name, arrived), func(t *testing.T) {
				r := newRoom(t)
				r.begin("T1")
				id := r.doubted("T1").ID
				before := storetest.Dump(t, r.store.Redis())
				refusal.Begin(t, r.store.Redis())
				_, err := r.Settle(t.Context(), id, "anna", arrived)
				refusal.End(t, r.store.Redis())
				if err != nil {
					if !errors.Is(err, store.ErrAway) {
						t.Errorf("Settle = %v, want ErrAway", err)
					}
					if diff := cmp.Diff(before, storetest.Dump(t, r.store.Redis())); diff != "" {
						t.Errorf("it failed, and changed the store (-before +after):\n%s", diff)
					}
				}
				for range 2 {
					if _, err := r.Settle(t.Context(), id, "anna", arrived); err != nil {
						t.Errorf("afterwards Settle = %v", err)
					}
				}
			})
		}
	}
}
