package figures

import (
	"testing"
	"time"
)

// What people call the last week or month is the last whole one, and days end with today.
func TestLastIsTheLastWholeOne(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 29, 23, 30, 0, 0, time.UTC) // Monday half past midnight
	for last, want := range map[string]string{
		"":      "2026-11-24 00:00 to 2026-12-01 00:00, before it 2026-11-17 00:00 to 2026-11-23 00:30",
		"day":   "2026-11-29 00:00 to 2026-11-30 00:00, before it 2026-11-28 00:00 to 2026-11-29 00:00",
		"week":  "2026-11-23 00:00 to 2026-11-30 00:00, before it 2026-11-16 00:00 to 2026-11-23 00:00",
		"month": "2026-10-01 00:00 to 2026-11-01 00:00, before it 2026-09-01 00:00 to 2026-10-01 00:00",
		"year":  "2025-01-01 00:00 to 2026-01-01 00:00, before it 2024-01-01 00:00 to 2025-01-01 00:00",
		"1d":    "2026-11-30 00:00 to 2026-12-01 00:00, before it 2026-11-29 00:00 to 2026-11-29 00:30",
		"30d":   "2026-11-01 00:00 to 2026-12-01 00:00, before it 2026-10-01 00:00 to 2026-10-30 00:30",
	} {
		s, err := spanOf(Query{Last: last}, now, zone)
		if err != nil {
			t.Fatal(err)
		}
		was := before(s, now, zone)
		const form = "2006-01-02 15:04"
		got := s.from.In(zone).Format(form) + " to " + s.to.In(zone).Format(form) + ", before it " + was.from.In(zone).Format(form) + " to " + was.to.In(zone).Format(form)
		if got != want {
			t.Errorf("last %q is %s\nwant %s", last, got, want)
		}
	}
	for _, wrong := range []string{"0d", "801d", "-1d", "weeks", "d", "7"} {
		if s, err := spanOf(Query{Last: wrong}, now, zone); err == nil {
			t.Errorf("last %q is %v", wrong, s)
		}
	}
	if _, err := spanOf(Query{Last: "week", To: "2026-11-01"}, now, zone); err == nil {
		t.Error("last and to are taken together")
	}
}
