package calendar

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"
)

// An event is a closure of a file: days, or hours, once or each year.
type event struct {
	line      int
	name      string
	wholeDays bool
	// On the wall clock of zone. A whole day begins at midnight in UTC.
	from, to time.Time
	zone     *time.Location
	every    int // years; 0 is once
	count    int // 0 is without end
	until    time.Time
	except   map[int64]bool // beginnings that fall out, in Unix seconds
}

// maxClosed bounds one closure.
const maxClosed = maxDays * 24 * time.Hour

// readEvents reads the events of an iCalendar file. Instants without a zone, and those of a zone that has no IANA name,
// are meant in zone. What an event says beyond its times, name and yearly repetition does not matter here.
func readEvents(text string, zone *time.Location) ([]event, error) {
	all, err := properties(text)
	if err != nil {
		return nil, err
	}
	var events []event
	var inside []string // what has begun and not ended
	var of []property   // the present event
	for _, p := range all {
		switch {
		case p.name == "BEGIN":
			inside = append(inside, strings.ToUpper(p.value))
			if p.value = strings.ToUpper(p.value); p.value == "VEVENT" {
				of = []property{p}
			}
		case p.name == "END":
			if len(inside) == 0 || inside[len(inside)-1] != strings.ToUpper(p.value) {
				return nil, fmt.Errorf("line %d: END:%s without its BEGIN", p.line, p.value)
			}
			inside = inside[:len(inside)-1]
			if strings.EqualFold(p.value, "VEVENT") {
				e, cancelled, err := newEvent(of, zone)
				if err != nil {
					return nil, err
				}
				if !cancelled {
					events = append(events, e)
				}
			}
		case len(inside) > 0 && inside[len(inside)-1] == "VEVENT":
			of = append(of, p)
		}
		if len(events) > maxClosures || len(inside) > 10 {
			return nil, fmt.Errorf("line %d: more than %d events, or one inside the other", p.line, maxClosures)
		}
	}
	if len(inside) > 0 {
		return nil, fmt.Errorf("ends before END:%s", inside[len(inside)-1])
	}
	return events, nil
}

func newEvent(of []property, zone *time.Location) (e event, cancelled bool, err error) {
	e = event{line: of[0].line, zone: zone, except: map[int64]bool{}}
	var duration time.Duration
	var rule property
	for _, p := range of[1:] {
		switch p.name {
		case "SUMMARY":
			e.name = unescape(p.value)
		case "STATUS":
			cancelled = strings.EqualFold(p.value, "CANCELLED")
		case "DTSTART":
			e.from, e.wholeDays, err = parseInstant(p, zone)
			e.zone = e.from.Location()
		case "DTEND":
			e.to, _, err = parseInstant(p, zone)
		case "DURATION":
			duration, err = parseDuration(p)
		case "RRULE":
			rule = p
		case "RDATE", "EXRULE":
			err = fmt.Errorf("line %d: %s is not understood: write an event for each day", p.line, p.name)
		case "EXDATE":
			err = e.leaveOut(p, zone)
		}
		if err != nil {
			return e, false, err
		}
	}
	if e.from.IsZero() {
		return e, cancelled, fmt.Errorf("line %d: an event without DTSTART", e.line)
	}
	if rule.name != "" {
		if err := e.repeat(rule, zone); err != nil {
			return e, cancelled, err
		}
	}
	if e.to.IsZero() {
		e.to = e.from.Add(duration)
		if e.wholeDays && duration == 0 {
			e.to = e.from.AddDate(0, 0, 1)
		}
	}
	if e.wholeDays && e.to.Equal(e.from) { // some programs write the day itself as its end
		e.to = e.from.AddDate(0, 0, 1)
	}
	switch {
	case e.to.Before(e.from):
		return e, cancelled, fmt.Errorf("line %d: an event that ends before it begins", e.line)
	case e.to.Sub(e.from) > maxClosed:
		return e, cancelled, fmt.Errorf("line %d: an event longer than %d days", e.line, maxDays)
	}
	return e, cancelled, nil
}

