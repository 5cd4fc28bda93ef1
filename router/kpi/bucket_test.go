package kpi

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"loket/router/calendar"
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

// whims is how many of zones are looked at more closely: their clocks change at midnight, or by half an hour.
const whims = 14

// Every zone that this machine knows, after those with whims.
func zones(t *testing.T) []string {
	t.Helper()
	names := []string{
		"Africa/Cairo", "Asia/Beirut", "America/Santiago", "America/Havana", "Atlantic/Azores", "Africa/Casablanca", "America/Asuncion",
		"Asia/Gaza", "Asia/Amman", "Asia/Tehran", "Australia/Lord_Howe", "America/Sao_Paulo", "America/Scoresbysund", "Pacific/Apia",
	}
	root := "/usr/share/zoneinfo"
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(root, path)
		if err != nil || d.IsDir() || strings.HasPrefix(name, "posix") || strings.HasPrefix(name, "right") {
			return nil
		}
		if _, err := time.LoadLocation(name); err == nil {
			names = append(names, name)
		}
		return nil
	})
	return names
}

// A day is all instants at which clocks show it, and no other, whatever clocks do at its midnight; and so are weeks and hours.
func TestDaysAreThoseThatClocksShowInEveryZone(t *testing.T) {
	for n, name := range zones(t) {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, year := range []int{2026, 2031} {
			from := calendar.DayBegins(year, time.January, 1, zone)
			to := calendar.DayBegins(year+1, time.January, 1, zone)
			for _, by := range []Dimension{ByDay, ByWeek} {
				b := newBuckets(&Query{From: from, To: to, Zone: zone, By: []Dimension{by}})
				for i, at := range b.starts {
					shown := label(by, time.UnixMilli(at).In(zone))
					if shown != b.labels[i] {
						t.Fatalf("%s: %s begins when clocks show %s", name, b.labels[i], shown)
					}
					if before := label(by, time.UnixMilli(at-1).In(zone)); before >= shown {
						t.Fatalf("%s: a moment before %s clocks show %s", name, shown, before)
					}
					end := to.UnixMilli()
					if i+1 < len(b.starts) {
						end = b.starts[i+1]
					}
					if last := label(by, time.UnixMilli(end-1).In(zone)); last != shown {
						t.Fatalf("%s: the last moment of %s is in %s", name, shown, last)
					}
				}
			}
			if n >= whims {
				continue
			}
			hours := newBuckets(&Query{From: from, To: to, Zone: zone, By: []Dimension{ByHour}})
			for i, at := range hours.starts[1:] {
				if long := at - hours.starts[i]; long <= 0 || long > time.Hour.Milliseconds() {
					t.Fatalf("%s: the hour %s has %d ms", name, hours.labels[i], long)
				}
			}
		}
	}
}

func TestADayWithoutMidnightIsOneDay(t *testing.T) {
	for _, tt := range []struct {
		zone, day string
		hours     float64
	}{
		{"Africa/Cairo", "2026-04-24", 23}, {"America/Santiago", "2026-09-06", 23}, {"Asia/Beirut", "2026-03-29", 23},
		{"America/Havana", "2026-03-08", 23}, {"Atlantic/Azores", "2026-03-29", 23},
		{"America/Havana", "2026-11-01", 25}, {"Africa/Cairo", "2026-10-29", 25}, {"Asia/Beirut", "2026-10-24", 25},
	} {
		t.Run(tt.zone+" "+tt.day, func(t *testing.T) {
			zone, err := time.LoadLocation(tt.zone)
			if err != nil {
				t.Fatal(err)
			}
			day, err := time.Parse(time.DateOnly, tt.day)
			if err != nil {
				t.Fatal(err)
			}
			q := &Query{Zone: zone, By: []Dimension{ByDay}}
			q.From = calendar.DayBegins(day.Year(), day.Month(), day.Day(), zone)
			q.To = calendar.DayBegins(day.Year(), day.Month(), day.Day()+1, zone)
			b := newBuckets(q)
			if got := q.To.Sub(q.From).Hours(); got != tt.hours || len(b.labels) != 1 || b.labels[0] != tt.day {
				t.Errorf("it has %v hours and the lines %q, want %v and one", got, b.labels, tt.hours)
			}
		})
	}
}

// When in the week it is busy: the same hour of all Mondays is one line, also where clocks change.
func TestWeekdaysAndHoursComeTogether(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	q := &Query{From: time.Date(2026, 10, 19, 0, 0, 0, 0, zone), To: time.Date(2026, 11, 2, 0, 0, 0, 0, zone), Zone: zone, By: []Dimension{ByWeekday, ByHour}}
	b := newBuckets(q)
	if len(b.starts) != 14*24+1 {
		t.Fatalf("%d hours in two weeks of which one has a night that is longer", len(b.starts))
	}
	name := func(at time.Time) string {
		i := b.find(at.UnixMilli())
		return b.slotLabel(q, ByWeekday, i) + " " + b.slotLabel(q, ByHour, i)
	}
	for at, want := range map[time.Time]string{
		time.Date(2026, 10, 19, 9, 59, 0, 0, zone):     "mon 09",
		time.Date(2026, 10, 26, 9, 0, 0, 0, zone):      "mon 09",
		time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC): "sun 02", // the hour that comes twice
		time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC): "sun 02",
		time.Date(2026, 11, 1, 23, 30, 0, 0, zone):     "sun 23",
	} {
		if got := name(at); got != want {
			t.Errorf("%v counts in %q, want %q", at, got, want)
		}
	}
	slots := map[int]bool{}
	for _, slot := range b.slots {
		slots[slot] = true
	}
	if len(slots) != 7*24 {
		t.Errorf("%d lines, want %d", len(slots), 7*24)
	}
}
