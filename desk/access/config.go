package access

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"loket/internal/field"
	"loket/internal/secret"
	"loket/router"
)

// What people and programs may do: answer for their teams, see figures and assign, say who a sender is and by which channel
// a message came, everything.
const (
	RoleAgent   = "agent"
	RoleManager = "manager"
	RoleVouch   = "vouch" // beside another one: no role has it but admin
	RoleAdmin   = "admin"
)

// Roles lists the roles, least first.
func Roles() []string { return []string{RoleAgent, RoleManager, RoleVouch, RoleAdmin} }

// Person is one who answers. When the configuration names nobody, any name is taken from a token
// that may act for others.
type Person struct {
	// As it stands with what the person does.
	Name string `yaml:"name"`
	// Teams it answers for. Left out, none.
	Teams []string `yaml:"teams"`
	// agent, manager, vouch, admin. Left out, agent.
	Roles []string `yaml:"roles"`

	EveryTeam bool `yaml:"-"` // answers for all that there are; of those who do not stand in the configuration
}

// Validate returns all mistakes; teams are the ones there are.
func (p Person) Validate(teams []string) error {
	return errors.Join(append(accessMistakes(p.Teams, p.Roles, teams), nameMistake("name", p.Name))...)
}

// Token lets a program, or a person's own program, call the API.
type Token struct {
	// What it is for, as it stands in the audit.
	Name string `yaml:"name"`
	// The bearer token itself, at least 16 characters.
	Token secret.String `yaml:"token"`
	// It acts only as this person. Left out, it may act for others.
	Person string `yaml:"person"`
	// Teams it may act in. Left out, those of the person, or all.
	Teams []string `yaml:"teams"`
	// agent, manager, vouch, admin. Left out, those of the person, or agent.
	Roles []string `yaml:"roles"`
}

const leastToken = 16

// Validate returns all mistakes; teams are the ones there are.
func (t Token) Validate(teams []string) error {
	errs := []error{nameMistake("name", t.Name)}
	switch n := len(t.Token.Reveal()); {
	case n == 0:
		errs = append(errs, field.Errorf("token", "must be given, best as ${file:…} or ${…}"))
	case n < leastToken:
		errs = append(errs, field.Errorf("token", "must have at least %d characters, not %d", leastToken, n))
	case strings.ContainsFunc(t.Token.Reveal(), func(r rune) bool { return r <= ' ' || r > '~' }):
		errs = append(errs, field.Errorf("token", "must be letters, digits and signs without spaces"))
	}
	if t.Person != "" {
		errs = append(errs, nameMistake("person", t.Person))
	}
	return errors.Join(append(errs, accessMistakes(t.Teams, t.Roles, teams)...)...)
}

// Validate returns all mistakes of the sections people and tokens, by paths that begin with them.
func Validate(people []Person, tokens []Token, teams []string) error {
	var errs []error
	names := map[string]int{}
	for i, p := range people {
		path := field.At("people", i)
		errs = append(errs, field.Under(path, p.Validate(teams)), twice(path+".name", "people", names, p.Name, i))
	}
	tokenNames, texts := map[string]int{}, map[string]int{}
	for i, t := range tokens {
		path := field.At("tokens", i)
		errs = append(errs, field.Under(path, t.Validate(teams)), twice(path+".name", "tokens", tokenNames, t.Name, i))
		if before, ok := texts[t.Token.Reveal()]; ok && !t.Token.IsZero() {
			errs = append(errs, field.Errorf(path+".token", "is that of tokens[%d] too", before))
		}
		texts[t.Token.Reveal()] = i
		if _, ok := names[t.Person]; !ok && t.Person != "" && len(people) > 0 {
			errs = append(errs, NobodyIs(path+".person", t.Person, people))
		}
	}
	return errors.Join(errs...)
}

// NobodyIs is the Error at path for a name that none of people has.
func NobodyIs(path, name string, people []Person) error {
	var names []string
	for _, p := range people {
		names = append(names, p.Name)
	}
	return field.Errorf(path, "nobody is called %q%s", name, field.DidYouMean(name, names))
}

// AnswersFor is an Error at path unless a person of that name is in the team; anybody is when there are no people.
func AnswersFor(path, name, team string, people []Person) error {
	i := slices.IndexFunc(people, func(p Person) bool { return p.Name == name })
	switch {
	case len(people) == 0:
		return nil
	case i < 0:
		return NobodyIs(path, name, people)
	case !slices.Contains(people[i].Teams, team):
		return field.Errorf(path, "%s is not in team %s: must be somebody who is", name, team)
	}
	return nil
}

func twice(path, section string, seen map[string]int, name string, i int) error {
	if before, ok := seen[name]; ok && name != "" {
		return field.Errorf(path, "%s is called %q too", field.At(section, before), name)
	}
	seen[name] = i
	return nil
}

func accessMistakes(inTeams, roles, teams []string) []error {
	var errs []error
	for i, name := range inTeams {
		errs = append(errs, router.TeamExists(field.At("teams", i), name, teams))
	}
	for i, role := range roles {
		if !slices.Contains(Roles(), role) {
			errs = append(errs, field.Errorf(field.At("roles", i), "must be agent, manager, vouch or admin, not %q%s", role, field.DidYouMean(role, Roles())))
		}
	}
	return errs
}

func nameMistake(path, name string) error {
	switch {
	case name == "":
		return field.Errorf(path, "must be given")
	case !nameForm.MatchString(name), utf8.RuneCountInString(name) > 60:
		return field.Errorf(path, "must be letters, digits and . _ - @, at most 60, not %q", name)
	}
	return nil
}

var nameForm = regexp.MustCompile(`^[\pL\pN][\pL\pN._@-]*$`)
