package format

import (
	"fmt"
	"time"

	"loket/router/calendar"
)

// In has times read in the zone of that name from now on; one that this machine does not know changes nothing.
func (p *Page) In(zone string) {
	if known, err := calendar.ParseZone("", zone); err == nil {
		p.Zone = known
	}
}

// Clock is an instant where the page is read, with the day when it is not today, and with the zone when that does not stand
// on the page yet.
func (p *Page) Clock(t time.Time) string {
	t, now := t.In(p.Zone), p.Now.In(p.Zone)
	layout := "2006-01-02 15:04"
	switch {
	case t.Year() == now.Year() && t.YearDay() == now.YearDay():
		layout = "15:04"
	case t.Year() == now.Year():
		layout = "2 Jan 15:04"
	}
	return p.Zoned(t.Format(layout))
}

// Zoned adds the zone to a time when it is not the one that stands on the page.
func (p *Page) Zoned(text string) string {
	if p.Said == p.Zone.String() {
		return text
	}
	p.Said = p.Zone.String()
	return text + " " + p.Said
}

// Due says how long there is left, or how late it is.
func (p *Page) Due(t time.Time) Styled {
	left := t.Sub(p.Now)
	switch {
	case t.IsZero():
		return Plain.Of("")
	case left < 0:
		return Red.Of("LATE by %s", Span(-left))
	case left < 15*time.Minute:
		return Yellow.Of("due in %s", Span(left))
	}
	return Plain.Of("due in %s", Span(left))
}

// Span writes a duration with its two largest units: 3d4h, 3h12m, 12m, 45s.
func Span(d time.Duration) string {
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

// Ago is an instant and how long ago it was; nothing for none.
func (p *Page) Ago(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s (%s ago)", p.Clock(t), Span(p.Now.Sub(t)))
}

// Day is the date of an instant where the page is read.
func (p *Page) Day(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(p.Zone).Format(time.DateOnly)
}
