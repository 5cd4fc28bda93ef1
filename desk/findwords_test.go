package desk

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestSearchesWaitTheirTurnAndNotForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &Desk{searches: make(chan struct{}, searchesAtOnce)}
		var leave func()
		for range searchesAtOnce {
			var err error
			if leave, err = d.enterSearch(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		begun := time.Now()
		if _, _, err := d.byWords(t.Context(), []string{"support"}, "parcel"); !errors.Is(err, ErrSearching) || time.Since(begun) != searchWait {
			t.Errorf("one more search = %v after %s, want ErrSearching after %s", err, time.Since(begun), searchWait)
		}
		time.AfterFunc(time.Second, leave)
		begun = time.Now()
		if _, err := d.enterSearch(t.Context()); err != nil || time.Since(begun) != time.Second {
			t.Errorf("the next = %v after %s, want its turn when another is over", err, time.Since(begun))
		}
	})
}
