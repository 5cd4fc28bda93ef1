package access_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/desk/access"
	"loket/internal/secret"
)

func TestListenNamesEveryMistake(t *testing.T) {
	l := access.Listen{
		Public: "8080", Desk: "127.0.0.1:http", PublicURL: "example.org",
		TrustedProxies: []string{"10.0.0.0/8", "::1", "10.0.0.0/64", "proxy"},
	}
	want := []string{
		`public: must be an address and a port such as 127.0.0.1:8080, not "8080"`,
		`desk: must have a port from 0 to 65535, not "http"`,
		`public_url: must be a URL such as https://service.example.org`,
		`trusted_proxies[2]: must be a network such as 10.0.0.0/8 or an address, not "10.0.0.0/64"`,
		`trusted_proxies[3]: must be a network such as 10.0.0.0/8 or an address, not "proxy"`,
	}
	if diff := cmp.Diff(strings.Split(l.Validate().Error(), "\n"), want); diff != "" {
		t.Errorf("mistakes (-got +want):\n%s", diff)
	}
	got := l.Proxies()
	if len(got) != 2 || got[0] != netip.MustParsePrefix("10.0.0.0/8") || got[1] != netip.MustParsePrefix("::1/128") {
		t.Errorf("Proxies = %v", got)
	}
	if err := (access.Listen{Public: ":80", Desk: ":80"}).Validate(); err == nil || err.Error() != "desk: must differ from the public address" {
		t.Errorf("Validate = %v", err)
	}
	if err := access.DefaultListen().Validate(); err != nil {
		t.Errorf("the defaults are wrong: %v", err)
	}
}

func TestListenCompletesThePublicURL(t *testing.T) {
	for _, row := range [][3]string{
		{"127.0.0.1:8080", "", "http://127.0.0.1:8080"},
		{"0.0.0.0:80", "", "http://127.0.0.1:80"},
		{":9000", "", "http://127.0.0.1:9000"},
		{"[::1]:9000", "", "http://[::1]:9000"},
		{":9000", "https://example.org/help/", "https://example.org/help"},
	} {
		if got := (access.Listen{Public: row[0], PublicURL: row[1]}).Complete().PublicURL; got != row[2] {
			t.Errorf("Complete(%s, %s) = %s, want %s", row[0], row[1], got, row[2])
		}
	}
}

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
