// Package router decides which team answers a message, how soon, and why. It does no I/O.
package router

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/expr-lang/expr/vm"

	"loket/internal/field"
	"loket/router/calendar"
	"loket/router/language"
)

// Config is the part of the configuration that says who answers what. Its fields stand at the top level of the file.
type Config struct {
	// The teams, by the names that rules, people and tasks call them.
	Teams map[string]Team
	// In order: the first rule that holds decides.
	Rules []Rule
	// The team for what no rule holds for.
	Fallback string
	// The calendars, by the names that teams and rules call them. One that is nil is there but cannot be used.
	Calendars map[string]*calendar.Calendar
}

// A Router decides. It never changes: new configuration makes a new one. Its methods may be called concurrently.
type Router struct {
	teams     map[string]Team
	names     []string
	rules     []compiled
	fallback  string
	calendars calendars
	languages []string // of all teams
}

type compiled struct {
	Rule
	condition condition
}

// New compiles the rules. The error joins every mistake as a *field.Error: paths are teams.<name>.…, rules[i].… and
// fallback_team; one inside an expression has its Column.
func New(cfg Config) (*Router, error) {
	r := &Router{teams: map[string]Team{}, fallback: cfg.Fallback, calendars: cfg.Calendars}
	r.names = slices.Sorted(maps.Keys(cfg.Teams))
	var errs []error
	if len(r.names) == 0 {
		errs = append(errs, field.Errorf("teams", "must have at least one team"))
	}
	for _, name := range r.names {
		if !teamForm.MatchString(name) {
			errs = append(errs, field.Errorf("teams."+name,
				"a team is called by at most 40 small letters, digits, - and _, beginning with a letter or digit"))
		}
		t := cfg.Teams[name]
		errs = append(errs, field.Under("teams."+name, errors.Join(r.calendars.worked(t.Calendar), t.Validate())))
		r.teams[name] = t.Complete()
		r.languages = append(r.languages, t.Languages...)
	}
	first := map[string]int{}
	for i, rule := range cfg.Rules {
		path := "rules" + index(i)
		errs = append(errs, field.Under(path, rule.validate(r.names)))
		if before, ok := first[rule.Name]; ok && rule.Name != "" {
			errs = append(errs, field.Errorf(path+".name", "rules[%d] is called %q too", before, rule.Name))
		} else {
			first[rule.Name] = i
		}
		condition, err := compile(rule.When, r.calendars.names())
		errs = append(errs, field.Under(path+".when", err))
		whole := r.complete(rule)
		if rule.Resolution != 0 {
			errs = append(errs, whole.targets().sense(path+".resolution"))
		} else if rule.FirstReply != 0 {
			errs = append(errs, whole.targets().sense(path+".first_reply"))
		}
		r.rules = append(r.rules, compiled{whole, condition})
	}
	errs = append(errs, TeamExists("fallback_team", cfg.Fallback, r.names))
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return r, nil
}

// complete fills in what the rule leaves to its team.
func (r *Router) complete(rule Rule) Rule {
	if rule.Priority == "" {
		rule.Priority = defaultPriority
	}
	t := rule.targets().or(r.teams[rule.Team].For(rule.Priority))
	rule.FirstReply, rule.NextReply, rule.Resolution = t.FirstReply, t.NextReply, t.Resolution
	return rule
}

// Route decides about a message that arrived at the given instant. Equal facts at the same instant get the
// equal decision. A rule whose expression cannot be evaluated counts as one that does not hold.
//
// A message in no known language gets the one that its text seems to be in, of those that teams answer in; none when
// that is not sure.
func (r *Router) Route(f Facts, at time.Time) Decision {
	at = instant(at)
	if f.Language == "" && len(r.languages) > 0 {
		f.Language, _ = language.Guess(f.Subject+"\n"+f.Text, r.languages)
	}
	var env any = r.calendars.scope(f, at)
	var machine vm.VM
	tried := make([]Tried, 0, len(r.rules)+1)
	for i := range r.rules {
		rule := &r.rules[i]
		yes, why := rule.condition.holds(&machine, env)
		tried = append(tried, Tried{rule.Name, yes, why})
		if yes {
			return r.decide(rule.Rule, f, at, tried)
		}
	}
	tried = append(tried, Tried{FallbackRule, true, "no rule holds"})
	return r.decide(r.complete(Rule{Name: FallbackRule, Team: r.fallback}), f, at, tried)
}

// Team is the team of that name, with its defaults filled in.
func (r *Router) Team(name string) (Team, bool) {
	t, ok := r.teams[name]
	return t, ok
}

// Teams lists the names of the teams, sorted.
func (r *Router) Teams() []string { return slices.Clone(r.names) }

// Rules are the rules in order, with what each leaves to its team filled in; the last is the one under which the fallback team decides.
func (r *Router) Rules() []Rule {
	all := make([]Rule, 0, len(r.rules)+1)
	for i := range r.rules {
		rule := r.rules[i].Rule
		rule.Tags = slices.Clone(rule.Tags)
		all = append(all, rule)
	}
	return append(all, r.complete(Rule{Name: FallbackRule, Team: r.fallback}))
}

// Targets are what a team promises at a priority, in its working time. A team that is not there any more has the
// default ones.
func (r *Router) Targets(team, priority string) (first, next, resolution time.Duration) {
	t, ok := r.teams[team]
	if !ok {
		t = Team{}.Complete()
	}
	of := t.For(priority)
	return of.FirstReply, of.NextReply, of.Resolution
}

// After is when so much of a team's working time has passed since an instant.
func (r *Router) After(team string, from time.Time, d time.Duration) time.Time {
	return r.calendars.after(r.teams[team].Calendar, instant(from), d)
}

// LiftedAt is when a task of a team that was due at an instant rises by its nth band of priority, after n times the team's
// age_after in its working time; zero when none of its tasks rises.
func (r *Router) LiftedAt(team string, due time.Time, n int) time.Time {
	t, ok := r.teams[team]
	if !ok {
		t = Team{}.Complete()
	}
	if *t.AgeAfter == 0 {
		return time.Time{}
	}
	return r.calendars.after(t.Calendar, instant(due), time.Duration(n)**t.AgeAfter)
}

// Speaks tells whether a team answers in that language, and so whether rules go by it.
func (r *Router) Speaks(lang string) bool { return slices.Contains(r.languages, lang) }

// HasLanguages tells whether teams say in which languages they answer, so that it matters.
func (r *Router) HasLanguages() bool { return len(r.languages) > 0 }

// Open tells whether the office works at an instant by that calendar; without a name, by that of the fallback team,
// which works around the clock when it has none.
func (r *Router) Open(calendar string, at time.Time) bool {
	if calendar == "" {
		calendar = r.teams[r.fallback].Calendar
	}
	c := r.calendars[calendar]
	return c == nil || c.Open(at)
}

// Opens gives when the office of a calendar opens next, in its zone; "" is the calendar of the fallback team. ok is false when it is open, or never
// opens.
func (r *Router) Opens(name string, at time.Time) (opens time.Time, ok bool) {
	if name == "" {
		name = r.teams[r.fallback].Calendar
	}
	c := r.calendars[name]
	if c == nil || c.Open(at) {
		return time.Time{}, false
	}
	opens, _ = c.Next(at)
	return opens.In(c.Zone()), opens.Before(calendar.Never())
}

func index(i int) string { return fmt.Sprintf("[%d]", i) }
