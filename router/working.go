package router

import (
	"maps"
	"slices"
	"strings"
	"time"

	"loket/internal/field"
	"loket/router/calendar"
)

// calendars are those of the configuration by name.
type calendars map[string]*calendar.Calendar

func (c calendars) names() []string { return slices.Sorted(maps.Keys(c)) }

// worked is an error when a team cannot work by the calendar of that name. An empty name is around the clock.
func (c calendars) worked(name string) error {
	if name == "" {
		return nil
	}
	switch by, ok := c[name]; {
	case !ok:
		return field.Errorf("calendar", "no calendar is called %q%s", name, field.DidYouMean(name, c.names()))
	case by != nil && by.Empty():
		return field.Errorf("calendar", "calendar %q is never open: nothing would ever be due", name)
	}
	return nil
}

// after is when that much working time has passed since at, around the clock without a calendar.
func (c calendars) after(name string, at time.Time, working time.Duration) time.Time {
	if by := c[name]; by != nil {
		return by.Add(at, working)
	}
	return at.Add(working)
}

// scope is what an expression can name: the facts, and what it can ask of a calendar at the arrival.
type scope struct {
	Facts

	Open    func(calendar string) bool   `expr:"open"`
	Hour    func(calendar string) int    `expr:"hour"`    // 0 to 23
	Weekday func(calendar string) string `expr:"weekday"` // mon … sun
}

func calendarFunctions() []string { return []string{"hour", "open", "weekday"} }

// scope gives the names their values for one message.
func (c calendars) scope(f Facts, at time.Time) scope {
	wall := func(name string) time.Time { return at.In(c[name].Zone()) }
	return scope{
		Facts:   f,
		Open:    func(name string) bool { return c[name].Open(at) },
		Hour:    func(name string) int { return wall(name).Hour() },
		Weekday: func(name string) string { return strings.ToLower(wall(name).Format("Mon")) },
	}
}
