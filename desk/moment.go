package desk

import (
	"time"

	"loket/internal/field"
	"loket/router/calendar"
)

// A Moment is a time as people write it: an instant in RFC 3339, how long from now, or what clocks show.
type Moment struct {
	Path, Text string
	Now        time.Time
	Zone       *time.Location // in which clocks are read
	Past       bool           // it lies behind us
}

// Read gives the instant; zero for nothing.
func (m Moment) Read() (time.Time, error) {
	if m.Text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, m.Text); err == nil {
		return t.UTC(), nil
	}
	if d, err := field.ParseDuration(m.Text); err == nil {
		if m.Past {
			d = -d
		}
		return m.Now.UTC().Add(d), nil
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, m.Text, m.Zone); err == nil {
			return t.UTC(), nil
		}
	}
	if t, err := time.Parse(time.DateOnly, m.Text); err == nil {
		return calendar.DayBegins(t.Year(), t.Month(), t.Day(), m.Zone).UTC(), nil
	}
	if t, err := time.Parse("15:04", m.Text); err == nil {
		return m.today(t).UTC(), nil
	}
	return time.Time{}, field.Errorf(m.Path,
		"must be an instant such as 2026-11-22T09:30:00Z, a duration such as 2h or 3d, or 17:30, 2026-11-22 or both of these (%s), not %q", m.Zone, m.Text)
}

// today is the next time, or the last, at which clocks show the hour and minute of t.
func (m Moment) today(t time.Time) time.Time {
	now := m.Now.In(m.Zone)
	at := func(days int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, t.Hour(), t.Minute(), 0, 0, m.Zone)
	}
	switch {
	case m.Past && at(0).After(now):
		return at(-1)
	case !m.Past && !at(0).After(now):
		return at(1)
	}
	return at(0)
}
