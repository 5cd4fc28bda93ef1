// Package figures is what people ask about figures, and whether they may: which are wanted, as people write it, the tasks
// behind one, and computing them anew. It knows nothing of HTTP.
package figures

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"loket/desk"
	"loket/desk/access"
	"loket/internal/field"
	"loket/router"
	"loket/router/calendar"
	"loket/router/kpi"
	"loket/router/queue"
)

// ErrRebuild says that somebody else began to compute the figures anew.
var ErrRebuild = kpi.ErrRebuild

// Options are what a Service works with. Ledger to Router must be given.
type Options struct {
	Ledger *kpi.Ledger
	Queue  *queue.Queue
	Router func() *router.Router            // the rules that hold now
	Zone   func(team string) *time.Location // nil is UTC
	Now    func() time.Time                 // nil is the machine's clock
}

// A Service answers what people ask about figures. Its methods may be called concurrently.
type Service struct {
	ledger *kpi.Ledger
	queue  *queue.Queue
	router func() *router.Router
	zone   func(team string) *time.Location
	now    func() time.Time
}

// New makes a Service. It holds nothing that has to be closed.
func New(o Options) (*Service, error) {
	if err := field.Given(o, "Ledger", "Queue", "Router"); err != nil {
		return nil, err
	}
	s := &Service{ledger: o.Ledger, queue: o.Queue, router: o.Router, zone: o.Zone, now: o.Now}
	if s.zone == nil {
		s.zone = func(string) *time.Location { return time.UTC }
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s, nil
}

// A Query says which figures are wanted, as people write it. What is left out is not asked for. Its fields are the
// one list of what can be asked: the API reads it, its client writes it, and the command line has a flag for each.
type Query struct {
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

// A Filter is one thing that can be asked.
type Filter struct {
	Name  string // in a query of the API
	field int
}

// Filters lists what can be asked: the fields of a Query.
func Filters() []Filter {
	of := reflect.TypeFor[Query]()
	all := make([]Filter, of.NumField())
	for i := range all {
		all[i] = Filter{of.Field(i).Tag.Get("query"), i}
	}
	return all
}

// In is the text of a query that asks for it.
func (f Filter) In(q *Query) *string {
	return reflect.ValueOf(q).Elem().Field(f.field).Addr().Interface().(*string)
}

// A Report is the answer. docs/figures.md says how each is computed.
type Report struct {
	*kpi.Report
	Within *Within // as it was asked; nil when it was not
}

// A Within says by what the service level was measured instead of what was promised.
type Within struct {
	Time time.Duration
	// Clocks are the teams and the calendar in whose working time each was measured; "" for wall-clock time.
	Clocks map[string]string
}

// Tasks are the tasks behind a figure, oldest first. One is there as often as it was counted.
type Tasks struct {
	Figure string
	Tasks  []Task
	Cursor string  // of the next page; "" at the end
	Zone   string  // of the days that were asked for
	Within *Within // as it was asked; nil when it was not
}

// A Task is one thing that a figure counted. ID and Subject are those of a task that may be seen; Agent is told to
// whoever may see figures of that person.
type Task struct {
	kpi.Item
	ID, Subject string
}

// Report sums up what was answered, how soon, and what is open. Managers see all; others the teams that they may look
// at, and of persons only themselves.
func (s *Service) Report(ctx context.Context, by access.Actor, asked Query) (*Report, error) {
	now := s.now()
	q, err := s.read(ctx, by, asked, now)
	if err != nil {
		return nil, err
	}
	r, err := s.ledger.Report(ctx, *q, now)
	if err != nil {
		return nil, err
	}
	return &Report{r, s.clocks(q)}, nil
}

// Tasks lists the tasks behind a figure, a page at a time. limit 0 is the usual length.
func (s *Service) Tasks(ctx context.Context, by access.Actor, asked Query, figure string, limit int, cursor string) (*Tasks, error) {
	now := s.now()
	q, err := s.read(ctx, by, asked, now)
	if err != nil {
		return nil, err
	}
	if limit, err = desk.PageSize(limit); err != nil {
		return nil, err
	}
	items, next, err := s.ledger.Tasks(ctx, *q, figure, kpi.Page{Limit: limit, Cursor: cursor}, now)
	if err != nil {
		return nil, err
	}
	numbers := make([]int64, len(items))
	for i := range items {
		numbers[i] = items[i].Task
	}
	slices.Sort(numbers)
	tasks, err := s.queue.ByNumbers(ctx, slices.Compact(numbers)...)
	if err != nil {
		return nil, err
	}
	list := &Tasks{Figure: figure, Tasks: make([]Task, len(items)), Cursor: next, Zone: q.Zone.String(), Within: s.clocks(q)}
	for i := range items {
		list.Tasks[i] = taskOf(by, items[i], tasks[items[i].Task])
	}
	return list, nil
}

// clocks says by which clock each team that was asked for is measured.
func (s *Service) clocks(q *kpi.Query) *Within {
	if q.Within == 0 {
		return nil
	}
	teams := q.Teams
	if teams == nil {
		teams = s.router().Teams()
	}
	w := &Within{Time: q.Within, Clocks: map[string]string{}}
	for _, name := range teams {
		t, _ := s.router().Team(name) // one that is configured no more has no calendar
		w.Clocks[name] = t.Calendar
	}
	return w
}

func taskOf(by access.Actor, i kpi.Item, t *queue.Task) Task {
	v := Task{Item: i}
	if !seesPerson(by, i.Agent) {
		v.Agent = ""
	}
	if t != nil && by.Sees(t.Team) == nil {
		v.ID, v.Subject = t.ID, t.Subject
	}
	return v
}

// Rebuild computes the figures anew from the events that are kept, and gives how many those were. It needs the
// role manager and a token that is kept to no team.
func (s *Service) Rebuild(ctx context.Context, by access.Actor) (int, error) {
	if err := by.Overall(); err != nil {
		return 0, err
	}
	return s.ledger.Rebuild(ctx)
}

// read reads what is asked for, all mistakes at once, and whether by may ask it.
func (s *Service) read(ctx context.Context, by access.Actor, asked Query, now time.Time) (*kpi.Query, error) {
	zone, zoneErr := s.zoneOf(asked.Zone, asked.Team)
	q := &kpi.Query{Zone: zone, Only: map[kpi.Dimension]string{}}
	for _, f := range Filters() {
		if d := kpi.Dimension(f.Name); d != kpi.ByTeam && slices.Contains(kpi.Dimensions(), d) {
			q.Only[d] = *f.In(&asked)
		}
	}
	errs := []error{zoneErr}
	read := func(err error) { errs = append(errs, err) }
	var err error
	q.To, err = parseInstant("to", asked.To, dayBegins(now.In(zone), 1), now, zone)
	read(err)
	q.From, err = parseInstant("from", asked.From, dayBegins(now.In(zone), -6), now, zone)
	read(err)
	q.Within, err = parseSpan("within", asked.Within)
	read(err)
	q.Short, err = parseSpan("short", asked.Short)
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
		if !seesPerson(by, asked.Agent) {
			return nil, fmt.Errorf("%w: figures of a person are for managers, and for that person with agent=", access.ErrForbidden)
		}
	}
	q.Teams, err = s.teams(ctx, by, asked.Team)
	return q, err
}

// seesPerson tells whether the figures of one person, or of every one when name is empty, may be seen.
func seesPerson(b access.Actor, name string) bool {
	return b.Has(access.RoleManager) || name != "" && name == b.Person
}

// teams are the teams whose figures are asked for and may be seen; nil for all. A team that is configured no more
// still has figures.
func (s *Service) teams(ctx context.Context, by access.Actor, team string) ([]string, error) {
	if team == "" {
		return by.Teams, nil
	}
	if _, configured := s.router().Team(team); !configured {
		had, err := s.queue.TeamsInUse(ctx)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(had, team) {
			return nil, fmt.Errorf("team %q: %w%s", team, desk.ErrNotFound, field.DidYouMean(team, s.router().Teams()))
		}
	}
	return []string{team}, by.Sees(team)
}

func (s *Service) zoneOf(name, team string) (*time.Location, error) {
	if name == "" {
		return s.zone(team), nil
	}
	return calendar.ParseZone("zone", name)
}

// dayBegins is when the day begins that is so many days after the one that t is in.
func dayBegins(t time.Time, after int) time.Time {
	return calendar.DayBegins(t.Year(), t.Month(), t.Day()+after, t.Location())
}

// parseInstant reads a day, an instant, or a duration back. The end of a span is after its last day.
func parseInstant(path, text string, usual, now time.Time, zone *time.Location) (time.Time, error) {
	if text == "" {
		return usual, nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		after := 0
		if path == "to" {
			after = 1
		}
		return calendar.DayBegins(day.Year(), day.Month(), day.Day()+after, zone), nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	if back, err := field.ParseDuration(text); err == nil && back >= 0 {
		return now.Add(-back), nil
	}
	return usual, field.Errorf(path, "must be a day such as 2026-11-22, an instant such as 2026-11-22T09:30:00Z, or a duration back such as 7d, not %q", text)
}

func parseSpan(path, text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := field.ParseDuration(text)
	if err != nil {
		return 0, field.Errorf(path, "%v", err)
	}
	return d, nil
}
