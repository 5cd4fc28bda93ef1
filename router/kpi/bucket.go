package kpi

import (
	"fmt"
	"sort"
	"time"

	"loket/router/calendar"
)

// buckets are the hours, days or weeks of a span, in a zone. A day that daylight saving changes has 23 or 25 hours, and
// the hour that comes twice is two.
type buckets struct {
	starts []int64 // of each, ms
	labels []string
	slots  []int // of each, where it is counted: with others when weekdays are asked for, else alone
	last   int   // the one found last: rows mostly come in order
}

func newBuckets(q *Query) *buckets {
	kind := Dimension("")
	for _, d := range q.By {
		switch {
		case d == ByWeekday && kind == "":
			kind = ByDay
		case d.isTime() && d != ByWeekday:
			kind = d
		}
	}
	b := &buckets{}
	if kind == "" {
		b.add(q.From, "", 0)
		return b
	}
	for at := begin(kind, q.From.In(q.Zone)); at.Before(q.To); {
		slot := len(b.starts)
		if q.byWeekday() {
			slot = slotOf(kind, at)
		}
		b.add(at, label(kind, at), slot)
		next := follow(kind, at)
		if !next.After(at) { // a zone's whim
			next = at.Add(time.Hour)
		}
		at = next
	}
	return b
}

// weekdays are the labels of weekdays, the first that of Monday.
var weekdays = [...]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// WeekdayLabel is what a day of the week is called in groups and questions: mon to sun.
func WeekdayLabel(day time.Weekday) string { return weekdays[(int(day)+6)%7] }

// weekdayOf is the place of a day in the week, 0 for Monday.
func weekdayOf(t time.Time) int { return (int(t.Weekday()) + 6) % 7 }

// hourLabel is an hour that clocks show.
func hourLabel(hour int) string { return fmt.Sprintf("%02d", hour) }

// slotOf is the weekday, and by the hour that on the clock, that an instant is in.
func slotOf(kind Dimension, t time.Time) int {
	if kind == ByHour {
		return 24*weekdayOf(t) + t.Hour()
	}
	return 24 * weekdayOf(t)
}

// slotPlace is where a slot stands in the order of a dimension, and slotLabel what it is called there.
func (b *buckets) slotPlace(q *Query, d Dimension, bucket int) int {
	slot := b.slots[bucket]
	switch {
	case !q.byWeekday():
		return slot
	case d == ByWeekday:
		return slot / 24
	}
	return slot % 24
}

func (b *buckets) slotLabel(q *Query, d Dimension, bucket int) string {
	switch place := b.slotPlace(q, d, bucket); {
	case !q.byWeekday():
		return b.labels[bucket]
	case d == ByWeekday:
		return weekdays[place]
	default:
		return hourLabel(place)
	}
}

func (b *buckets) add(at time.Time, label string, slot int) {
	b.starts, b.labels, b.slots = append(b.starts, at.UnixMilli()), append(b.labels, label), append(b.slots, slot)
}

// begin is the beginning of the hour, day or week that t is in.
func begin(kind Dimension, t time.Time) time.Time {
	switch kind {
	case ByHour:
		hour := t.Add(-time.Duration(t.Minute())*time.Minute - time.Duration(t.Second())*time.Second - time.Duration(t.Nanosecond()))
		if changed, _ := t.ZoneBounds(); changed.After(hour) && !sameClock(changed.Add(-1), changed) {
			return changed
		}
		return hour
	case ByWeek:
		return calendar.DayBegins(t.Year(), t.Month(), t.Day()-(int(t.Weekday())+6)%7, t.Location())
	}
	return calendar.DayBegins(t.Year(), t.Month(), t.Day(), t.Location())
}

func follow(kind Dimension, t time.Time) time.Time {
	switch kind {
	case ByHour:
		next := t.Add(time.Hour - time.Duration(t.Minute())*time.Minute - time.Duration(t.Second())*time.Second)
		if _, change := t.ZoneBounds(); !change.IsZero() && change.Before(next) && !sameClock(t, change) {
			return change
		}
		return next
	case ByWeek:
		return calendar.DayBegins(t.Year(), t.Month(), t.Day()-(int(t.Weekday())+6)%7+7, t.Location())
	}
	return calendar.DayBegins(t.Year(), t.Month(), t.Day()+1, t.Location())
}

// sameClock tells whether clocks are as far from UTC at two instants.
func sameClock(a, b time.Time) bool {
	_, one := a.Zone()
	_, other := b.Zone()
	return one == other
}

func label(kind Dimension, t time.Time) string {
	switch kind {
	case ByHour:
		return t.Format("2006-01-02T15:04Z07:00")
	case ByWeek:
		year, week := t.ISOWeek()
		return fmt.Sprintf("%d-W%02d", year, week)
	}
	return t.Format(time.DateOnly)
}

// find is the bucket of an instant that is in the span.
func (b *buckets) find(at int64) int {
	if at >= b.starts[b.last] && (b.last+1 == len(b.starts) || at < b.starts[b.last+1]) {
		return b.last
	}
	b.last = max(0, sort.Search(len(b.starts), func(i int) bool { return b.starts[i] > at })-1)
	return b.last
}
