package calendar_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"loket/internal/proptest"
	"loket/router/calendar"
)

// anyCalendar draws a calendar with strange hours in a zone whose clock does strange things.
func anyCalendar(t *rapid.T) (calendar.Config, *calendar.Calendar) {
	hours := rapid.SampledFrom([]string{
		"closed", "24h", "09:00-17:30", "09:00-12:30,13:30-17:00", "00:00-02:30", "01:30-02:15, 22:00-24:00", "00:00-01:00,01:00-03:00", "02:00-03:00",
	})
	cfg := calendar.Config{
		Zone: rapid.SampledFrom([]string{
			"UTC", "Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Cairo", "America/St_Johns",
			"Pacific/Apia", "Africa/Casablanca", "Europe/Dublin", "America/Havana", "Antarctica/Troll", "Asia/Kathmandu",
		}).Draw(t, "zone"),
		Week: map[string]string{}, Dates: map[string]string{},
	}
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		cfg.Week[day] = hours.Draw(t, day)
	}
	for _, day := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"03-29", "2026-10-25", "2026-03-08..2026-03-10", "12-24..01-02"}), 0, 3, rapid.ID).Draw(t, "dates") {
		cfg.Dates[day] = hours.Draw(t, day)
	}
	cfg.Holidays = rapid.SliceOfN(rapid.SampledFrom([]string{"nl", "us", "gb-sct", "2026-11-01"}), 0, 2).Draw(t, "holidays")
	c, err := calendar.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return cfg, c
}

// anyInstant draws one near a change of clocks as often as anywhere else.
func anyInstant(t *rapid.T, label string) time.Time {
	near := rapid.SampledFrom([]time.Time{
		time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC), time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC), time.Date(2026, 4, 4, 15, 0, 0, 0, time.UTC),
		time.Date(2011, 12, 30, 10, 0, 0, 0, time.UTC), time.Date(2026, 3, 8, 6, 0, 0, 0, time.UTC), time.Date(2040, 12, 31, 0, 0, 0, 0, time.UTC),
	}).Draw(t, label+" near")
	if rapid.Bool().Draw(t, label+" anywhere") {
		return time.Unix(rapid.Int64Range(200_000, 4_000_000_000).Draw(t, label+" second"), rapid.Int64Range(0, 999999999).Draw(t, label+" part")).UTC()
	}
	return near.Add(time.Duration(rapid.Int64Range(-int64(100*time.Hour), int64(100*time.Hour)).Draw(t, label+" off")))
}

func TestAddingThenMeasuringGivesBack(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		_, c := anyCalendar(t)
		from := anyInstant(t, "from")
		d := time.Duration(rapid.Int64Range(0, int64(2000*time.Hour)).Draw(t, "working"))
		more := d + time.Duration(rapid.Int64Range(0, int64(100*time.Hour)).Draw(t, "more"))
		until := c.Add(from, d)
		if until.Equal(calendar.Never()) {
			return
		}
		if got := c.Between(from, until); got != d {
			t.Fatalf("Between(%s, Add(%s, %s) = %s) = %s", from, from, d, until, got)
		}
		if until.Before(from) || c.Add(from, more).Before(until) {
			t.Fatalf("Add is not monotone: %s after %s, %s after %s", until, d, c.Add(from, more), more)
		}
		if later := from.Add(more - d); c.Add(later, d).Before(until) {
			t.Fatalf("Add from %s ends before that from %s", later, from)
		}
		// The first instant: a moment before, less had been worked.
		if d > 0 && c.Between(from, until.Add(-1)) != d-1 {
			t.Fatalf("Add(%s, %s) = %s is not the first instant", from, d, until)
		}
	})
}

func TestBetweenSplitsAnywhere(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		_, c := anyCalendar(t)
		x, y, z := anyInstant(t, "x"), anyInstant(t, "y"), anyInstant(t, "z")
		if whole, parts := c.Between(x, z), c.Between(x, y)+c.Between(y, z); whole != parts {
			t.Fatalf("Between(%s, %s) = %s, in parts %s at %s", x, z, whole, parts, y)
		}
		if y.After(x) && (c.Between(x, y) < 0 || c.Between(x, y) > y.Sub(x)) {
			t.Fatalf("Between(%s, %s) = %s", x, y, c.Between(x, y))
		}
		opens, closes := c.Next(x)
		if c.Open(x) != (!opens.After(x) && x.Before(closes)) || opens.After(x) && c.Between(x, opens) != 0 ||
			c.Between(opens, closes) != closes.Sub(opens) {
			t.Fatalf("Next(%s) = %s, %s", x, opens, closes)
		}
	})
}

