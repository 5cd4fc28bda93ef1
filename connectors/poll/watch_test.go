package poll_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/connectors/connectortest"
	"loket/connectors/poll"
)

// What is watched is looked at less and less often, over restarts, until it is old.
func TestWatchLooksLessAndLessOften(t *testing.T) {
	e := connectortest.New(t)
	now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	watch := func() *poll.Watch {
		return &poll.Watch{Cursor: e.Env("x").Cursor, Key: "watched", Least: time.Minute, Most: time.Hour, Until: 10 * time.Hour, Size: 2, Now: func() time.Time { return now }}
	}
	began := now
	for _, id := range []string{"a", "b", "c", "c"} {
		if err := watch().Add(t.Context(), id, "new"); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for range 12 * 60 {
		now = now.Add(time.Minute)
		err := watch().Look(t.Context(), 9, func(_ context.Context, one poll.Watched) (string, error) {
			if one.ID == "b" {
				return "", nil
			}
			got = append(got, one.ID+" "+one.State+" "+now.Sub(began).String())
			return "seen", nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"c new 1m0s", "c seen 2m0s", "c seen 3m0s", "c seen 4m0s", "c seen 5m0s", "c seen 7m0s", "c seen 9m0s", "c seen 12m0s", "c seen 15m0s", "c seen 19m0s", "c seen 24m0s",
		"c seen 30m0s", "c seen 38m0s", "c seen 48m0s", "c seen 1h0m0s", "c seen 1h15m0s", "c seen 1h34m0s", "c seen 1h58m0s", "c seen 2h28m0s", "c seen 3h5m0s", "c seen 3h52m0s",
		"c seen 4h50m0s", "c seen 5h50m0s", "c seen 6h50m0s", "c seen 7h50m0s", "c seen 8h50m0s", "c seen 9h50m0s", "c seen 10h50m0s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("looks (-want +got):\n%s", diff)
	}
}

func TestWatchKeepsWhatItSawBeforeAFailure(t *testing.T) {
	e := connectortest.New(t)
	now := time.Now()
	w := &poll.Watch{Cursor: e.Env("x").Cursor, Key: "watched", Least: time.Minute, Most: time.Hour, Until: time.Hour, Size: 9, Now: func() time.Time { return now }}
	for _, id := range []string{"a", "b", "c"} {
		if err := w.Add(t.Context(), id, "new"); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(time.Minute)
	away := errors.New("away")
	var got []string
	for _, fails := range []string{"b", ""} {
		err := w.Look(t.Context(), 2, func(_ context.Context, one poll.Watched) (string, error) {
			got = append(got, one.ID)
			if one.ID == fails {
				return "", away
			}
			return "seen", nil
		})
		if (fails != "") != errors.Is(err, away) {
			t.Errorf("Look = %v", err)
		}
	}
	if diff := cmp.Diff([]string{"a", "b", "b", "c"}, got); diff != "" {
		t.Errorf("looks (-want +got):\n%s", diff)
	}
}
