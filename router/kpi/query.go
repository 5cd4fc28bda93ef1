package kpi

import (
	"errors"
	"slices"
	"time"

	"loket/internal/field"
)

// A Dimension is what figures can be split by.
type Dimension string

// The dimensions. A task with several tags is counted under each of them; hours, days and weeks are those of the
// query's zone. Beside weekdays, hours are those that clocks show, of all days alike.
const (
	ByTeam      Dimension = "team"
	ByAgent     Dimension = "agent"
	ByChannel   Dimension = "channel"
	ByConnector Dimension = "connector"
	ByPriority  Dimension = "priority"
	ByRule      Dimension = "rule"
	ByTag       Dimension = "tag"
	ByHour      Dimension = "hour"
	ByDay       Dimension = "day"
	ByWeek      Dimension = "week"
	ByWeekday   Dimension = "weekday"
)

// Dimensions lists them all.
func Dimensions() []Dimension {
	return []Dimension{ByTeam, ByAgent, ByChannel, ByConnector, ByPriority, ByRule, ByTag, ByHour, ByDay, ByWeek, ByWeekday}
}

func (d Dimension) isTime() bool { return d == ByHour || d == ByDay || d == ByWeek || d == ByWeekday }

func (q *Query) byWeekday() bool { return slices.Contains(q.By, ByWeekday) }

// A Query says which figures are wanted.
type Query struct {
	From, To time.Time // To is not in it
	Zone     *time.Location
	By       []Dimension

	Teams []string // nil for all
	// Only what is so by these dimensions, but the team; "" for what has none. Of times there are weekdays (mon) and hours
	// that clocks show (09).
	Only map[Dimension]string

	// Within measures the service level by this time, working time where the team has a calendar; 0 by what was promised.
	Within time.Duration
	// Short is how soon an abandoned wait must have ended not to count against the service level.
	Short time.Duration
}

const (
	maxDays   = 800
	maxBy     = 3
	maxHours  = 100 // days, by the hour
	maxGroups = 50_000
)

// Validate returns all mistakes.
func (q *Query) Validate() error {
	var errs []error
	days := q.To.Sub(q.From).Hours() / 24
	switch {
	case !q.From.Before(q.To):
		errs = append(errs, field.Errorf("to", "must be later than from, which is %s", q.From.Format(time.RFC3339)))
	case q.From.Year() < 2000 || q.To.Year() > 2100:
		errs = append(errs, field.Errorf("from", "must be, as to, between the years 2000 and 2100"))
	case days > maxDays:
		errs = append(errs, field.Errorf("from", "must be at most %d days before to, not %.0f", maxDays, days))
	case days > maxHours && slices.Contains(q.By, ByHour) && !q.byWeekday():
		errs = append(errs, field.Errorf("by", "hour is for at most %d days, not %.0f", maxHours, days))
	}
	times := 0
	for i, d := range q.By {
		if !slices.Contains(Dimensions(), d) {
			errs = append(errs, UnknownDimension(string(d)))
		}
		if slices.Contains(q.By[:i], d) {
			errs = append(errs, field.Errorf("by", "must name %s once", d))
		}
		if d.isTime() {
			times++
		}
	}
	if times > 2 || times == 2 && (!q.byWeekday() || !slices.Contains(q.By, ByHour)) {
		errs = append(errs, field.Errorf("by", "must name one of hour, day and week, or weekday with or without hour"))
	}
	if day, ok := q.Only[ByWeekday]; ok && !slices.Contains(weekdays[:], day) {
		errs = append(errs, field.Errorf("weekday", "must be of %s, not %q", either(weekdays[:]), day))
	}
	if hour, ok := q.Only[ByHour]; ok && (len(hour) != 2 || hour < "00" || hour > "23" || hour[1] > '9') {
		errs = append(errs, field.Errorf("hour", "must be an hour from 00 to 23, not %q", hour))
	}
	if len(q.By) > maxBy {
		errs = append(errs, field.Errorf("by", "must name at most %d, not %d", maxBy, len(q.By)))
	}
	for name, d := range map[string]time.Duration{"within": q.Within, "short": q.Short} {
		if d < 0 || d > 366*24*time.Hour {
			errs = append(errs, field.Errorf(name, "must be from 0s to 366d, not %s", field.FormatDuration(d)))
		}
	}
	return errors.Join(errs...)
}

// UnknownDimension is the mistake of splitting by something that there is not.
func UnknownDimension(name string) error {
	var known []string
	for _, d := range Dimensions() {
		known = append(known, string(d))
	}
	return field.Errorf("by", "must be of %s, not %q%s", either(known), name, field.DidYouMean(name, known))
}

func either(words []string) string {
	text := ""
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			text += " or "
		default:
			text += ", "
		}
		text += w
	}
	return text
}

// wants tells whether rows of a sort are asked for; the agent is not looked at.
func (q *Query) wants(s *Sort) bool {
	if q.Teams != nil && !slices.Contains(q.Teams, s.Team) {
		return false
	}
	for d, wanted := range q.Only {
		switch {
		case d == ByAgent || d.isTime():
		case d == ByTag && wanted == "":
			if s.tags != "" {
				return false
			}
		case d == ByTag && !slices.Contains(s.Tags(), wanted), d != ByTag && s.text(d) != wanted:
			return false
		}
	}
	return true
}

func (q *Query) wantsAgent(name string) bool {
	wanted, isAsked := q.Only[ByAgent]
	return !isAsked || wanted == name
}

// byClock tells whether only some hours of the week are asked for.
func (q *Query) byClock() bool {
	_, day := q.Only[ByWeekday]
	_, hour := q.Only[ByHour]
	return day || hour
}

// wantsAt tells whether an instant is in the hours of the week that are asked for.
func (q *Query) wantsAt(ms int64) bool {
	at := time.UnixMilli(ms).In(q.Zone)
	if day, ok := q.Only[ByWeekday]; ok && day != weekdays[weekdayOf(at)] {
		return false
	}
	hour, ok := q.Only[ByHour]
	return !ok || hour == hourLabel(at.Hour())
}
