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

// begin is the first instant of a day, which is later than midnight where clocks go forward at midnight.
func (c *Calendar) begin(d date) time.Time {
	u := d.utc()
	t := time.Date(u.Year(), u.Month(), u.Day(), 0, 0, 0, 0, c.zone)
	if dateOf(t.Date()) < d { // that midnight does not exist
		_, end := t.ZoneBounds()
		return end
	}
	if start, _ := t.ZoneBounds(); !start.IsZero() && dateOf(start.Date()) == d {
		return start
	}
	return t
}
