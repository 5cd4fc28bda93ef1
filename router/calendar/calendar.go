// Package calendar holds when an office works: zone, week and holidays.
package calendar

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones load on machines that have none

	"loket/internal/field"
)

// Config is one of the section calendars. Targets do not count by it yet.
type Config struct {
	// Time zone, such as Europe/Amsterdam.
	Zone string `yaml:"zone"`
	// Working hours by day: mon … sun, ranges (mon-fri) and lists (tue,thu) to 09:00-17:30,
	// with commas between several. Days left out are closed.
	Week map[string]string `yaml:"week"`
	// Closed days: 2026-12-24, or the public holidays of a country by its two letters.
	Holidays []string `yaml:"holidays"`
}

// Validate returns all mistakes.
func (c Config) Validate() error {
	var errs []error
	if err := zoneMistake(c.Zone); err != nil {
		errs = append(errs, err)
	}
	if len(c.Week) == 0 {
		errs = append(errs, field.Errorf("week", "must give the hours of at least one day"))
	}
	given := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(c.Week)) {
		path := "week." + key
		days, err := parseDays(key)
		if err != nil {
			errs = append(errs, field.Errorf(path, "%v", err))
		}
		for _, day := range days {
			if before, ok := given[day]; ok {
				errs = append(errs, field.Errorf(path, "%s has hours in %q already", day, before))
				break
			}
			given[day] = key
		}
		if _, err := parseSlots(c.Week[key]); err != nil {
			errs = append(errs, field.Errorf(path, "%v", err))
		}
	}
	for i, h := range c.Holidays {
		if _, err := time.Parse(time.DateOnly, h); err != nil && !country.MatchString(h) {
			errs = append(errs, field.Errorf(fmt.Sprintf("holidays[%d]", i),
				"must be a day such as 2026-12-24 or the two small letters of a country, not %q", h))
		}
	}
	return errors.Join(errs...)
}

func zoneMistake(zone string) error {
	if zone == "" {
		return field.Errorf("zone", "must name a time zone, such as Europe/Amsterdam")
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		return field.Errorf("zone", "no time zone is called %q: must be one such as Europe/Amsterdam", zone)
	}
	return nil
}

func parseDays(key string) ([]string, error) {
	week := []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	var days []string
	for item := range strings.SplitSeq(key, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(item), "-")
		if !isRange {
			last = first
		}
		from, to := slices.Index(week, first), slices.Index(week, last)
		if from < 0 || to < from {
			return nil, fmt.Errorf("days are mon, tue, wed, thu, fri, sat and sun, or a range such as mon-fri, not %q", item)
		}
		days = append(days, week[from:to+1]...)
	}
	return days, nil
}

// slot is working time within a day, in minutes from midnight.
type slot struct{ from, to int }

func parseSlots(s string) ([]slot, error) {
	var slots []slot
	for item := range strings.SplitSeq(s, ",") {
		m := hours.FindStringSubmatch(strings.TrimSpace(item))
		if m == nil {
			return nil, fmt.Errorf("must be hours such as 09:00-17:30, not %q", item)
		}
		one := slot{minutes(m[1], m[2]), minutes(m[3], m[4])}
		switch {
		case one.to > 24*60:
			return nil, fmt.Errorf("a day ends at 24:00, not %s:%s", m[3], m[4])
		case one.from >= one.to:
			return nil, fmt.Errorf("must end after it begins, not %q", item)
		case len(slots) > 0 && one.from < slots[len(slots)-1].to:
			return nil, fmt.Errorf("must come in order and not overlap, as %q does", item)
		}
		slots = append(slots, one)
	}
	return slots, nil
}

func minutes(hour, minute string) int {
	return 60*(10*int(hour[0]-'0')+int(hour[1]-'0')) + 10*int(minute[0]-'0') + int(minute[1]-'0')
}

var (
	hours   = regexp.MustCompile(`^([0-2]\d):([0-5]\d)-([0-2]\d):([0-5]\d)$`)
	country = regexp.MustCompile(`^[a-z]{2}$`)
)
