package kpi

import (
	"testing"
	"time"
)

func TestDaysAndHoursFollowTheClockOfTheZone(t *testing.T) {
	zone := amsterdam(t)
	for _, tt := range []struct {
		name     string
		by       Dimension
		from, to time.Time
		n        int
		at       time.Time
		label    string
	}{
		{"a day of 23 hours", ByHour, time.Date(2026, 3, 29, 0, 0, 0, 0, zone), time.Date(2026, 3, 30, 0, 0, 0, 0, zone), 23, time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC), "2026-03-29T03:00+02:00"},
		{"a day of 25 hours", ByHour, time.Date(2026, 10, 25, 0, 0, 0, 0, zone), time.Date(2026, 10, 26, 0, 0, 0, 0, zone), 25, time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC), "2026-10-25T02:00+01:00"},
		{"days", ByDay, time.Date(2026, 3, 28, 12, 0, 0, 0, zone), time.Date(2026, 3, 31, 0, 0, 0, 0, zone), 3, time.Date(2026, 3, 29, 22, 30, 0, 0, time.UTC), "2026-03-30"},
		{"weeks begin on Monday", ByWeek, time.Date(2026, 3, 1, 0, 0, 0, 0, zone), time.Date(2026, 3, 16, 0, 0, 0, 0, zone), 3, time.Date(2026, 3, 8, 22, 59, 0, 0, time.UTC), "2026-W10"},
		{"a year's first week", ByWeek, time.Date(2025, 12, 29, 0, 0, 0, 0, zone), time.Date(2026, 1, 6, 0, 0, 0, 0, zone), 2, time.Date(2025, 12, 31, 12, 0, 0, 0, zone), "2026-W01"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBuckets(&Query{From: tt.from, To: tt.to, Zone: zone, By: []Dimension{ByTeam, tt.by}})
			if len(b.starts) != tt.n {
				t.Errorf("%d of them: %q; want %d", len(b.starts), b.labels, tt.n)
			}
			if got := b.labels[b.find(tt.at.UnixMilli())]; got != tt.label {
				t.Errorf("%v is in %s, want %s", tt.at, got, tt.label)
			}
		})
	}
}
