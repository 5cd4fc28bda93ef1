package people

import (
	"errors"
	"net/url"
	"slices"

	"loket/desk/access"
	"loket/internal/field"
	"loket/internal/secret"
	"loket/router"
)

// OIDC is the section oidc: people sign in to the desk's pages by OpenID Connect, beside their password. Left out, by their password only.
type OIDC struct {
	// Address of the provider, as it names itself: https://login.example.org/realms/staff.
	Issuer string `yaml:"issuer"`
	// By what the provider knows loket, and the secret for it. Allow it to lead back to https://DESK/sign-in/return.
	ClientID     string        `yaml:"client_id"`
	ClientSecret secret.String `yaml:"client_secret"`
	// What the sign-in page calls it.
	Name string `yaml:"name"`
	// What is asked for, beside openid.
	Scopes []string `yaml:"scopes"`
	// The claim with what somebody is to be called, and the one with their groups.
	NameClaim   string `yaml:"name_claim"`
	GroupsClaim string `yaml:"groups_claim"`
	// Who is in one of these is let in without being added, with the teams and roles of all of theirs, anew each time they sign in.
	// Left out, only those sign in so who began by a one-time link.
	Groups []OIDCGroup `yaml:"groups"`
}

// OIDCGroup says what members of a group of the provider may.
type OIDCGroup struct {
	// As the provider calls it.
	Group string `yaml:"group"`
	// Teams they answer for. Left out, every team.
	Teams []string `yaml:"teams"`
	// agent, manager, vouch, admin. Left out, agent.
	Roles []string `yaml:"roles"`
}

// IsSet tells whether people may sign in so.
func (c OIDC) IsSet() bool { return c.Issuer != "" }

// Complete is c with what was left out filled in.
func (c OIDC) Complete() OIDC {
	if !c.IsSet() {
		return c
	}
	if c.Scopes == nil {
		c.Scopes = []string{"profile", "groups"}
	}
	if c.NameClaim == "" {
		c.NameClaim = "preferred_username"
	}
	if c.GroupsClaim == "" {
		c.GroupsClaim = "groups"
	}
	if c.Name == "" {
		c.Name = "OpenID Connect"
	}
	return c
}

// Validate returns all mistakes; teams are the ones there are.
func (c OIDC) Validate(teams []string) error {
	if !c.IsSet() {
		if c.ClientID != "" || !c.ClientSecret.IsZero() || len(c.Groups) > 0 {
			return field.Errorf("issuer", "must be given: the address of the provider")
		}
		return nil
	}
	var errs []error
	u, err := url.Parse(c.Issuer)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		errs = append(errs, field.Errorf("issuer", "must be an address that begins with https://, as the provider names itself"))
	}
	if c.ClientID == "" {
		errs = append(errs, field.Errorf("client_id", "must be given: by what the provider knows loket"))
	}
	for i, g := range c.Groups {
		path := field.At("groups", i)
		if g.Group == "" {
			errs = append(errs, field.Errorf(path+".group", "must be given: as the provider calls it"))
		}
		for j, team := range g.Teams {
			errs = append(errs, router.TeamExists(field.At(path+".teams", j), team, teams))
		}
		for j, role := range g.Roles {
			if !slices.Contains(access.Roles(), role) {
				errs = append(errs, field.Errorf(field.At(path+".roles", j), "must be agent, manager, vouch or admin, not %q%s", role, field.DidYouMean(role, access.Roles())))
			}
		}
	}
	return errors.Join(errs...)
}
