// Package access says who calls, and what they may: the people and the tokens, and which teams each may see and act in. It
// stands below the rooms of the desk, so that tasks, customers and figures ask the same thing the same way.
package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"loket/internal/field"
	"loket/internal/secret"
)

// Errors that callers tell apart.
var (
	ErrToken     = errors.New("the token is not known")
	ErrForbidden = errors.New("not allowed")
)

// A Principal is who proved himself with a token.
type Principal struct {
	Name   string
	Person string   // the only one it acts for; "" when it may act for others
	Teams  []string // the only ones it may act in and look at; nil for all
	Roles  []string
	Admin  bool // holds the token of the data directory
}

// Has tells whether the principal may do what the role may.
func (p *Principal) Has(role string) bool {
	if p.Admin || slices.Contains(p.Roles, RoleAdmin) {
		return true
	}
	return slices.Contains(p.Roles, role)
}

// Require is ErrForbidden for a principal without the role.
func (p *Principal) Require(role string) error {
	if p.Has(role) {
		return nil
	}
	return fmt.Errorf("%w: this needs the role %s", ErrForbidden, role)
}

// Sees is ErrForbidden when the principal is kept to other teams.
func (p *Principal) Sees(team string) error {
	if p.Teams == nil || slices.Contains(p.Teams, team) {
		return nil
	}
	of := strings.Join(p.Teams, ", ")
	if of == "" {
		of = "no team"
	}
	return fmt.Errorf("%w: the token %s is for %s only, not for team %s", ErrForbidden, p.Name, of, team)
}

// SeesTask is Sees of a task's team, which whoever may not see the task is not told.
func (p *Principal) SeesTask(team string) error {
	if p.Sees(team) == nil {
		return nil
	}
	return fmt.Errorf("%w: none of the teams of the token %s has this task", ErrForbidden, p.Name)
}

// Everywhere is ErrForbidden when the principal is kept to some teams.
func (p *Principal) Everywhere() error {
	if p.Teams == nil {
		return nil
	}
	return fmt.Errorf("%w: this is about every team, and the token %s is kept to some", ErrForbidden, p.Name)
}

// Overall is ErrForbidden for who does not manage every team.
func (p *Principal) Overall() error {
	if err := p.Require(RoleManager); err != nil {
		return err
	}
	return p.Everywhere()
}

// Control knows the people and the tokens. It never changes: new configuration makes a new one.
type Control struct {
	people map[string]Person
	names  []string
	listed bool // the configuration names people: others may not be named
	tokens []key
}

// key is a token as it is kept: only its digest, so that comparing takes the same time for any length.
type key struct {
	sum [sha256.Size]byte
	who *Principal
}

// New makes a Control of people and tokens that were validated, those who were added while the daemon runs, and the admin's token.
// Where one of them is among people too, that counts.
func New(people []Person, tokens []Token, added []Person, admin secret.String) *Control {
	a := &Control{people: map[string]Person{}, listed: len(people) > 0}
	for _, p := range slices.Concat(people, added) {
		if _, isThere := a.people[p.Name]; isThere {
			continue
		}
		if len(p.Roles) == 0 {
			p.Roles = []string{RoleAgent}
		}
		a.people[p.Name] = p
		a.names = append(a.names, p.Name)
	}
	for _, t := range tokens {
		a.add(t.Token, a.principal(t))
	}
	a.add(admin, &Principal{Name: "admin", Roles: []string{RoleAdmin}, Admin: true})
	return a
}

// principal fills in what the token leaves to its person. Who answers for no team sees none, but a manager sees all.
func (a *Control) principal(t Token) *Principal {
	p := &Principal{Name: t.Name, Person: t.Person, Roles: t.Roles}
	person, isKnown := a.people[t.Person]
	if len(p.Roles) == 0 {
		p.Roles = person.Roles
	}
	if len(p.Roles) == 0 {
		p.Roles = []string{RoleAgent}
	}
	switch {
	case len(t.Teams) > 0:
		p.Teams = t.Teams
	case len(person.Teams) > 0:
		p.Teams = person.Teams
	case isKnown && !person.EveryTeam && !p.Has(RoleManager):
		p.Teams = []string{}
	}
	return p
}

