package cli

import (
	"fmt"
	"time"

	"loket/router/calendar"
)

// in has times read in the zone of that name from now on; one that this machine does not know changes nothing.
func (p *page) in(zone string) {
	if known, err := calendar.ParseZone("", zone); err == nil {
		p.zone = known
	}
}

// clock is an instant where the page is read, with the day when it is not today, and with the zone when that does not stand
// on the page yet.
func (p *page) clock(t time.Time) string {
	t, now := t.In(p.zone), p.now.In(p.zone)
	layout := "2006-01-02 15:04"
	switch {
	case t.Year() == now.Year() && t.YearDay() == now.YearDay():
		layout = "15:04"
	case t.Year() == now.Year():
		layout = "2 Jan 15:04"
	}
	return p.zoned(t.Format(layout))
}

// zoned adds the zone to a time when it is not the one that stands on the page.
func (p *page) zoned(text string) string {
	if p.said == p.zone.String() {
		return text
	}
	p.said = p.zone.String()
	return text + " " + p.said
}

// due says how long there is left, or how late it is.
func (p *page) due(t time.Time) styled {
	left := t.Sub(p.now)
	switch {
	case t.IsZero():
		return plain.of("")
	case left < 0:
		return red.of("LATE by %s", span(-left))
	case left < 15*time.Minute:
		return yellow.of("due in %s", span(left))
	}
	return plain.of("due in %s", span(left))
}

// span writes a duration with its two largest units: 3d4h, 3h12m, 12m, 45s.
func span(d time.Duration) string {
	d = max(d, 0)
	const day = 24 * time.Hour
	switch {
	case d >= day:
		return units(d, day, "d", time.Hour, "h")
	case d >= time.Hour:
		return units(d, time.Hour, "h", time.Minute, "m")
	case d >= time.Minute:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

func units(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	text := fmt.Sprintf("%d%s", d/large, largeName)
	if rest := d % large / small; rest > 0 {
		text += fmt.Sprintf("%d%s", rest, smallName)
	}
	return text
}

// moment turns a time as people type it here, 17:30, a date, or both, into RFC 3339. Anything else is left for the
// daemon to read: it knows durations and instants.
func moment(s string, now time.Time, zone *time.Location) string {
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t.Format(time.RFC3339)
		}
	}
	if t, err := time.Parse("15:04", s); err == nil {
		now = now.In(zone)
		next := time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), 0, 0, zone)
		if !next.After(now) {
			next = next.AddDate(0, 0, 1)
		}
		return next.Format(time.RFC3339)
	}
	return s
}
