package access

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"loket/internal/field"
	"loket/internal/secret"
	"loket/router"
)

// Listen is the section listen: where loket is reached.
type Listen struct {
	// Address for customers and webhooks: forms, threads, /in/….
	Public string `yaml:"public"`
	// Address for people who answer, and for programs: API, metrics, health. Not for the internet.
	Desk string `yaml:"desk"`
	// Names by which the desk address is reached, beside localhost and addresses: loket.example.org. Others are refused.
	DeskHosts []string `yaml:"desk_hosts"`
	// How customers reach the public address, in links that are sent to them. Left out, the public address itself.
	PublicURL string `yaml:"public_url"`
	// Networks whose X-Forwarded-For is believed: 10.0.0.0/8, or single addresses.
	TrustedProxies []string `yaml:"trusted_proxies"`
}

// DefaultListen reaches this machine only.
func DefaultListen() Listen { return Listen{Public: "127.0.0.1:8080", Desk: "127.0.0.1:8081"} }

// Complete is l with its public URL filled in, without a slash at its end.
func (l Listen) Complete() Listen {
	if l.PublicURL == "" {
		host, port, _ := net.SplitHostPort(l.Public)
		if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
			host = "127.0.0.1"
		}
		l.PublicURL = "http://" + net.JoinHostPort(host, port)
	}
	l.PublicURL = strings.TrimRight(l.PublicURL, "/")
	return l
}

// Proxies are the trusted proxies as networks. What Validate refuses is left out.
func (l Listen) Proxies() []netip.Prefix {
	var all []netip.Prefix
	for _, s := range l.TrustedProxies {
		if p, err := parseNetwork(s); err == nil {
			all = append(all, p)
		}
	}
	return all
}

// Validate returns all mistakes.
func (l Listen) Validate() error {
	errs := []error{addressMistake("public", l.Public), addressMistake("desk", l.Desk)}
	if l.Public == l.Desk && !strings.HasSuffix(l.Desk, ":0") {
		errs = append(errs, field.Errorf("desk", "must differ from the public address"))
	}
	if l.PublicURL != "" {
		u, err := url.Parse(l.PublicURL)
		switch {
		case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
			errs = append(errs, field.Errorf("public_url", "must be a URL such as https://service.example.org"))
		case u.User != nil, u.RawQuery != "", u.Fragment != "":
			errs = append(errs, field.Errorf("public_url", "must not have a user, query or fragment"))
		}
	}
	for i, s := range l.DeskHosts {
		if !hostForm.MatchString(s) {
			errs = append(errs, field.Errorf(field.At("desk_hosts", i), "must be a host name such as loket.example.org, without a port, not %q", s))
		}
	}
	for i, s := range l.TrustedProxies {
		if _, err := parseNetwork(s); err != nil {
			errs = append(errs, field.Errorf(field.At("trusted_proxies", i), "must be a network such as 10.0.0.0/8 or an address, not %q", s))
		}
	}
	return errors.Join(errs...)
}

// DeskNames are the names by which the desk listener is reached: as configured, and the one it listens on.
func (l Listen) DeskNames() []string {
	host, _, _ := net.SplitHostPort(l.Desk)
	return append(slices.Clone(l.DeskHosts), host)
}

var hostForm = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$`)

func addressMistake(path, address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return field.Errorf(path, "must be an address and a port such as 127.0.0.1:8080, not %q", address)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return field.Errorf(path, "must have a port from 0 to 65535, not %q", port)
	}
	return nil
}

func parseNetwork(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a.WithZone(""), a.BitLen()), nil
	}
	return netip.ParsePrefix(s)
}

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
	case !nameForm.MatchString(name):
		return field.Errorf(path, "must be letters, digits and . _ - @, at most 60, not %q", name)
	}
	return nil
}

var nameForm = regexp.MustCompile(`^[\pL\pN][\pL\pN._@-]{0,59}$`)
