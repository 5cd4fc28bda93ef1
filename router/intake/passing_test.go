package intake

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"loket/internal/message"
	"loket/internal/store/storetest"
)

func TestWhatGoesByItselfFillsNoQuarantine(t *testing.T) {
	t.Parallel()
	in := &Intake{store: storetest.New(t)}
	ctx, p := t.Context(), partition(7)
	var sent []string
	for n := 0; len(sent) < maxPassing+3; n++ {
		id := message.NewID([]byte(fmt.Sprint(n)))
		if partitionOf(id) != p {
			continue
		}
		m := &message.Message{ID: id, Problem: "caught", KeepUntil: time.Now().Add(time.Duration(n) * time.Minute).Add(time.Hour)}
		if isNew, err := in.admit(ctx, m, []byte("{}")); err != nil || !isNew {
			t.Fatalf("admit = %v, %v", isNew, err)
		}
		sent = append(sent, id)
	}
	for _, limit := range []int64{100, 2} {
		want := sent[:min(3, limit)]
		if got, err := in.Passed(ctx, limit); err != nil || !slices.Equal(got, want) {
			t.Errorf("Passed at most %d = %q, %v, want the oldest of those beyond the bound, %q", limit, got, err, want)
		}
	}
}
