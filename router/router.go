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
)

// Config is the part of the configuration that says who answers what. Its fields stand at the top level of the file.
type Config struct {
	// The teams, by the names that rules, people and tasks call them.
	Teams map[string]Team
	// In order: the first rule that holds decides.
	Rules []Rule
	// The team for what no rule holds for.
	Fallback string
}

// A Router decides. It never changes: new configuration makes a new one. Its methods may be called concurrently.
type Router struct {
	teams    map[string]Team
	names    []string
	rules    []compiled
	fallback string
}

type compiled struct {
	Rule
	condition condition
}

// New compiles the rules. The error joins every mistake as a *field.Error: paths are teams.<name>.…, rules[i].… and
// fallback_team; one inside an expression has its Column.
func New(cfg Config) (*Router, error) {
	r := &Router{teams: map[string]Team{}, fallback: cfg.Fallback}
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
		errs = append(errs, field.Under("teams."+name, cfg.Teams[name].Validate()))
		r.teams[name] = cfg.Teams[name].Complete()
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
		condition, err := compile(rule.When)
		errs = append(errs, field.Under(path+".when", err))
		r.rules = append(r.rules, compiled{r.complete(rule), condition})
	}
	errs = append(errs, TeamExists("fallback_team", cfg.Fallback, r.names))
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return r, nil
}

// complete fills in what the rule leaves to its team.
func (r *Router) complete(rule Rule) Rule {
	t := r.teams[rule.Team]
	rule.FirstReply = either(rule.FirstReply, t.FirstReply)
	rule.NextReply = either(rule.NextReply, t.NextReply)
	if rule.Priority == "" {
		rule.Priority = defaultPriority
	}
	return rule
}

// Route decides about a message that arrived at the given instant. Equal facts at the same instant get the
// equal decision. A rule whose expression cannot be evaluated counts as one that does not hold.
func (r *Router) Route(f Facts, at time.Time) Decision {
	var env any = f
	var machine vm.VM
	tried := make([]Tried, 0, len(r.rules)+1)
	for i := range r.rules {
		rule := &r.rules[i]
		yes, why := rule.condition.holds(&machine, env)
		tried = append(tried, Tried{rule.Name, yes, why})
		if yes {
			return decide(rule.Rule, at, tried)
		}
	}
	tried = append(tried, Tried{FallbackRule, true, "no rule holds"})
	return decide(r.complete(Rule{Name: FallbackRule, Team: r.fallback}), at, tried)
}

// Team is the team of that name, with its defaults filled in.
func (r *Router) Team(name string) (Team, bool) {
	t, ok := r.teams[name]
	return t, ok
}

// Teams lists the names of the teams, sorted.
func (r *Router) Teams() []string { return slices.Clone(r.names) }

// ReplyDue is when a customer's later message of the given instant is to be answered: next after it, or the team's
// own target when next is 0. A team that is not there any more has the default target.
func (r *Router) ReplyDue(team string, next time.Duration, from time.Time) time.Time {
	t, ok := r.teams[team]
	if !ok {
		t = Team{}.Complete()
	}
	return instant(from).Add(either(next, t.NextReply))
}

func index(i int) string { return fmt.Sprintf("[%d]", i) }
