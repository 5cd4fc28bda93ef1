package calendar

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

func weekdays() []string { return []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }

// parseDays reads the days of the week that share hours, as positions in weekdays.
func parseDays(key string) ([]int, error) {
	week := []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	var days []int
	for item := range strings.SplitSeq(key, ",") {
		item = strings.TrimSpace(item)
		first, last, isRange := strings.Cut(item, "-")
		if !isRange {
			last = first
		}
		from, to := slices.Index(week, first), slices.Index(week, last)
		if from < 0 || to < from {
			return nil, fmt.Errorf("days are mon, tue, wed, thu, fri, sat and sun, or a range such as mon-fri, not %q", item)
		}
		for i := from; i <= to; i++ {
			days = append(days, (i+1)%7)
		}
	}
	return days, nil
}

// slot is working time within a day, in seconds of the wall clock from midnight.
type slot struct{ from, to int64 }

func parseSlots(s string) ([]slot, error) {
	switch strings.TrimSpace(s) {
	case "24h":
		return []slot{{0, secondsOfDay}}, nil
	case "closed":
		return nil, nil
	}
	var slots []slot
	for item := range strings.SplitSeq(s, ",") {
		item = strings.TrimSpace(item)
		m := hours.FindStringSubmatch(item)
		if m == nil {
			return nil, fmt.Errorf("must be hours such as 09:00-17:30, 24h or closed, not %q", item)
		}
		one := slot{seconds(m[1], m[2]), seconds(m[3], m[4])}
		switch {
		case one.from >= secondsOfDay:
			return nil, fmt.Errorf("a day ends at 24:00, so nothing begins at %s:%s", m[1], m[2])
		case one.to > secondsOfDay:
			return nil, fmt.Errorf("a day ends at 24:00, not %s:%s", m[3], m[4])
		case one.from >= one.to && one.to == 0:
			return nil, fmt.Errorf("must end after it begins: write 24:00 for the end of the day, not %q", item)
		case one.from >= one.to:
			return nil, fmt.Errorf("must end after it begins, not %q", item)
		case len(slots) > 0 && one.from < slots[len(slots)-1].to:
			return nil, fmt.Errorf("must come in order and not overlap, as %q does", item)
		}
		slots = append(slots, one)
	}
	return slots, nil
}

func seconds(hour, minute string) int64 {
	two := func(s string) int64 { return int64(s[0]-'0')*10 + int64(s[1]-'0') }
	return two(hour)*3600 + two(minute)*60
}

const secondsOfDay = int64(24 * 3600)

var hours = regexp.MustCompile(`^([0-2]\d):([0-5]\d)-([0-2]\d):([0-5]\d)$`)
