package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"loket/desk/access"
	"loket/internal/field"
	"loket/router/calendar"
	"loket/router/kpi"
	"loket/router/queue"
)

// A FigureQuery says which figures are wanted, as people write it. What is left out is not asked for.
type FigureQuery struct {
	Team string `json:"team,omitempty"`
	// From and To are days (To is in it), instants (To is not in it), or durations back from now such as 7d. Left out,
	// the last seven days, today among them.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	By   string `json:"by,omitempty"`   // team, agent, channel, connector, priority, rule, tag, hour, day, week; up to three with commas
	Zone string `json:"zone,omitempty"` // of days and hours, such as Europe/Amsterdam; left out, that of the team, else the house's own

	Agent     string `json:"agent,omitempty"`
	Channel   string `json:"channel,omitempty"`
	Connector string `json:"connector,omitempty"`
	Priority  string `json:"priority,omitempty"`
	Rule      string `json:"rule,omitempty"`
	Tag       string `json:"tag,omitempty"`

	Within string `json:"within,omitempty"` // measures the service level by this instead of what was promised
	Short  string `json:"short,omitempty"`  // abandoned waits up to this do not count against the service level
}

// What figures are made of.
type (
	FigureSet   = kpi.Figures
	FigureTimes = kpi.Times
	FigureStats = kpi.Stats
)

// Figures are the answer. docs/figures.md says how each is computed.
type Figures struct {
	From   Time          `json:"from"`
	To     Time          `json:"to"` // not in it
	Zone   string        `json:"zone"`
	By     []string      `json:"by"`
	Groups []FigureGroup `json:"groups"`
	Total  kpi.Figures   `json:"total"`
	Within *FigureWithin `json:"within,omitempty"` // as it was asked
}

// A FigureWithin says by what the service level was measured instead of what was promised.
type FigureWithin struct {
	Seconds float64 `json:"seconds"`
	// Clocks are the teams and the calendar in whose working time each was measured; "" for wall-clock time.
	Clocks map[string]string `json:"clocks"`
}

// A FigureGroup is the figures of one combination of what was asked for: Key has a text for each.
type FigureGroup struct {
	Key map[string]string `json:"key"`
	kpi.Figures
}

// FigureTasks are the tasks behind a figure, oldest first. One is there as often as it was counted.
type FigureTasks struct {
	Figure string        `json:"figure"`
	Tasks  []FigureTask  `json:"tasks"`
	Cursor string        `json:"cursor"`
	Zone   string        `json:"zone"`             // of the days that were asked for
	Within *FigureWithin `json:"within,omitempty"` // as it was asked
}

// A FigureTask is one thing that a figure counted.
type FigureTask struct {
	Number  string `json:"number"`
	ID      string `json:"id,omitempty"`
	Subject string `json:"subject,omitempty"`
	Team    string `json:"team"` // that it is credited to
	Agent   string `json:"agent,omitempty"`
	Channel string `json:"channel,omitempty"`
	At      Time   `json:"at"` // when it counts
	Wait    int    `json:"wait,omitempty"`
	Since   Time   `json:"since,omitzero"` // of the wait
	Due     Time   `json:"due,omitzero"`
	Ending  string `json:"ending,omitempty"` // answered, abandoned, unanswered
	Late    bool   `json:"late"`
	// What the figure measures, in seconds; null when it measures nothing, or there is no calendar.
	Seconds *float64 `json:"seconds"`
	Working *float64 `json:"working_seconds"`
}

// Figures sums up what was answered, how soon, and what is open. Managers see all; others the teams that they may look
// at, and of persons only themselves.
func (d *Desk) Figures(ctx context.Context, by access.Actor, asked FigureQuery) (*Figures, error) {
	now := d.now()
	q, err := d.figureQuery(ctx, by, asked, now)
	if err != nil {
		return nil, err
	}
	r, err := d.figures.Report(ctx, *q, now)
	if err != nil {
		return nil, err
	}
	f := &Figures{
		From: Time{r.From}, To: Time{r.To}, Zone: r.Zone, By: []string{}, Groups: make([]FigureGroup, len(r.Groups)), Total: r.Total,
		Within: d.within(q),
	}
	for _, dimension := range r.By {
		f.By = append(f.By, string(dimension))
	}
	for i, g := range r.Groups {
		key := map[string]string{}
		for j, name := range f.By {
			key[name] = g.Key[j]
		}
		f.Groups[i] = FigureGroup{key, g.Figures}
	}
	return f, nil
}

// FigureTasks lists the tasks behind a figure, a page at a time. limit 0 is the usual length.
func (d *Desk) FigureTasks(ctx context.Context, by access.Actor, asked FigureQuery, figure string, limit int, cursor string) (*FigureTasks, error) {
	now := d.now()
	q, err := d.figureQuery(ctx, by, asked, now)
	if err != nil {
		return nil, err
	}
	if limit, err = pageSize(limit); err != nil {
		return nil, err
	}
	items, next, err := d.figures.Tasks(ctx, *q, figure, kpi.Page{Limit: limit, Cursor: cursor}, now)
	if err != nil {
		return nil, err
	}
	numbers := make([]int64, len(items))
	for i := range items {
		numbers[i] = items[i].Task
	}
	slices.Sort(numbers)
	tasks, err := d.queue.ByNumbers(ctx, slices.Compact(numbers)...)
	if err != nil {
		return nil, err
	}
	list := &FigureTasks{Figure: figure, Tasks: make([]FigureTask, len(items)), Cursor: next, Zone: q.Zone.String(), Within: d.within(q)}
	for i := range items {
		list.Tasks[i] = d.figureTask(by, &items[i], tasks[items[i].Task])
	}
	return list, nil
}

