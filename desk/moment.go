package desk

import (
	"time"

	"loket/internal/field"
	"loket/router/calendar"
)

// A moment is a time as people write it: an instant in RFC 3339, how long from now, or what clocks show.
type moment struct {
	path, text string
	now        time.Time
	zone       *time.Location // in which clocks are read
	past       bool           // it lies behind us
}

// read gives the instant; zero for nothing.
func (m moment) read() (time.Time, error) {
	if m.text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, m.text); err == nil {
		return t.UTC(), nil
	}
	if d, err := field.ParseDuration(m.text); err == nil {
		if m.past {
			d = -d
		}
		return m.now.UTC().Add(d), nil
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, m.text, m.zone); err == nil {
			return t.UTC(), nil
		}
	}
	if t, err := time.Parse(time.DateOnly, m.text); err == nil {
		return calendar.DayBegins(t.Year(), t.Month(), t.Day(), m.zone).UTC(), nil
	}
	if t, err := time.Parse("15:04", m.text); err == nil {
		return m.today(t).UTC(), nil
	}
	return time.Time{}, field.Errorf(m.path,
		"must be an instant such as 2026-11-22T09:30:00Z, a duration such as 2h or 3d, or 17:30, 2026-11-22 or both of these (%s), not %q", m.zone, m.text)
}

// today is the next time, or the last, at which clocks show the hour and minute of t.
func (m moment) today(t time.Time) time.Time {
	now := m.now.In(m.zone)
	at := func(days int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, t.Hour(), t.Minute(), 0, 0, m.zone)
	}
	switch {
	case m.past && at(0).After(now):
		return at(-1)
	case !m.past && !at(0).After(now):
		return at(1)
	}
	return at(0)
}