func (a *Control) add(token secret.String, who *Principal) {
	if token.IsZero() {
		return
	}
	a.tokens = append(a.tokens, key{sha256.Sum256([]byte(token.Reveal())), who})
}

// Authenticate gives the principal of a token, or ErrToken. How long it takes says nothing about the token.
func (a *Control) Authenticate(token string) (*Principal, error) {
	sum := sha256.Sum256([]byte(token))
	var who *Principal
	for i := range a.tokens {
		if subtle.ConstantTimeCompare(sum[:], a.tokens[i].sum[:]) == 1 {
			who = a.tokens[i].who
		}
	}
	if who == nil || token == "" {
		return nil, ErrToken
	}
	return who, nil
}

// agentForm is what a person may be called where the configuration names nobody. How long is counted apart: in an expression
// that takes milliseconds at every start of a command.
var agentForm = regexp.MustCompile(`^[\pL\pN_][\pL\pN._@+-]*$`)

// Agent gives the person a call acts for: the token's own, or the one it names.
func (a *Control) Agent(p *Principal, named string) (string, error) {
	switch {
	case p.Person != "" && named != "" && named != p.Person:
		return "", fmt.Errorf("%w: the token %s acts for %s and nobody else", ErrForbidden, p.Name, p.Person)
	case p.Person != "":
		named = p.Person
	case named == "":
		return "", field.Errorf("agent", "must name the person who acts: this token may act for others")
	}
	return named, a.Known("agent", named)
}

// Known is an error when nobody is, or can be, called so.
func (a *Control) Known(path, name string) error {
	if !agentForm.MatchString(name) || utf8.RuneCountInString(name) > 64 {
		return field.Errorf(path, "must be a name of 1 to 64 letters, digits and . _ - @ + without spaces")
	}
	if _, ok := a.people[name]; !ok && a.listed {
		return fmt.Errorf("%w: nobody is called %q%s", ErrForbidden, name, field.DidYouMean(name, a.names))
	}
	return nil
}

// InTeam is an error when the person does not answer for the team.
func (a *Control) InTeam(agent, team string) error {
	if p, ok := a.people[agent]; !ok && !a.listed || p.EveryTeam || slices.Contains(p.Teams, team) {
		return nil
	}
	return fmt.Errorf("%w: %s is not in team %s", ErrForbidden, agent, team)
}

// Answers tells whether a person of that name answers for the team: anybody where the configuration names nobody.
func (a *Control) Answers(team, person string) bool { return a.InTeam(person, team) == nil }

// Empty tells whether none of the people is in a team; where the configuration names nobody, anybody is.
func (a *Control) Empty(team string) bool {
	for _, p := range a.people {
		if p.EveryTeam || slices.Contains(p.Teams, team) {
			return false
		}
	}
	return a.listed
}

// Person gives the principal of somebody who signed in by their name, or ErrToken when nobody is called so.
func (a *Control) Person(name string) (*Principal, error) {
	if _, ok := a.people[name]; !ok {
		return nil, ErrToken
	}
	return a.principal(Token{Name: name, Person: name}), nil
}

// Colleagues are the names of those who answer for a team, sorted.
func (a *Control) Colleagues(team string) []string {
	var out []string
	for name, p := range a.people {
		if p.EveryTeam || slices.Contains(p.Teams, team) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// An Actor says who makes a call: who proved himself, the person it names, and the lease it has.
type Actor struct {
	*Principal
	Agent string
	Lease string
	// Seen is what the task gave as seen when it was looked at last; "" for what was last shown to the person. Over
	// something newer, answering, closing and parking are *Unseen, unless Anyway.
	Seen   string
	Anyway bool
}
