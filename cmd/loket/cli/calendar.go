package cli

import (
	"maps"
	"slices"
	"strings"
	"time"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
	"loket/internal/field"
	"loket/router/calendar"
)

type calendarCommand struct {
	outputFlags
	From  string `placeholder:"TIME" help:"The instant to look from: a date, a time of day or both, on the calendar's clock, or RFC 3339; now."`
	Days  int    `default:"14" help:"How many days to show; 14."`
	Add   string `placeholder:"DURATION" help:"Say when so much working time from then has passed: 4h, 90m."`
	Until string `placeholder:"TIME" help:"Say how much working time lies between then and TIME."`
	Name  string `arg:"" optional:"" help:"Its name in calendars. May be left out when there is one."`
}

// Help says what a calendar is asked without.
func (c *calendarCommand) Help() string {
	return "Needs no daemon: it reads the configuration. Due times of tasks are computed in the same way."
}

const maxShownDays = 3660

func (c *calendarCommand) Run(w *streams, from *configured) error {
	if c.Days < 1 || c.Days > maxShownDays {
		return usagef("--days: must be from 1 to %d, not %d", maxShownDays, c.Days)
	}
	cfg, err := from.load(w.err)
	if err != nil {
		return err
	}
	by, err := c.pick(cfg.Router.Calendars)
	if err != nil {
		return err
	}
	shown := shownCalendar{Name: c.Name, Zone: by.Zone().String()}
	if shown.from, err = c.instant("--from", c.From, w.now(), by.Zone()); err != nil {
		return err
	}
	shown.look(by, c.Days)
	if c.Add != "" {
		working, err := field.ParseDuration(c.Add)
		if err != nil || working < 0 {
			return usagef("--add: must be a duration such as 30m, 4h or 7d, not %q", c.Add)
		}
		shown.Add = &addition{Working: working.Seconds(), End: ended(by.Add(shown.from, working))}
	}
	if c.Until != "" {
		until, err := c.instant("--until", c.Until, shown.from, by.Zone())
		if err != nil {
			return err
		}
		shown.Between = &between{Until: api.Time{Time: until.UTC()}, Working: by.Between(shown.from, until).Seconds()}
	}
	if c.JSON {
		return w.printJSON(shown)
	}
	w.page().calendar(&shown, by.Zone())
	return nil
}

// pick finds the calendar that is meant.
func (c *calendarCommand) pick(all map[string]*calendar.Calendar) (*calendar.Calendar, error) {
	names := slices.Sorted(maps.Keys(all))
	if c.Name == "" && len(names) == 1 {
		c.Name = names[0]
	}
	by, ok := all[c.Name]
	switch {
	case ok:
		return by, nil
	case len(names) == 0:
		return nil, usagef("the configuration has no calendars")
	case c.Name == "":
		return nil, usagef("which calendar: %s?", strings.Join(names, ", "))
	}
	return nil, usagef("no calendar is called %q: there are %s%s", c.Name, strings.Join(names, ", "), field.DidYouMean(c.Name, names))
}

func (c *calendarCommand) instant(flag, s string, now time.Time, zone *time.Location) (time.Time, error) {
	if s == "" {
		return now.In(zone), nil
	}
	t, err := time.Parse(time.RFC3339, moment(s, now, zone))
	switch {
	case err != nil:
		return t, usagef("%s: must be a time such as 2026-12-24, 09:30, \"2026-12-24 09:30\" or 2026-12-24T09:30:00Z, not %q", flag, s)
	case t.Year() < 1970 || t.Year() > 2099:
		return t, usagef("%s: must be between 1970 and 2099, not %q", flag, s)
	}
	return t.In(zone), nil
}

// A shownCalendar is what the command answers. Instants are in UTC, durations in seconds.
type shownCalendar struct {
	Name    string     `json:"name"`
	Zone    string     `json:"zone"`
	From    api.Time   `json:"from"`
	Open    bool       `json:"open"`
	Next    *openHours `json:"next,omitempty"` // the present working time, or the next; none when it is never open again
	Days    []shownDay `json:"days"`
	Add     *addition  `json:"add,omitempty"`
	Between *between   `json:"between,omitempty"`

	from time.Time
}