// within says by which clock each team that was asked for is measured.
func (d *Desk) within(q *kpi.Query) *FigureWithin {
	if q.Within == 0 {
		return nil
	}
	teams := q.Teams
	if teams == nil {
		teams = d.router().Teams()
	}
	w := &FigureWithin{Seconds: q.Within.Seconds(), Clocks: map[string]string{}}
	for _, name := range teams {
		t, _ := d.router().Team(name) // one that is configured no more has no calendar
		w.Clocks[name] = t.Calendar
	}
	return w
}

func (d *Desk) figureTask(by access.Actor, i *kpi.Item, t *queue.Task) FigureTask {
	v := FigureTask{
		Number: queue.FormatNumber(i.Task), Team: i.Sort.Team, Channel: i.Sort.Channel, At: instant(i.At), Wait: i.Wait,
		Ending: i.Ending.String(), Late: i.Late(), Seconds: seconds(i.Span), Working: seconds(i.Work),
	}
	if seesFiguresOf(by, i.Agent) {
		v.Agent = i.Agent
	}
	if i.Wall != kpi.None {
		v.Since = instant(i.At - i.Wall)
		if i.Target != kpi.None {
			v.Due = instant(i.At - i.Wall + i.Target)
		}
	}
	if t != nil && by.Sees(t.Team) == nil {
		v.ID, v.Subject = t.ID, t.Subject
	}
	return v
}

func seconds(ms int64) *float64 {
	if ms == kpi.None {
		return nil
	}
	s := float64(ms) / 1000
	return &s
}

// RebuildFigures computes the figures anew from the events that are kept, and gives how many those were. It needs the
// role manager and a token that is kept to no team.
func (d *Desk) RebuildFigures(ctx context.Context, by access.Actor) (int, error) {
	if err := by.Overall(); err != nil {
		return 0, err
	}
	return d.figures.Rebuild(ctx)
}

// figureQuery reads what is asked for, all mistakes at once, and whether by may ask it.
func (d *Desk) figureQuery(ctx context.Context, by access.Actor, asked FigureQuery, now time.Time) (*kpi.Query, error) {
	zone, zoneErr := d.figureZone(asked.Zone, asked.Team)
	q := &kpi.Query{
		Zone: zone, Agent: asked.Agent, Channel: asked.Channel, Connector: asked.Connector, Priority: asked.Priority,
		Rule: asked.Rule, Tag: asked.Tag,
	}
	errs := []error{zoneErr}
	read := func(err error) { errs = append(errs, err) }
	var err error
	q.To, err = figureInstant("to", asked.To, dayBegins(now.In(zone), 1), now, zone)
	read(err)
	q.From, err = figureInstant("from", asked.From, dayBegins(now.In(zone), -6), now, zone)
	read(err)
	q.Within, err = figureSpan("within", asked.Within)
	read(err)
	q.Short, err = figureSpan("short", asked.Short)
	read(err)
	for name := range strings.SplitSeq(asked.By, ",") {
		if name = strings.TrimSpace(name); name != "" {
			q.By = append(q.By, kpi.Dimension(name))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if err := q.Validate(); err != nil {
		return nil, err
	}
	if slices.Contains(q.By, kpi.ByAgent) || q.Agent != "" {
		if !seesFiguresOf(by, q.Agent) {
			return nil, fmt.Errorf("%w: figures of a person are for managers, and for that person with agent=", access.ErrForbidden)
		}
	}
	q.Teams, err = d.figureTeams(ctx, by, asked.Team)
	return q, err
}

// seesFiguresOf tells whether the figures of one person, or of every one when name is empty, may be seen.
func seesFiguresOf(b access.Actor, name string) bool {
	return b.Has(access.RoleManager) || name != "" && name == b.Person
}

// figureTeams are the teams whose figures are asked for and may be seen; nil for all. A team that is configured no more
// still has figures.
func (d *Desk) figureTeams(ctx context.Context, by access.Actor, team string) ([]string, error) {
	if team == "" {
		return by.Teams, nil
	}
	if unknown := d.team(team); unknown != nil {
		had, err := d.queue.TeamsInUse(ctx)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(had, team) {
			return nil, unknown
		}
	}
	return []string{team}, by.Sees(team)
}

func (d *Desk) figureZone(name, team string) (*time.Location, error) {
	if name == "" {
		return d.zone(team), nil
	}
	return calendar.ParseZone("zone", name)
}

// dayBegins is when the day begins that is so many days after the one that t is in.
func dayBegins(t time.Time, after int) time.Time {
	return calendar.DayBegins(t.Year(), t.Month(), t.Day()+after, t.Location())
}

// figureInstant reads a day, an instant, or a duration back. The end of a span is after its last day.
func figureInstant(path, s string, usual, now time.Time, zone *time.Location) (time.Time, error) {
	if s == "" {
		return usual, nil
	}
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		after := 0
		if path == "to" {
			after = 1
		}
		return calendar.DayBegins(day.Year(), day.Month(), day.Day()+after, zone), nil
	}
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return at, nil
	}
	if back, err := field.ParseDuration(s); err == nil && back >= 0 {
		return now.Add(-back), nil
	}
	return usual, field.Errorf(path, "must be a day such as 2026-11-22, an instant such as 2026-11-22T09:30:00Z, or a duration back such as 7d, not %q", s)
}

func figureSpan(path, s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	d, err := field.ParseDuration(s)
	if err != nil {
		return 0, field.Errorf(path, "%v", err)
	}
	return d, nil
}
