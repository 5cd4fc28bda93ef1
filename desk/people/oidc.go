package people

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/redis/go-redis/v9"
	"golang.org/x/oauth2"

	"loket/desk/access"
	"loket/internal/store"
)

// Errors of signing in by OpenID Connect.
var (
	// ErrProvider says that the provider does not answer, or refused.
	ErrProvider = errors.New("the provider does not answer, or refused")
	// ErrFlow says that this way of signing in was not begun in this browser, or too long ago, or is over.
	ErrFlow = errors.New("this sign-in was not begun here, or is over")
	// ErrNotInvited says that the provider knows them, and loket does not.
	ErrNotInvited = errors.New("nobody let them in")
)

const (
	flowLasts      = 10 * time.Minute
	providerAnswer = 10 * time.Second
)

// providers is what is known of the provider, read when it is first needed: loket starts without it.
type providers struct {
	mu   sync.Mutex
	last *oidc.Provider
}

// A flow is one way of signing in that was begun, until the provider leads back.
type flow struct {
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
	Back     string `json:"back"`           // where the provider leads back to
	To       string `json:"to,omitempty"`   // the page that was wanted
	Link     string `json:"link,omitempty"` // the one-time link by which it begins
}

// OIDCName is what the provider is called on the sign-in page, "" when there is none.
func (s *Service) OIDCName() string { return s.oidc.Name }

// provider reads what the provider says of itself, once.
func (s *Service) provider(ctx context.Context) (*oidc.Provider, error) {
	s.providers.mu.Lock()
	defer s.providers.mu.Unlock()
	if s.providers.last != nil {
		return s.providers.last, nil
	}
	// Keys are read later too, so what is kept must outlive this call.
	p, err := oidc.NewProvider(asking(context.WithoutCancel(ctx)), s.oidc.Issuer)
	if err != nil {
		return nil, fmt.Errorf("ask provider: %w: %w", ErrProvider, err)
	}
	s.providers.last = p
	return p, nil
}

// asking has calls of the provider end in time.
func asking(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, &http.Client{Timeout: providerAnswer})
}

func (s *Service) oauth(p *oidc.Provider, back string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: s.oidc.ClientID, ClientSecret: s.oidc.ClientSecret.Reveal(), Endpoint: p.Endpoint(), RedirectURL: back,
		Scopes: append([]string{oidc.ScopeOpenID}, s.oidc.Scopes...),
	}
}

// A Start is a sign-in by the provider that begins.
type Start struct {
	Back    string // where the provider leads back to
	To      string // the page that is wanted
	Link    string // the one-time link by which they begin, "" for none
	Network string // from where
}

// flowTries is how many sign-ins one network may begin within triesWithin, as each is kept for a while.
const flowTries = 200

// BeginOIDC begins to sign somebody in by the provider. state must be kept in the browser and given to EndOIDC; address is where to lead it.
// *SlowedError when there were too many.
func (s *Service) BeginOIDC(ctx context.Context, b Start) (state, address string, err error) {
	if !s.oidc.IsSet() {
		return "", "", ErrFlow
	}
	if err := s.tried(ctx, tally{"flow", b.Network, flowTries}); err != nil {
		return "", "", err
	}
	p, err := s.provider(ctx)
	if err != nil {
		return "", "", err
	}
	f := flow{Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Back: b.Back, To: b.To, Link: b.Link}
	text, err := json.Marshal(f)
	if err != nil {
		return "", "", fmt.Errorf("encode sign-in: %w", err)
	}
	state = rand.Text() + rand.Text()
	if err := s.store.Redis().Set(ctx, flowKey(state), text, flowLasts).Err(); err != nil {
		return "", "", fmt.Errorf("begin sign-in: %w", store.Cause(err))
	}
	return state, s.oauth(p, f.Back).AuthCodeURL(state, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), nil
}

// EndOIDC signs somebody in whom the provider led back with a code, and gives who it is and the page that they wanted. Who it is, is
// settled by the provider's subject and nothing else: a one-time link binds it to a person, and groups that are configured let others
// in. ErrFlow, ErrProvider, ErrNotInvited, ErrWrong when they may not sign in, ErrThere when somebody else has their name.
func (s *Service) EndOIDC(ctx context.Context, state, code string) (session, name, to string, err error) {
	text, err := s.store.Redis().GetDel(ctx, flowKey(state)).Bytes()
	switch {
	case state == "" || errors.Is(err, redis.Nil):
		return "", "", "", ErrFlow
	case err != nil:
		return "", "", "", fmt.Errorf("end sign-in: %w", store.Cause(err))
	}
	var f flow
	if err := json.Unmarshal(text, &f); err != nil {
		return "", "", "", ErrFlow
	}
	claims, err := s.claims(ctx, f, code)
	if err != nil {
		return "", "", "", err
	}
	if name, err = s.bound(ctx, f.Link, claims); err != nil {
		return "", "", "", err
	}
	session, err = s.open(ctx, name)
	return session, name, f.To, err
}

// oidcClaims are what the provider says of somebody.
type oidcClaims struct {
	subject, name string
	groups        []string
}