// TestBetweenCountsTheMinutesOnTheWall compares with looking at the clock every minute.
func TestBetweenCountsTheMinutesOnTheWall(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		cfg, c := anyCalendar(t)
		from := anyInstant(t, "from").Truncate(time.Minute)
		minutes := rapid.IntRange(0, 3000).Draw(t, "minutes")
		var want time.Duration
		for i := range minutes {
			at := from.Add(time.Duration(i) * time.Minute)
			open := onTheWall(cfg, c, at)
			if open {
				want += time.Minute
			}
			if c.Open(at) != open {
				t.Fatalf("Open(%s) = %v, but the wall clock says %v", at.In(c.Zone()), !open, open)
			}
		}
		if got := c.Between(from, from.Add(time.Duration(minutes)*time.Minute)); got != want {
			t.Fatalf("Between(%s, %d minutes) = %s, counted %s", from.In(c.Zone()), minutes, got, want)
		}
	})
}

// onTheWall reads the configuration the simple way.
func onTheWall(cfg calendar.Config, c *calendar.Calendar, at time.Time) bool {
	at = at.In(c.Zone())
	day, hours := at.Format("2006-01-02"), ""
	switch {
	case cfg.Dates[day] != "":
		hours = cfg.Dates[day]
	case cfg.Dates["2026-03-08..2026-03-10"] != "" && day >= "2026-03-08" && day <= "2026-03-10":
		hours = cfg.Dates["2026-03-08..2026-03-10"]
	case cfg.Dates[day[5:]] != "":
		hours = cfg.Dates[day[5:]]
	case cfg.Dates["12-24..01-02"] != "" && (day[5:] >= "12-24" || day[5:] <= "01-02"):
		hours = cfg.Dates["12-24..01-02"]
	case isHoliday(cfg.Holidays, at):
		return false
	default:
		hours = cfg.Week[[]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}[at.Weekday()]]
	}
	return within(hours, at.Format("15:04"))
}

// isHoliday asks another calendar, in UTC and always open but for the holidays. Their days have vectors of their own.
func isHoliday(holidays []string, at time.Time) bool {
	y, m, d := at.Date()
	noon := time.Date(y, m, d, 12, 0, 0, 0, time.UTC)
	for _, h := range holidays {
		if !onlyHolidays()[h].Open(noon) {
			return true
		}
	}
	return false
}

var onlyHolidays = sync.OnceValue(func() map[string]*calendar.Calendar {
	all := map[string]*calendar.Calendar{}
	for _, h := range []string{"nl", "us", "gb-sct", "2026-11-01"} {
		c, err := calendar.New(calendar.Config{Zone: "UTC", Week: map[string]string{"mon-sun": "24h"}, Holidays: []string{h}})
		if err != nil {
			panic(err)
		}
		all[h] = c
	}
	return all
})

func within(hours, clock string) bool {
	switch hours {
	case "closed":
		return false
	case "24h":
		return true
	}
	for item := range strings.SplitSeq(hours, ",") {
		from, to, _ := strings.Cut(strings.TrimSpace(item), "-")
		if clock >= from && clock < to {
			return true
		}
	}
	return false
}

// BenchmarkSpan shows that the cost does not follow the span: decade/day is about 1, where counting days would be 3650.
func BenchmarkSpan(b *testing.B) {
	c := open(b, offices()["office"])
	from := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	day, decade := from.AddDate(0, 0, 1), from.AddDate(10, 0, 0)
	for _, row := range []struct {
		name string
		do   func(to time.Time, working time.Duration)
	}{
		{"Between", func(to time.Time, _ time.Duration) { c.Between(from, to) }},
		{"Add", func(_ time.Time, working time.Duration) { c.Add(from, working) }},
	} {
		b.Run(row.name, func(b *testing.B) {
			var took [2]time.Duration
			ofDay, ofDecade := c.Between(from, day), c.Between(from, decade)
			for b.Loop() {
				begun := time.Now()
				for range 100 {
					row.do(day, ofDay)
				}
				between := time.Now()
				for range 100 {
					row.do(decade, ofDecade)
				}
				took[0] += between.Sub(begun)
				took[1] += time.Since(between)
			}
			calls := float64(100 * b.N)
			b.ReportMetric(float64(took[0])/calls, "ns/day")
			b.ReportMetric(float64(took[1])/calls, "ns/decade")
			b.ReportMetric(float64(took[1])/float64(took[0]), "decade/day")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		open(b, offices()["office"])
	}
}
