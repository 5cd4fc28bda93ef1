// Package calendar computes in working time: when four office hours from now have passed, and how much working time
// lies between two instants. A calendar has a zone, a week, days that differ, and public holidays.
//
// The wall clock decides: an office with the hours 01:00-04:00 works two hours in the night in which clocks go
// forward from 02:00, and four in the night in which they go back.
package calendar

import (
	"sort"
	"time"
)

// A Calendar knows when an office works. It never changes; its methods may be called concurrently, and what they cost
// does not depend on how far apart two instants are.
type Calendar struct {
	zone *time.Location
	plan *plan
	// The spans of working time in order, none touching another: they open at opens[i] and last until
	// worked[i+1]-worked[i] seconds later. worked[i] is what was worked before.
	opens  []int64
	worked []int64
}

// Never is the instant at which calendars end, 2100-01-01 in UTC: the answer when there is not that much working
// time any more. Before 1970 nobody works either.
func Never() time.Time { return time.Unix(lastSecond, 0).UTC() }

// New makes the calendar of a section. Its errors are those of Config.Validate. A calendar that is never open is no
// error here.
func New(cfg Config) (*Calendar, error) {
	p, err := cfg.read()
	if err != nil {
		return nil, err
	}
	spans := p.spans()
	c := &Calendar{zone: p.zone, plan: p, opens: make([]int64, len(spans)), worked: make([]int64, len(spans)+1)}
	for i, s := range spans {
		c.opens[i], c.worked[i+1] = s.from, c.worked[i]+s.to-s.from
	}
	return c, nil
}

// Zone is where the calendar's wall clock hangs.
func (c *Calendar) Zone() *time.Location { return c.zone }

// Empty tells that the calendar is never open.
func (c *Calendar) Empty() bool { return len(c.opens) == 0 }

// Add is the first instant by which at least that much working time has passed since from: at the end of a day when
// the day ends just then. Nothing or less to work ends at from itself, more than there is before Never at Never.
func (c *Calendar) Add(from time.Time, working time.Duration) time.Time {
	if working <= 0 {
		return from
	}
	done, all := c.before(from), c.total()
	if int64(working) > all-done {
		return Never().In(from.Location())
	}
	until := done + int64(working)
	i := sort.Search(len(c.opens), func(i int) bool { return c.worked[i+1]*second >= until })
	return time.Unix(0, c.opens[i]*second+until-c.worked[i]*second).In(from.Location())
}

// Between is the working time from one instant to the other, negative when to comes first.
func (c *Calendar) Between(from, to time.Time) time.Duration {
	return time.Duration(c.before(to) - c.before(from))
}

// Open tells whether the office works at an instant. It does when it opens, and no longer when it closes.
func (c *Calendar) Open(at time.Time) bool {
	opens, closes := c.Next(at)
	return !opens.After(at) && at.Before(closes)
}

// Next is the working time that at lies in, else the next one. Both are Never when there is none.
func (c *Calendar) Next(at time.Time) (opens, closes time.Time) {
	t := nanoseconds(at)
	i := sort.Search(len(c.opens), func(i int) bool { return c.closes(i)*second > t })
	if i == len(c.opens) {
		never := Never().In(at.Location())
		return never, never
	}
	return time.Unix(c.opens[i], 0).In(at.Location()), time.Unix(c.closes(i), 0).In(at.Location())
}

// before is the working time before an instant, in nanoseconds.
func (c *Calendar) before(at time.Time) int64 {
	t := nanoseconds(at)
	i := sort.Search(len(c.opens), func(i int) bool { return c.opens[i]*second > t }) - 1
	if i < 0 {
		return 0
	}
	return min(c.worked[i]*second+t-c.opens[i]*second, c.worked[i+1]*second)
}

func (c *Calendar) closes(i int) int64 { return c.opens[i] + c.worked[i+1] - c.worked[i] }
func (c *Calendar) total() int64       { return c.worked[len(c.opens)] * second }

// nanoseconds is at since 1970, within what a calendar knows.
func nanoseconds(at time.Time) int64 {
	switch s := at.Unix(); {
	case s < firstSecond:
		return firstSecond * second
	case s >= lastSecond:
		return lastSecond * second
	}
	return at.UnixNano()
}

// What calendars know: 1970 up to 2100, a range in which nanoseconds fit into 63 bits.
const (
	firstYear, lastYear = 1970, 2099
	firstSecond         = int64(0)
	lastSecond          = int64(4102444800)
	second              = int64(time.Second)
)
