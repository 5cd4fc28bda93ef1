// Package figures is what people ask about figures, and whether they may: which are wanted, as people write it, the tasks
// behind one, and computing them anew. It knows nothing of HTTP.
package figures

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"loket/desk"
	"loket/desk/access"
	"loket/internal/field"
	"loket/internal/store"
	"loket/router"
	"loket/router/kpi"
	"loket/router/queue"
)

// ErrRebuild says that somebody else began to compute the figures anew.
var ErrRebuild = kpi.ErrRebuild

// Options are what a Service works with. Store to Router must be given.
type Options struct {
	Store  *store.Store
	Ledger *kpi.Ledger
	Queue  *queue.Queue
	Router func() *router.Router            // the rules that hold now
	Zone   func(team string) *time.Location // nil is UTC
	Now    func() time.Time                 // nil is the machine's clock
	// ManagersSee tells whether managers see what came of the answers of others; nil is that they do not.
	ManagersSee func() bool
}

// A Service answers what people ask about figures. Its methods may be called concurrently.
type Service struct {
	store  *store.Store
	ledger *kpi.Ledger
	queue  *queue.Queue
	router func() *router.Router
	zone   func(team string) *time.Location
	now    func() time.Time

	managersSee func() bool
}

// New makes a Service. It holds nothing that has to be closed.
func New(o Options) (*Service, error) {
	if err := field.Given(o, "Store", "Ledger", "Queue", "Router"); err != nil {
		return nil, err
	}
	s := &Service{store: o.Store, ledger: o.Ledger, queue: o.Queue, router: o.Router, zone: o.Zone, now: o.Now, managersSee: o.ManagersSee}
	if s.zone == nil {
		s.zone = func(string) *time.Location { return time.UTC }
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.managersSee == nil {
		s.managersSee = func() bool { return false }
	}
	return s, nil
}

// A Report is the answer. docs/figures.md says how each is computed.
type Report struct {
	*kpi.Report
	Previous *kpi.Report // of the span before, split alike; nil when it was not asked for
	Within   *Within     // as it was asked; nil when it was not
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
	Cursor string // of the next page; "" at the end
	From   time.Time
	To     time.Time // not in it
	Zone   string    // of the days that were asked for
	Within *Within   // as it was asked; nil when it was not
}

// A Task is one thing that a figure counted. ID, Subject and Why are those of a task that may be seen; Agent is told to
// whoever may see figures of that person.
type Task struct {
	kpi.Item
	ID, Subject string
	Why         Why
}

// Report sums up what was answered, how soon, and what is open. Managers see all; others the teams that they may look
// at, and of persons only themselves.
func (s *Service) Report(ctx context.Context, by access.Actor, asked Query) (*Report, error) {
	now := s.now()
	q, err := s.read(ctx, by, asked, now)
	if err != nil {
		return nil, err
	}
	out := &Report{Within: s.clocks(q)}
	if out.Report, err = s.ledger.Report(ctx, *q, now); err != nil {
		return nil, err
	}
	if isTrue, _ := strconv.ParseBool(asked.Previous); isTrue {
		q.From, q.To = before(span{q.From, q.To}, now, q.Zone).times()
		out.Previous, err = s.ledger.Report(ctx, *q, now)
	}
	return out, err
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
	tasks, err := s.cards(ctx, items)
	if err != nil {
		return nil, err
	}
	list := &Tasks{Figure: figure, Tasks: make([]Task, len(items)), Cursor: next, From: q.From, To: q.To, Zone: q.Zone.String(), Within: s.clocks(q)}
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
		v.ID, v.Subject, v.Why = t.ID, t.Subject, whyOf(&i, t)
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
