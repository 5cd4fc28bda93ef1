package calendar

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones load on machines that have none

	"loket/internal/field"
)

// Config is one of the section calendars.
type Config struct {
	// Time zone, such as Europe/Amsterdam.
	Zone string `yaml:"zone"`
	// Working hours by day: mon … sun, ranges (mon-fri) and lists (tue,thu) to 09:00-17:30,
	// with commas between several, 24h or closed. Days left out are closed.
	Week map[string]string `yaml:"week"`
	// Days with hours of their own, written like those of the week: 2026-12-05, 12-24 for each year, or from one to
	// another, 2026-12-24..2027-01-02 and 12-24..12-31. They come before holidays; one day before several, and those
	// of one year before those of each.
	Dates map[string]string `yaml:"dates"`
	// Closed days, in the same form; the public holidays of a country (nl) or a part of it (de-by); and
	// "not Goede Vrijdag" for a holiday on which you work.
	Holidays []string `yaml:"holidays"`
	// A file in iCalendar form (.ics) with further closed days and hours.
	Closures string `yaml:"closures"`
}

// Validate returns all mistakes. It reads the file of closures.
func (c Config) Validate() error {
	_, err := c.read()
	return err
}

// ResolvePaths makes the path of the closures relative to dir, where the configuration is.
func (c *Config) ResolvePaths(dir string) {
	if c.Closures != "" && !filepath.IsAbs(c.Closures) {
		c.Closures = filepath.Join(dir, c.Closures)
	}
}

// read makes the plan of the section, or joins all its mistakes.
func (c Config) read() (*plan, error) {
	p := &plan{days: map[date]day{}}
	errs := []error{p.readZone(c.Zone), p.readWeek(c.Week, len(c.Dates) > 0), p.readDates(c.Dates), p.readHolidays(c.Holidays)}
	if p.zone != nil {
		errs = append(errs, p.readClosures(c.Closures))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return p, nil
}

// ParseZone gives the time zone of a name such as Europe/Amsterdam. The error names the field path.
func ParseZone(path, name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" || name == "" {
		return time.UTC, field.Errorf(path, "no time zone is called %q: must be one such as Europe/Amsterdam", name)
	}
	return zone, nil
}

func (p *plan) readZone(zone string) error {
	if zone == "" {
		return field.Errorf("zone", "must name a time zone, such as Europe/Amsterdam")
	}
	loc, err := ParseZone("zone", zone)
	if err != nil {
		return err
	}
	p.zone = loc
	return nil
}

func (p *plan) readWeek(week map[string]string, other bool) error {
	var errs []error
	if len(week) == 0 && !other {
		errs = append(errs, field.Errorf("week", "must give the hours of at least one day"))
	}
	given := map[int]string{}
	for _, key := range slices.Sorted(maps.Keys(week)) {
		path := "week." + key
		days, err := parseDays(key)
		if err != nil {
			errs = append(errs, field.Errorf(path, "%v", err))
		}
		slots, err := parseSlots(week[key])
		for _, day := range days {
			if before, ok := given[day]; ok {
				errs = append(errs, field.Errorf(path, "%s has hours in %q already", weekdays()[day], before))
				break
			}
			given[day] = key
			p.week[day] = slots
		}
		if err != nil {
			errs = append(errs, field.Errorf(path, "%v", err))
		}
	}
	return errors.Join(errs...)
}

func (p *plan) readDates(dates map[string]string) error {
	var errs []error
	from := map[date]string{}
	for _, key := range slices.Sorted(maps.Keys(dates)) {
		path := "dates." + key
		when, err := parseDates(key)
		if err != nil {
			errs = append(errs, field.Errorf(path, "%v", err))
			continue
		}
		slots, err := parseSlots(dates[key])
		if err != nil {
			errs = append(errs, field.Errorf(path, "%v", err))
		}
		for d := range when.all() {
			before, ok := p.days[d]
			if ok && before.rank == when.rank() {
				errs = append(errs, field.Errorf(path, "%s has hours in %q already", d, from[d]))
				break
			}
			if !ok || when.rank() < before.rank {
				p.days[d], from[d] = day{slots: slots, rank: when.rank()}, key
			}
		}
	}
	return errors.Join(errs...)
}

func (p *plan) readHolidays(items []string) error {
	var errs []error
	var wanted []holiday
	for i, item := range items {
		path := fmt.Sprintf("holidays[%d]", i)
		switch name, not := strings.CutPrefix(item, "not "); {
		case not:
			rest := slices.DeleteFunc(slices.Clone(wanted), func(h holiday) bool { return strings.EqualFold(h.name, name) })
			if len(rest) == len(wanted) {
				errs = append(errs, field.Errorf(path, "no holiday before it is called %q%s", name, field.DidYouMean(name, namesOf(wanted))))
			}
			wanted = rest
		case strings.ContainsAny(item, "0123456789.") && !isCountry(item):
			when, err := parseDates(item)
			if err != nil {
				errs = append(errs, field.Errorf(path, "%v", err))
				continue
			}
			for d := range when.all() {
				p.close(d, "")
			}
		default:
			found, err := holidaysOf(item)
			if err != nil {
				errs = append(errs, field.Errorf(path, "%v", err))
			}
			wanted = append(wanted, found...)
		}
	}
	for _, h := range wanted {
		for d := range h.days() {
			p.close(d, h.name)
		}
	}
	return errors.Join(errs...)
}
