package calendar

import (
	"cmp"
	"slices"
	"time"
)

// plan is what a section says, day by day.
type plan struct {
	zone   *time.Location
	week   [7][]slot // from sunday
	days   map[date]day
	closed []span // by instants, from a file
}

// day is a date that differs from its day of the week.
type day struct {
	slots []slot
	name  string // of the holiday or closure
	rank  rank
}

// span is from one Unix second up to another.
type span struct{ from, to int64 }

// close makes a day a holiday unless it has hours of its own. The first to name it names it.
func (p *plan) close(d date, name string) {
	if before, ok := p.days[d]; ok && (before.rank < closedDay || before.name != "") {
		return
	}
	p.days[d] = day{name: name, rank: closedDay}
}

// slots are the hours of a day on the wall clock.
func (p *plan) slots(d date) []slot {
	if own, ok := p.days[d]; ok {
		return own.slots
	}
	return p.week[d.weekday()]
}

// spans are the working times as instants, in order and none touching another. The wall clock is followed from one
// change of the zone's offset to the next; between two, it is plain arithmetic.
func (p *plan) spans() []span {
	var all []span
	for from := firstSecond; from < lastSecond; {
		at := time.Unix(from, 0).In(p.zone)
		_, o := at.Zone()
		offset, to := int64(o), lastSecond
		if _, end := at.ZoneBounds(); end.After(at) {
			to = min(to, end.Unix())
		} else if !end.IsZero() { // at the end of some far years the bounds are wrong by a day: go on by hand
			to = min(to, from+900)
		}
		for d := date(floorDiv(from+offset, secondsOfDay)); int64(d)*secondsOfDay < to+offset; d++ {
			midnight := int64(d)*secondsOfDay - offset
			for _, s := range p.slots(d) {
				all = join(all, span{max(midnight+s.from, from), min(midnight+s.to, to)})
			}
		}
		from = to
	}
	return without(all, p.closed)
}

// join appends s, which does not begin before the last one ends.
func join(all []span, s span) []span {
	switch last := len(all) - 1; {
	case s.from >= s.to:
	case last >= 0 && all[last].to == s.from:
		all[last].to = s.to
	default:
		all = append(all, s)
	}
	return all
}

// without takes closed times out of spans.
func without(all, closed []span) []span {
	if len(closed) == 0 {
		return all
	}
	closed = slices.Clone(closed)
	slices.SortFunc(closed, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var rest []span
	first := 0
	var until int64 // every closed time before first has ended by then
	for _, s := range all {
		for ; first < len(closed) && closed[first].from <= s.from; first++ {
			until = max(until, closed[first].to)
		}
		from := max(s.from, until)
		for i := first; i < len(closed) && closed[i].from < s.to; i++ {
			rest = join(rest, span{from, closed[i].from})
			from = max(from, closed[i].to)
		}
		rest = join(rest, span{from, s.to})
	}
	return rest
}