type shownDay struct {
	Date    string      `json:"date"`
	Weekday string      `json:"weekday"`
	Name    string      `json:"name,omitempty"` // of the holiday or closure
	Differs bool        `json:"differs"`        // from its day of the week
	Wall    string      `json:"wall"`           // its hours on the calendar's clock
	Hours   []openHours `json:"hours"`
	Working float64     `json:"working"`

	day calendar.Day
}

type openHours struct {
	Opens  api.Time `json:"opens"`
	Closes api.Time `json:"closes"`
}

type addition struct {
	Working float64   `json:"working"`
	End     *api.Time `json:"end"` // null for never
}

type between struct {
	Until   api.Time `json:"until"`
	Working float64  `json:"working"`
}

func (s *shownCalendar) look(by *calendar.Calendar, days int) {
	s.From, s.Open = api.Time{Time: s.from.UTC()}, by.Open(s.from)
	if opens, closes := by.Next(s.from); ended(opens) != nil {
		s.Next = &openHours{api.Time{Time: opens.UTC()}, api.Time{Time: closes.UTC()}}
	}
	d := by.Day(s.from)
	for range days {
		one := shownDay{
			Date: d.Date.Format(time.DateOnly), Weekday: strings.ToLower(d.Date.Format("Mon")), Name: d.Name, Differs: d.Differs,
			Wall: wallHours(d), Hours: []openHours{}, Working: d.Working.Seconds(), day: d,
		}
		for _, h := range d.Hours {
			one.Hours = append(one.Hours, openHours{api.Time{Time: h.Opens.UTC()}, api.Time{Time: h.Closes.UTC()}})
		}
		s.Days = append(s.Days, one)
		d = by.Following(d)
	}
}

// ended is t unless it is never.
func ended(t time.Time) *api.Time {
	if !t.Before(calendar.Never()) {
		return nil
	}
	return &api.Time{Time: t.UTC()}
}

// wallHours writes the hours of a day as the configuration does.
func wallHours(d calendar.Day) string {
	if len(d.Hours) == 0 {
		return "closed"
	}
	var all []string
	for _, h := range d.Hours {
		closes := h.Closes.In(d.Date.Location())
		end := closes.Format("15:04")
		if closes.YearDay() != d.Date.YearDay() {
			end = "24:00"
		}
		all = append(all, h.Opens.In(d.Date.Location()).Format("15:04")+"-"+end)
	}
	return strings.Join(all, ", ")
}

func (p *page) calendar(s *shownCalendar, zone *time.Location) {
	const instant = "Mon 2 Jan 2006 15:04"
	at := func(t time.Time) string { return strings.TrimSuffix(t.In(zone).Format(instant+":05"), ":00") }
	state := format.Red.Of("never open again")
	switch {
	case s.Open:
		state = format.Green.Of("open until %s", at(s.Next.Closes.Time))
	case s.Next != nil:
		state = format.Yellow.Of("closed until %s", at(s.Next.Opens.Time))
	}
	p.Printf("%s  %s · at %s %s\n", format.Bold.Of("%s", s.Name), s.Zone, at(s.from), state)
	rows := make([][]any, len(s.Days))
	var all time.Duration
	for i, d := range s.Days {
		all += d.day.Working
		hours, working := format.Plain.Of("%s", d.Wall), format.Plain.Of("%s", written(d.day.Working))
		switch {
		case d.day.Working == 0:
			hours, working = format.Faint.Of("%s", d.Wall), format.Plain.Of("")
		case d.Differs:
			hours = format.Yellow.Of("%s", d.Wall)
		}
		rows[i] = []any{"", d.day.Date.Format("Mon 2 Jan 2006"), hours, working, d.Name}
	}
	p.Table(nil, rows)
	p.Printf("  %s of working time in %d days\n", written(all), len(s.Days))
	if s.Add != nil {
		text := "never"
		if s.Add.End != nil {
			text = at(s.Add.End.Time)
		}
		p.Printf("  %s of working time from %s: %s\n", written(seconds(s.Add.Working)), at(s.from), format.Bold.Of("%s", text))
	}
	if s.Between != nil {
		p.Printf("  from %s to %s: %s of working time\n", at(s.from), at(s.Between.Until.Time), format.Bold.Of("%s", written(seconds(s.Between.Working))))
	}
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

// written is d in hours and minutes: a day of working time is not one of 24 hours.
func written(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
