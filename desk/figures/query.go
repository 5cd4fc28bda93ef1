package figures

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"loket/desk/access"
	"loket/internal/field"
	"loket/router/calendar"
	"loket/router/kpi"
)

// None asks for what has no such thing: no tag, no person.
const None = "-"

// A Query says which figures are wanted, as people write it. What is left out is not asked for. Its fields are the
// one list of what can be asked: the API and the pages read it, the API's client writes it, and the command line has a flag
// for each. Where a name is asked for, None is what has none.
type Query struct {
	Team      string `query:"team" ask:"teams" placeholder:"TEAM" help:"Only this team."`
	From      string `query:"from" placeholder:"DAY" help:"First day, an instant, or a duration back such as 30d. Left out, six days before today."`
	To        string `query:"to" placeholder:"DAY" help:"Last day, or an instant. Left out, today."`
	Last      string `query:"last" placeholder:"PERIOD" help:"day, week, month or year: the last whole one. Or days, today the last of them, such as 28d. Instead of --from and --to."`
	Previous  string `query:"previous" kong:"-"` // true: the figures of the span before, too
	By        string `query:"by" kong:"-"`       // dimensions, with commas
	Zone      string `query:"zone" placeholder:"ZONE" help:"Where days begin, such as Europe/Amsterdam. Left out, as for the team, else as for the house."`
	Agent     string `query:"agent" name:"of-agent" placeholder:"NAME" help:"Only what this person did."`
	Channel   string `query:"channel" placeholder:"CHANNEL" help:"Only this channel."`
	Connector string `query:"connector" placeholder:"NAME" help:"Only this connector."`
	Priority  string `query:"priority" placeholder:"PRIORITY" help:"Only this priority."`
	Rule      string `query:"rule" placeholder:"RULE" help:"Only what this rule decided."`
	Tag       string `query:"tag" placeholder:"TAG" help:"Only what has this tag."`
	Weekday   string `query:"weekday" placeholder:"DAY" help:"Only what counts on this day of the week: mon, tue, wed, thu, fri, sat or sun."`
	Hour      string `query:"hour" placeholder:"HOUR" help:"Only what counts in this hour of the clock, such as 09."`
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

// longest is how long a value may be that figures are restricted to: it stands in every link of a page.
const longest = 300

// read reads what is asked for, all mistakes at once, and whether by may ask it.
func (s *Service) read(ctx context.Context, by access.Actor, asked Query, now time.Time) (*kpi.Query, error) {
	zone, zoneErr := s.zoneOf(asked.Zone, asked.Team)
	q := &kpi.Query{Zone: zone, Only: map[kpi.Dimension]string{}}
	var errs []error
	for _, f := range Filters() {
		if len(*f.In(&asked)) > longest {
			errs = append(errs, field.Errorf(f.Name, "must have at most %d bytes", longest))
		}
		if d := kpi.Dimension(f.Name); d != kpi.ByTeam && slices.Contains(kpi.Dimensions(), d) {
			only(q, d, *f.In(&asked))
		}
	}
	errs = append(errs, zoneErr)
	read := func(err error) { errs = append(errs, err) }
	when, err := spanOf(asked, now, zone)
	q.From, q.To = when.times()
	read(err)
	if _, err = strconv.ParseBool(cmp.Or(asked.Previous, "true")); err != nil {
		read(field.Errorf("previous", "must be true, or left out, not %q", asked.Previous))
	}
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

// only asks for what is so by a dimension.
func only(q *kpi.Query, d kpi.Dimension, name string) {
	switch name {
	case "":
	case None:
		q.Only[d] = ""
	default:
		q.Only[d] = name
	}
}

func (s *Service) zoneOf(name, team string) (*time.Location, error) {
	if name == "" {
		return s.zone(team), nil
	}
	return calendar.ParseZone("zone", name)
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