func (s *Service) claims(ctx context.Context, f flow, code string) (*oidcClaims, error) {
	p, err := s.provider(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(asking(ctx), providerAnswer)
	defer cancel()
	token, err := s.oauth(p, f.Back).Exchange(ctx, code, oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return nil, fmt.Errorf("%w: code not taken", ErrProvider) // what it answers may hold secrets
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := p.Verifier(&oidc.Config{ClientID: s.oidc.ClientID, Now: s.now}).Verify(ctx, raw)
	if err != nil || id.Nonce != f.Nonce || id.Subject == "" {
		return nil, fmt.Errorf("%w: token not good", ErrProvider)
	}
	var all map[string]any
	if err := id.Claims(&all); err != nil {
		return nil, fmt.Errorf("%w: claims not readable", ErrProvider)
	}
	c := &oidcClaims{subject: id.Subject}
	c.name, _ = all[s.oidc.NameClaim].(string)
	switch groups := all[s.oidc.GroupsClaim].(type) {
	case string:
		c.groups = []string{groups}
	case []any:
		for _, g := range groups {
			if text, ok := g.(string); ok {
				c.groups = append(c.groups, text)
			}
		}
	}
	return c, nil
}

// bound gives who has the subject, binds it to whom a one-time link is for, or lets in whom groups let in.
func (s *Service) bound(ctx context.Context, link string, c *oidcClaims) (string, error) {
	kept, err := s.records(ctx)
	if err != nil {
		return "", fmt.Errorf("end sign-in: %w", err)
	}
	subject := s.oidc.Issuer + " " + c.subject
	for name, r := range kept {
		if r.Subject == subject {
			return name, s.enters(ctx, name, r, c)
		}
	}
	if link != "" {
		return s.bindByLink(ctx, link, subject, c)
	}
	teams, every, roles, ok := s.byGroups(c.groups)
	if !ok {
		return "", ErrNotInvited
	}
	if err := s.nameMistake(c.name); err != nil {
		return "", fmt.Errorf("%w: the provider gives no name that they can have", ErrNotInvited)
	}
	if slices.ContainsFunc(s.configured(), func(p access.Person) bool { return p.Name == c.name }) {
		return "", ErrThere
	}
	err = s.change(ctx, c.name, func(r *record, isThere bool) error {
		if isThere {
			return ErrThere
		}
		*r = record{Added: true, Teams: teams, EveryTeam: every, Roles: roles, Subject: subject, Grouped: true, Epoch: r.Epoch + 1}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("end sign-in: %w", err)
	}
	return c.name, s.Refresh(ctx)
}

// enters looks whether somebody who is known may sign in; whom groups let in may what their groups say now.
func (s *Service) enters(ctx context.Context, name string, r record, c *oidcClaims) error {
	if r.Disabled || !s.known(name, r) {
		return ErrWrong
	}
	if !r.Grouped {
		return nil
	}
	teams, every, roles, ok := s.byGroups(c.groups)
	err := s.change(ctx, name, func(r *record, _ bool) error {
		if !ok { // not in any of them any more: whatever is open ends, and so do the rights
			r.Teams, r.EveryTeam, r.Roles = nil, false, nil
			r.Epoch++
			return nil
		}
		r.Teams, r.EveryTeam, r.Roles = teams, every, roles
		return nil
	})
	if err != nil {
		return fmt.Errorf("end sign-in: %w", err)
	}
	if err := s.Refresh(ctx); err != nil || ok {
		return err
	}
	return ErrNotInvited
}

// bindByLink has somebody sign in from now on whom a one-time link is for.
func (s *Service) bindByLink(ctx context.Context, token, subject string, c *oidcClaims) (string, error) {
	name, err := s.Linked(ctx, token)
	if isBoard, bad := s.IsBoard(ctx, name); err != nil || bad != nil || isBoard {
		return "", cmp.Or(err, bad, ErrLink) // nobody is a board
	}
	l, err := s.readLink(ctx, s.store.Redis().GetDel(ctx, linkKey(token)))
	if err != nil {
		return "", err
	}
	if l.Person == "" { // the first one, who may do everything
		if err := s.nameMistake(c.name); err != nil {
			return "", fmt.Errorf("%w: the provider gives no name that they can have", ErrNotInvited)
		}
		l.Person, err = c.name, s.beFirst(ctx, c.name, func(r *record) { r.Subject = subject })
	} else {
		err = s.changeKnown(ctx, l.Person, func(r *record) {
			r.Subject = subject
			r.Epoch++
		})
	}
	if err != nil {
		return "", fmt.Errorf("end sign-in: %w", err)
	}
	return l.Person, s.Refresh(ctx)
}

// byGroups are the teams and roles of all groups of somebody that are configured; ok tells whether any is.
func (s *Service) byGroups(groups []string) (teams []string, every bool, roles []string, ok bool) {
	for _, g := range s.oidc.Groups {
		if !slices.Contains(groups, g.Group) {
			continue
		}
		ok, every = true, every || len(g.Teams) == 0
		for _, team := range g.Teams {
			if !slices.Contains(teams, team) {
				teams = append(teams, team)
			}
		}
		for _, role := range rolesOf(g.Roles) {
			if !slices.Contains(roles, role) {
				roles = append(roles, role)
			}
		}
	}
	if every {
		teams = nil
	}
	return teams, every, roles, ok
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.IsLoopback()
}
