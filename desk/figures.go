package desk

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"loket/desk/access"
	"loket/internal/field"
	"loket/router/calendar"
	"loket/router/kpi"
	"loket/router/queue"
)

// A FigureQuery says which figures are wanted, as people write it. What is left out is not asked for. Its fields are the
// one list of what can be asked: the API reads it, its client writes it, and the command line has a flag for each.
type FigureQuery struct {
	Team      string `query:"team" ask:"teams" placeholder:"TEAM" help:"Only this team."`
	From      string `query:"from" placeholder:"DAY" help:"First day, an instant, or a duration back such as 30d. Left out, six days before today."`
	To        string `query:"to" placeholder:"DAY" help:"Last day, or an instant. Left out, today."`
	By        string `query:"by" kong:"-"` // dimensions, with commas
	Zone      string `query:"zone" placeholder:"ZONE" help:"Where days begin, such as Europe/Amsterdam. Left out, as for the team, else as for the house."`
	Agent     string `query:"agent" name:"of-agent" placeholder:"NAME" help:"Only what this person did."`
	Channel   string `query:"channel" placeholder:"CHANNEL" help:"Only this channel."`
	Connector string `query:"connector" placeholder:"NAME" help:"Only this connector."`
	Priority  string `query:"priority" placeholder:"PRIORITY" help:"Only this priority."`
	Rule      string `query:"rule" placeholder:"RULE" help:"Only what this rule decided."`
	Tag       string `query:"tag" placeholder:"TAG" help:"Only what has this tag."`
	Within    string `query:"within" placeholder:"TIME" help:"Measure the service level by this, such as 4h, instead of what was promised: working time of teams with a calendar, else wall-clock time."`
	Short     string `query:"short" placeholder:"TIME" help:"Abandoned waits up to this do not count against the service level."`
}

// A FigureFilter is one thing that can be asked.
type FigureFilter struct {
	Name  string // in a query of the API
	field int
}

// FigureFilters lists what can be asked: the fields of a FigureQuery.
func FigureFilters() []FigureFilter {
	of := reflect.TypeFor[FigureQuery]()
	all := make([]FigureFilter, of.NumField())
	for i := range all {
		all[i] = FigureFilter{of.Field(i).Tag.Get("query"), i}
	}
	return all
}

// In is the text of a query that asks for it.
func (f FigureFilter) In(q *FigureQuery) *string {
	return reflect.ValueOf(q).Elem().Field(f.field).Addr().Interface().(*string)
}

// Figures are the answer. docs/figures.md says how each is computed.
type Figures struct {
	*kpi.Report
	Within *FigureWithin // as it was asked; nil when it was not
}

// A FigureWithin says by what the service level was measured instead of what was promised.
type FigureWithin struct {
	Time time.Duration
	// Clocks are the teams and the calendar in whose working time each was measured; "" for wall-clock time.
	Clocks map[string]string
}

// FigureTasks are the tasks behind a figure, oldest first. One is there as often as it was counted.
type FigureTasks struct {
	Figure string
	Tasks  []FigureTask
	Cursor string        // of the next page; "" at the end
	Zone   string        // of the days that were asked for
	Within *FigureWithin // as it was asked; nil when it was not
}

// A FigureTask is one thing that a figure counted. ID and Subject are those of a task that may be seen; Agent is told to
// whoever may see figures of that person.
type FigureTask struct {
	kpi.Item
	ID, Subject string
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
	return &Figures{r, d.within(q)}, nil
}

// FigureTasks lists the tasks behind a figure, a page at a time. limit 0 is the usual length.
func (d *Desk) FigureTasks(ctx context.Context, by access.Actor, asked FigureQuery, figure string, limit int, cursor string) (*FigureTasks, error) {
	now := d.now()
	q, err := d.figureQuery(ctx, by, asked, now)
	if err != nil {
		return nil, err
	}
	if limit, err = PageSize(limit); err != nil {
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
		list.Tasks[i] = figureTask(by, items[i], tasks[items[i].Task])
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
	w := &FigureWithin{Time: q.Within, Clocks: map[string]string{}}
	for _, name := range teams {
		t, _ := d.router().Team(name) // one that is configured no more has no calendar
		w.Clocks[name] = t.Calendar
	}
	return w
}

func figureTask(by access.Actor, i kpi.Item, t *queue.Task) FigureTask {
	v := FigureTask{Item: i}
	if !seesFiguresOf(by, i.Agent) {
		v.Agent = ""
	}
	if t != nil && by.Sees(t.Team) == nil {
		v.ID, v.Subject = t.ID, t.Subject
	}
	return v
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
	q := &kpi.Query{Zone: zone, Only: map[kpi.Dimension]string{}}
	for _, f := range FigureFilters() {
		if d := kpi.Dimension(f.Name); d != kpi.ByTeam && slices.Contains(kpi.Dimensions(), d) {
			q.Only[d] = *f.In(&asked)
		}
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
	if slices.Contains(q.By, kpi.ByAgent) || asked.Agent != "" {
		if !seesFiguresOf(by, asked.Agent) {
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