// times are the closed times: as instants, or as days counted in seconds.
func (e event) times() iter.Seq[span] {
	return func(yield func(span) bool) {
		length, days := e.to.Sub(e.from), int(e.to.Sub(e.from)/(24*time.Hour))
		for n, year := 0, e.from.Year(); year <= lastYear; n, year = n+1, year+max(e.every, 1) {
			from := time.Date(year, e.from.Month(), e.from.Day(), e.from.Hour(), e.from.Minute(), e.from.Second(), 0, e.zone)
			if e.count > 0 && n >= e.count || !e.until.IsZero() && from.After(e.until) {
				return
			}
			to := from.Add(length)
			if e.wholeDays {
				to = from.AddDate(0, 0, days)
			}
			exists := from.Day() == e.from.Day() // 29 February
			if exists && from.Unix() >= firstSecond && !e.except[from.Unix()] && !yield(span{from.Unix(), to.Unix()}) || e.every == 0 {
				return
			}
			if !exists {
				n-- // what does not happen does not count
			}
		}
	}
}

// repeat reads a rule that repeats an event on its day each year, or every so many.
func (e *event) repeat(p property, zone *time.Location) error {
	e.every = 1
	for part := range strings.SplitSeq(strings.ToUpper(p.value), ";") {
		key, value, _ := strings.Cut(part, "=")
		n, _ := strconv.Atoi(value)
		ok := true
		switch key {
		case "FREQ":
			ok = value == "YEARLY"
		case "INTERVAL":
			e.every, ok = n, n > 0 && n < 1000
		case "COUNT":
			e.count, ok = n, n > 0
		case "UNTIL":
			until, wholeDay, err := parseInstant(property{line: p.line, value: value}, zone)
			if err != nil {
				return err
			}
			if wholeDay {
				until = time.Date(until.Year(), until.Month(), until.Day(), 23, 59, 59, 0, zone)
			}
			e.until = until
		case "BYMONTH":
			ok = n == int(e.from.Month())
		case "BYMONTHDAY":
			ok = n == e.from.Day()
		case "WKST", "":
		default:
			ok = false
		}
		if !ok {
			return fmt.Errorf("line %d: only FREQ=YEARLY on the event's own day is understood, not %q: write an event for each day", p.line, part)
		}
	}
	return nil
}

func (e *event) leaveOut(p property, zone *time.Location) error {
	for value := range strings.SplitSeq(p.value, ",") {
		one := p
		one.value = value
		t, _, err := parseInstant(one, zone)
		if err != nil {
			return err
		}
		e.except[t.Unix()] = true
	}
	return nil
}

// parseInstant reads 20261224 (a whole day, given as its midnight in UTC), 20261224T120000 and 20261224T120000Z.
func parseInstant(p property, zone *time.Location) (t time.Time, wholeDay bool, err error) {
	in := zone
	if named, err := time.LoadLocation(p.params["TZID"]); err == nil && p.params["TZID"] != "" {
		in = named
	}
	value := strings.TrimSpace(p.value)
	switch {
	case len(value) == 8:
		t, err = time.Parse("20060102", value)
		wholeDay = true
	case strings.HasSuffix(value, "Z"):
		t, err = time.Parse("20060102T150405Z", value)
	default:
		t, err = time.ParseInLocation("20060102T150405", value, in)
	}
	if err != nil {
		return t, false, fmt.Errorf("line %d: no date or time is written %q", p.line, value)
	}
	return t, wholeDay, nil
}

// parseDuration reads P1D, P2W, PT8H30M.
func parseDuration(p property) (time.Duration, error) {
	wrong := fmt.Errorf("line %d: no duration is written %q", p.line, p.value)
	rest, ok := strings.CutPrefix(strings.TrimPrefix(strings.ToUpper(p.value), "+"), "P")
	if !ok || len(rest) > 20 {
		return 0, wrong
	}
	units := map[byte]time.Duration{
		'W': 7 * 24 * time.Hour, 'D': 24 * time.Hour, 'H': time.Hour, 'M': time.Minute, 'S': time.Second,
	}
	var all time.Duration
	for rest = strings.Replace(rest, "T", "", 1); rest != ""; {
		i := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if i < 1 || i > 6 || units[rest[i]] == 0 {
			return 0, wrong
		}
		n, _ := strconv.Atoi(rest[:i])
		all += time.Duration(n) * units[rest[i]]
		rest = rest[i+1:]
	}
	if all > maxClosed {
		return 0, fmt.Errorf("line %d: an event longer than %d days", p.line, maxDays)
	}
	return all, nil
}

// unescape undoes the backslashes of a text.
func unescape(s string) string {
	return strings.Join(strings.Fields(strings.NewReplacer(`\n`, " ", `\N`, " ", `\,`, ",", `\;`, ";", `\\`, `\`).Replace(s)), " ")
}
