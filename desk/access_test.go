package desk

import (
	"errors"
	"testing"

	"loket/internal/field"
	"loket/internal/secret"
)

func testAccess(people ...Person) *Access {
	return NewAccess(people, []Token{
		{Name: "anna's", Token: secret.New("token-of-anna-0000"), Person: "anna"},
		{Name: "tool", Token: secret.New("token-of-a-tool-00"), Roles: []string{RoleManager}},
	}, secret.New("token-of-the-admin"))
}

func TestAuthenticateKnowsItsTokensOnly(t *testing.T) {
	a := testAccess(Person{Name: "anna", Roles: []string{RoleManager}})
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
	a := NewAccess(nil, nil, secret.String{})
	if p, err := a.Authenticate(""); !errors.Is(err, ErrToken) {
		t.Errorf("Authenticate of nothing = %+v, %v", p, err)
	}
}

func TestAgentIsWhoTheTokenOrTheCallNames(t *testing.T) {
	own, other := &Principal{Name: "anna's", Person: "anna"}, &Principal{Name: "tool"}
	known := testAccess(Person{Name: "anna"}, Person{Name: "bob"})
	anybody := testAccess()
	for _, c := range []struct {
		name  string
		in    *Access
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
