package calendar

import (
	"fmt"
	"iter"
	"strings"
	"time"
)

// date is a day of the calendar, wherever on earth, counted from 1970-01-01.
type date int64

func dateOf(year int, month time.Month, day int) date {
	return date(floorDiv(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix(), secondsOfDay))
}

func (d date) utc() time.Time        { return time.Unix(int64(d)*secondsOfDay, 0).UTC() }
func (d date) String() string        { return d.utc().Format(time.DateOnly) }
func (d date) weekday() time.Weekday { return d.utc().Weekday() }

// dates is what one key or item stands for: a day or several, once or in each year.
type dates struct {
	first, last date // of the year 2000 when yearly
	yearly      bool
}

// maxDays bounds a range: what is closed for longer is no office.
const maxDays = 366

// parseDates reads 2026-12-24, 12-24, and two of these with .. between.
func parseDates(s string) (dates, error) {
	from, to, isRange := strings.Cut(s, "..")
	first, yearly, err := parseDate(strings.TrimSpace(from))
	if err != nil || !isRange {
		return dates{first, first, yearly}, err
	}
	last, lastYearly, err := parseDate(strings.TrimSpace(to))
	switch {
	case err != nil:
		return dates{}, err
	case yearly != lastYearly:
		return dates{}, fmt.Errorf("must give the year on both sides of .. or on neither, not %q", s)
	case last < first && !yearly:
		return dates{}, fmt.Errorf("must end after it begins, not %q", s)
	case last-first >= maxDays:
		return dates{}, fmt.Errorf("must be at most %d days, not %d", maxDays, last-first+1)
	}
	return dates{first, last, yearly}, nil
}

func parseDate(s string) (d date, yearly bool, err error) {
	if yearly = len(s) == len("12-24"); yearly {
		s = "2000-" + s // a year with 29 February
	}
	t, err := time.Parse(time.DateOnly, s)
	if yearly {
		s = s[len("2000-"):]
	}
	switch {
	case err != nil && strings.Contains(err.Error(), "day out of range"):
		return 0, false, fmt.Errorf("there is no day %q", s)
	case err != nil:
		return 0, false, fmt.Errorf("must be a day such as 2026-12-24, or 12-24 for each year, not %q", s)
	case t.Year() < firstYear || t.Year() > lastYear:
		return 0, false, fmt.Errorf("must be between %d and %d, not %q", firstYear, lastYear, s)
	}
	return dateOf(t.Date()), yearly, nil
}

// rank says what comes before what when two give hours to one day: the smaller.
func (d dates) rank() rank {
	r := oneDay
	if d.first != d.last {
		r = severalDays
	}
	if d.yearly {
		r += oneDayYearly
	}
	return r
}

type rank int

const (
	oneDay rank = iota
	severalDays
	oneDayYearly
	severalDaysYearly
	closedDay // a holiday or closure
)

// all gives every day, in order.
func (d dates) all() iter.Seq[date] {
	return func(yield func(date) bool) {
		if !d.yearly {
			for day := d.first; day <= d.last; day++ {
				if !yield(day) {
					return
				}
			}
			return
		}
		a, b := d.first.utc(), d.last.utc()
		for year := firstYear - 1; year <= lastYear; year++ {
			first, last := inYear(year, a), inYear(year, b)
			switch {
			case d.first == d.last && first.utc().Day() != a.Day():
				continue // 29 February
			case d.last < d.first: // over the turn of the year
				last = inYear(year+1, b)
			}
			for day := first; day <= last; day++ {
				if !yield(day) {
					return
				}
			}
		}
	}
}

// inYear is the day of t in another year. What would be 29 February is 1 March where there is none.
func inYear(year int, t time.Time) date { return dateOf(year, t.Month(), t.Day()) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
