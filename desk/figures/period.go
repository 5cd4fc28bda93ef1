package figures

import (
	"strconv"
	"strings"
	"time"

	"loket/internal/field"
	"loket/router/calendar"
)

// A span is a stretch of time, to not in it.
type span struct{ from, to time.Time }

func (s span) times() (from, to time.Time) { return s.from, s.to }

// spanOf reads when figures are asked for. Nothing said is a week, today its last day.
func spanOf(asked Query, now time.Time, zone *time.Location) (span, error) {
	usual := lastDays(7, now.In(zone))
	if asked.Last == "" {
		to, toErr := parseInstant("to", asked.To, usual.to, now, zone)
		from, fromErr := parseInstant("from", asked.From, usual.from, now, zone)
		if toErr != nil {
			return usual, toErr
		}
		return span{from, to}, fromErr
	}
	if asked.From != "" || asked.To != "" {
		return usual, field.Errorf("last", "must be left out where from or to is given")
	}
	s, ok := last(asked.Last, now.In(zone))
	if !ok {
		return usual, field.Errorf("last", "must be day, week, month, year, or up to 800 days such as 28d, not %q", asked.Last)
	}
	return s, nil
}

// last is the last whole day, week, month or year before now, or so many days, today the last of them.
func last(text string, now time.Time) (span, bool) {
	switch text {
	case "day":
		return span{dayBegins(now, -1), dayBegins(now, 0)}, true
	case "week":
		monday := -(int(now.Weekday()) + 6) % 7
		return span{dayBegins(now, monday-7), dayBegins(now, monday)}, true
	case "month":
		return span{monthBegins(now, -1), monthBegins(now, 0)}, true
	case "year":
		return span{monthBegins(now, -int(now.Month())-11), monthBegins(now, 1-int(now.Month()))}, true
	}
	days, isDays := strings.CutSuffix(text, "d")
	if n, err := strconv.Atoi(days); err == nil && isDays && n >= 1 && n <= 800 {
		return lastDays(n, now), true
	}
	return span{}, false
}

func lastDays(n int, now time.Time) span { return span{dayBegins(now, 1-n), dayBegins(now, 1)} }

// before is the span of the same length before one: as many months before whole months, as many days before whole days. Of
// one that is not over it is as much as has passed of it, so that half a day is not compared with a whole one.
func before(s span, now time.Time, zone *time.Location) span {
	from, to := s.from.In(zone), s.to.In(zone)
	was := span{from.Add(from.Sub(to)), from}
	switch {
	case from.Equal(monthBegins(from, 0)) && to.Equal(monthBegins(to, 0)):
		was.from = monthBegins(from, monthsBetween(to, from))
	case from.Equal(dayBegins(from, 0)) && to.Equal(dayBegins(to, 0)):
		was.from = dayBegins(from, -daysBetween(from, to))
	}
	if now.Before(s.from) || !now.Before(s.to) {
		return was
	}
	clock := now.In(zone)
	passed := dayBegins(was.from, daysBetween(from, clock)).Add(clock.Sub(dayBegins(clock, 0)))
	if !from.Equal(dayBegins(from, 0)) {
		passed = was.from.Add(now.Sub(from))
	}
	if passed.Before(was.to) && passed.After(was.from) {
		was.to = passed
	}
	return was
}

func monthsBetween(from, to time.Time) int {
	return 12*(to.Year()-from.Year()) + int(to.Month()) - int(from.Month())
}

// daysBetween counts the days from the one to the other, as calendars do.
func daysBetween(from, to time.Time) int {
	noon := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC) }
	return int(noon(to).Sub(noon(from)).Hours() / 24)
}

// monthBegins is when the month begins that is so many months after the one that t is in.
func monthBegins(t time.Time, after int) time.Time {
	return calendar.DayBegins(t.Year(), t.Month()+time.Month(after), 1, t.Location())
}

// dayBegins is when the day begins that is so many days after the one that t is in.
func dayBegins(t time.Time, after int) time.Time {
	return calendar.DayBegins(t.Year(), t.Month(), t.Day()+after, t.Location())
}

// parseInstant reads a day, an instant, or a duration back. The end of a span is after its last day.
func parseInstant(path, text string, usual, now time.Time, zone *time.Location) (time.Time, error) {
	if text == "" {
		return usual, nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		after := 0
		if path == "to" {
			after = 1
		}
		return calendar.DayBegins(day.Year(), day.Month(), day.Day()+after, zone), nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	if back, err := field.ParseDuration(text); err == nil && back >= 0 {
		return now.Add(-back), nil
	}
	return usual, field.Errorf(path, "must be a day such as 2026-11-22, an instant such as 2026-11-22T09:30:00Z, or a duration back such as 7d, not %q", text)
}

// Month is the first and the last day of a month such as 2026-10, as a Query asks for them. What is none is a *field.Error.
func Month(month string) (from, to string, err error) {
	first, err := time.Parse("2006-01", month)
	if err != nil {
		return "", "", field.Errorf("month", "must be a month such as 2026-10, not %q", month)
	}
	return first.Format(time.DateOnly), first.AddDate(0, 1, -1).Format(time.DateOnly), nil
}
