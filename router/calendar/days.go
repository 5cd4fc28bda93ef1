package calendar

import "time"

// A Day is how one day of a calendar looks to people.
type Day struct {
	Date time.Time // its first instant, in the calendar's zone
	// Name is what holiday or closure it is, empty on others.
	Name string
	// Differs tells that the day has other hours than its day of the week.
	Differs bool
	// Hours are the working times that lie in it, in order.
	Hours []Span
	// Working is how long they are together.
	Working time.Duration
}

// A Span is working time from one instant up to another.
type Span struct{ Opens, Closes time.Time }

// Day is the day of the calendar's wall clock in which an instant lies.
func (c *Calendar) Day(at time.Time) Day {
	at = at.In(c.zone)
	d := dateOf(at.Date())
	from, to := c.begin(d), c.begin(d+1)
	own, differs := c.plan.days[d]
	day := Day{Date: from, Name: own.name, Differs: differs, Working: c.Between(from, to)}
	for t := from; t.Before(to); {
		opens, closes := c.Next(t)
		if !opens.Before(to) {
			break
		}
		if opens.Before(from) {
			opens = from
		}
		if closes.After(to) {
			closes = to
		}
		day.Hours = append(day.Hours, Span{opens, closes})
		t = closes
	}
	return day
}

// Following is the day after.
func (c *Calendar) Following(d Day) Day { return c.Day(c.begin(dateOf(d.Date.Date()) + 1)) }

// begin is the first instant of a day.
func (c *Calendar) begin(d date) time.Time {
	u := d.utc()
	return DayBegins(u.Year(), u.Month(), u.Day(), c.zone)
}

// farthestOffset is more than any zone's clock is away from UTC.
const farthestOffset = 26 * time.Hour

// DayBegins is the first instant at which the clocks of a zone show a day, or a later one where the zone left that day
// out. It is no midnight where clocks go forward at midnight, and the first of two where they go back to it. Days outside
// the usual range are read as time.Date does.
func DayBegins(year int, month time.Month, day int, zone *time.Location) time.Time {
	midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	for from := midnight.Add(-farthestOffset).In(zone); ; {
		_, offset := from.Zone()
		_, to := from.ZoneBounds()
		if !to.IsZero() && !to.After(from) { // at the end of some far years the bounds are wrong by a day
			to = from.Add(15 * time.Minute)
		}
		at := midnight.Add(-time.Duration(offset) * time.Second).In(zone)
		if at.Before(from) {
			at = from
		}
		if to.IsZero() || at.Before(to) {
			return at
		}
		from = to
	}
}
