package access_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/desk/access"
	"loket/internal/secret"
)

func TestAccessNamesEveryMistake(t *testing.T) {
	long := secret.New("0123456789abcdef")
	people := []access.Person{
		{Name: "anna", Teams: []string{"support"}, Roles: []string{"agent", "admin"}},
		{Name: "anna", Teams: []string{"suport"}, Roles: []string{"boss"}},
		{Name: "two words"},
	}
	tokens := []access.Token{
		{Name: "crm", Token: long, Teams: []string{"support"}},
		{Name: "crm", Token: secret.New("short-secret"), Person: "ana"},
		{Token: long, Roles: []string{"agnet"}},
		{Name: "none"},
		{Name: "spaces", Token: secret.New("a b c d e f g h i j k")},
	}
	want := []string{
		`people[1].teams[0]: no team is called "suport" (did you mean "support"?)`,
		`people[1].roles[0]: must be agent, manager, vouch or admin, not "boss"`,
		`people[1].name: people[0] is called "anna" too`,
		`people[2].name: must be letters, digits and . _ - @, at most 60, not "two words"`,
		`tokens[1].token: must have at least 16 characters, not 12`,
		`tokens[1].name: tokens[0] is called "crm" too`,
		`tokens[1].person: nobody is called "ana" (did you mean "anna"?)`,
		`tokens[2].name: must be given`,
		`tokens[2].roles[0]: must be agent, manager, vouch or admin, not "agnet" (did you mean "agent"?)`,
		`tokens[2].token: is that of tokens[0] too`,
		`tokens[3].token: must be given, best as ${file:…} or ${…}`,
		`tokens[4].token: must be letters, digits and signs without spaces`,
	}
	if diff := cmp.Diff(strings.Split(access.Validate(people, tokens, []string{"support"}).Error(), "\n"), want); diff != "" {
		t.Errorf("mistakes (-got +want):\n%s", diff)
	}
	if err := access.Validate(nil, []access.Token{{Name: "crm", Token: long, Person: "anybody"}}, nil); err != nil {
		t.Errorf("Validate without people = %v", err)
	}
}
