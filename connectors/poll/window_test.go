package poll

import (
	"context"
	"errors"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

func TestWindowTakesWhatWasMissedOnce(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	odd, away := errors.New("odd"), errors.New("away")
	var taken []string
	var listedSince time.Time
	faults := map[string]error{}
	listed := map[string]time.Duration{} // how long ago
	var order []string                   // newest first
	c := &cursor{of: map[string]string{}}
	window := func() *Window {
		return &Window{
			Reach: Reach{
				Cursor: c, Key: "at", Settle: 2 * time.Minute, Overlap: time.Hour, Farthest: 6 * 24 * time.Hour,
				Now: func() time.Time { return now }, Single: func(err error) bool { return errors.Is(err, odd) },
			},
			Lists: []List{func(_ context.Context, since time.Time) (all []Listed, err error) {
				listedSince = since
				for _, id := range order {
					at := now.Add(-listed[id])
					all = append(all, Listed{ID: id, Began: at, Ended: at, Take: func(context.Context) (bool, error) {
						if faults[id] == nil {
							taken = append(taken, id)
						}
						return id != "unfinished", faults[id]
					}})
				}
				return all, nil
			}},
		}
	}
	w := window()
	pass := func(name string, want []string, since time.Duration, at string, wantErr error) {
		t.Helper()
		taken = nil
		err := w.Pass(t.Context())
		if diff := gocmp.Diff(want, taken); diff != "" || !errors.Is(err, wantErr) || now.Sub(listedSince) != since || c.of["at"] != at {
			t.Errorf("%s: %v, since %s, position %q; taken (-want +got):\n%s", name, err, now.Sub(listedSince), c.of["at"], diff)
		}
	}
	order = []string{"under way", "third", "brought", "second", "first", "before us"}
	listed = map[string]time.Duration{"under way": time.Minute, "third": 5 * time.Minute, "brought": 6 * time.Minute, "second": 7 * time.Minute, "first": 8 * time.Minute, "before us": 2 * time.Hour}
	w.Add("brought", now.Add(-6*time.Minute))
	faults["second"] = odd
	pass("one is odd", []string{"first", "third"}, time.Hour, "", odd)
	delete(faults, "second")
	faults["third"] = away
	pass("what is in is not taken again", []string{"second"}, time.Hour, "2026-11-30T12:00:00Z", nil)
	order, faults["unfinished"] = []string{"unfinished", "a"}, nil
	listed = map[string]time.Duration{"unfinished": 10 * time.Minute, "a": 11 * time.Minute}
	faults["a"] = away
	now = now.Add(time.Minute)
	pass("the store is away", nil, time.Hour+time.Minute, "2026-11-30T12:00:00Z", away)
	delete(faults, "a")
	pass("and back", []string{"a", "unfinished"}, time.Hour+time.Minute, "2026-11-30T12:01:00Z", nil)
	pass("what is not done comes again", []string{"unfinished"}, time.Hour, "2026-11-30T12:01:00Z", nil)
	now, order = now.Add(10*24*time.Hour), nil
	pass("after a long outage", nil, 6*24*time.Hour+time.Hour, "2026-12-10T12:01:00Z", nil)
	if len(w.done) > 0 {
		t.Errorf("%v are remembered that no list gives any more", w.done)
	}
	c.of["at"] = "2027-01-01T00:00:00Z"
	pass("a position to come", nil, time.Hour, "2026-12-10T12:01:00Z", nil)
	order, listed, w = []string{"a"}, map[string]time.Duration{"a": 3 * time.Minute}, window()
	pass("another process takes the overlap again", []string{"a"}, time.Hour, "2026-12-10T12:01:00Z", nil)
	if c.away = away; !errors.Is(w.Pass(t.Context()), away) {
		t.Error("a pass without a position went well")
	}
}
