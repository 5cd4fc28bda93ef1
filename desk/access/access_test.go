package access

import (
	"errors"
	"strings"
	"testing"

	"loket/internal/field"
	"loket/internal/secret"
)

func testControl(people ...Person) *Control {
	return New(people, []Token{
		{Name: "anna's", Token: secret.New("token-of-anna-0000"), Person: "anna"},
		{Name: "tool", Token: secret.New("token-of-a-tool-00"), Roles: []string{RoleManager}},
	}, nil, secret.New("token-of-the-admin"))
}

func TestAuthenticateKnowsItsTokensOnly(t *testing.T) {
	a := testControl(Person{Name: "anna", Roles: []string{RoleManager}})
	for _, c := range []struct {
		token, name string
		manages     bool
		admin       bool
	}{
		{"token-of-anna-0000", "anna's", true, false}, // by the roles of the person
		{"token-of-a-tool-00", "tool", true, false},
		{"token-of-the-admin", "admin", true, true},
		{"token-of-anna-000", "", false, false},
		{"token-of-anna-00000", "", false, false},
		{"", "", false, false},
	} {
		p, err := a.Authenticate(c.token)
		if c.name == "" {
			if !errors.Is(err, ErrToken) {
				t.Errorf("Authenticate(%q) = %+v, %v; want ErrToken", c.token, p, err)
			}
			continue
		}
		if err != nil || p.Name != c.name || p.Has(RoleManager) != c.manages || p.Has(RoleAdmin) != c.admin {
			t.Errorf("Authenticate(%q) = %+v, %v", c.token, p, err)
		}
	}
}

func TestAccessWithoutAnAdminTokenTakesNoEmptyOne(t *testing.T) {
	a := New(nil, nil, nil, secret.String{})
	if p, err := a.Authenticate(""); !errors.Is(err, ErrToken) {
		t.Errorf("Authenticate of nothing = %+v, %v", p, err)
	}
}

func TestAgentIsWhoTheTokenOrTheCallNames(t *testing.T) {
	own, other := &Principal{Name: "anna's", Person: "anna"}, &Principal{Name: "tool"}
	known := testControl(Person{Name: "anna"}, Person{Name: "bob"})
	anybody := testControl()
	for _, c := range []struct {
		name  string
		in    *Control
		who   *Principal
		named string
		want  string // the agent, or what is wrong
	}{
		{"own", known, own, "", "anna"},
		{"own, named", known, own, "anna", "anna"},
		{"own for another", known, own, "bob", "forbidden"},
		{"named", known, other, "bob", "bob"},
		{"nobody named", known, other, "", "field"},
		{"nobody of that name", known, other, "eve", "forbidden"},
		{"any name", anybody, other, "eve.o+x@example-1.org", "eve.o+x@example-1.org"},
		{"any script", anybody, other, "søren", "søren"},
		{"with a space", anybody, other, "e ve", "field"},
		{"a lane", anybody, other, "@eve", "field"},
		{"too long", anybody, other, "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", "field"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.in.Agent(c.who, c.named)
			var wrong *field.Error
			switch {
			case errors.Is(err, ErrForbidden):
				got = "forbidden"
			case errors.As(err, &wrong):
				got = "field"
			}
			if got != c.want {
				t.Errorf("Agent = %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestATokenSeesTheTeamsOfItsPerson(t *testing.T) {
	people := []Person{
		{Name: "anna", Teams: []string{"support"}},
		{Name: "bob"},
		{Name: "chief", Roles: []string{RoleManager}},
		{Name: "lead", Teams: []string{"support"}, Roles: []string{RoleManager}},
	}
	for _, c := range []struct {
		name   string
		people []Person
		token  Token
		sees   string
	}{
		{"those of the person", people, Token{Person: "anna"}, "support"},
		{"those of the token", people, Token{Person: "anna", Teams: []string{"network"}}, "network"},
		{"nobody's", people, Token{}, "support network"},
		{"of a person without teams", people, Token{Person: "bob"}, ""},
		{"of a manager without teams", people, Token{Person: "chief"}, "support network"},
		{"of a manager with teams", people, Token{Person: "lead"}, "support"},
		{"where nobody is named", nil, Token{Person: "anna"}, "support network"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.token.Name, c.token.Token = "t", secret.New("a-token-of-somebody")
			p, err := New(c.people, []Token{c.token}, nil, secret.String{}).Authenticate("a-token-of-somebody")
			if err != nil {
				t.Fatal(err)
			}
			var seen []string
			for _, team := range []string{"support", "network"} {
				if p.Sees(team) == nil {
					seen = append(seen, team)
				}
			}
			if got := strings.Join(seen, " "); got != c.sees {
				t.Errorf("sees %q, want %q", got, c.sees)
			}
		})
	}
}
