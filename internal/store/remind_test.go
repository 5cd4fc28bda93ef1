package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/internal/store/storetest"
)

// A reminder comes at its instant, to one caller, and is gone when it is done.
func TestRemindersComeAtTheirInstantToOneCaller(t *testing.T) {
	t.Parallel()
	c := storetest.New(t).Cursor("chat")
	ctx, now := t.Context(), time.Now()
	for key, at := range map[string]time.Time{"late": now.Add(-time.Minute), "now": now, "soon": now.Add(time.Minute), "moved": now} {
		if err := c.RemindAt(ctx, key, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.RemindAt(ctx, "moved", now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	due := func(at time.Time, want ...string) {
		t.Helper()
		all, err := c.Due(ctx, at, 10)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range all {
			got = append(got, r.Key)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("due at %v (-want +got):\n%s", at.Sub(now), diff)
		}
	}
	due(now, "late", "now")
	due(now) // somebody else has them
	for range 2 {
		if err := c.Done(ctx, "late"); err != nil {
			t.Fatal(err)
		}
	}
	due(now.Add(time.Minute), "soon")
	if err := c.Regain(ctx); err != nil {
		t.Fatal(err)
	}
	due(now, "now")
	if err := c.DropReminders(ctx, "no"); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Reminders(ctx); err != nil || n != 2 {
		t.Errorf("%d are left, %v; want soon and moved", n, err)
	}
}
