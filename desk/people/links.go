package people

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/desk/access"
	"loket/internal/store"
)

// LinkLasts is for how long a one-time link is good.
const LinkLasts = time.Hour

// link is what a one-time link is for.
type link struct {
	Person string `json:"person,omitempty"` // whose password it sets; "" for the first one, who says their name
}

// Link gives a token, good once within LinkLasts, by which somebody sets a password. ErrNobody when nobody is called so.
func (s *Service) Link(ctx context.Context, by access.Actor, name string) (token string, err error) {
	if err := by.Require(access.RoleAdmin); err != nil {
		return "", err
	}
	r, err := s.one(ctx, name)
	if err == nil && !s.known(name, r) {
		err = ErrNobody
	}
	if err == nil {
		token, err = s.newLink(ctx, link{Person: name})
	}
	if err != nil {
		return "", fmt.Errorf("make link: %w", err)
	}
	s.audit(by, "one-time link made", name)
	return token, nil
}

// First gives the token of the first one who signs in, "" when somebody has a password already. They may do everything.
func (s *Service) First(ctx context.Context) (token string, err error) {
	first, err := s.isFirst(ctx)
	if err == nil && first {
		token, err = s.newLink(ctx, link{})
	}
	if err != nil {
		return "", fmt.Errorf("make first link: %w", err)
	}
	return token, nil
}

func (s *Service) isFirst(ctx context.Context) (bool, error) {
	all, err := s.list(ctx)
	return err == nil && !slices.ContainsFunc(all, func(p Person) bool { return (p.Password || p.OIDC) && !p.Disabled }), err
}

func (s *Service) newLink(ctx context.Context, l link) (string, error) {
	text, err := json.Marshal(l)
	if err != nil {
		return "", fmt.Errorf("encode link: %w", err)
	}
	token := rand.Text()
	return token, store.Cause(s.store.Redis().Set(ctx, linkKey(token), text, LinkLasts).Err())
}

// Linked says whom a one-time link is for, "" for the first one. It uses nothing up. ErrLink when it is good no more.
func (s *Service) Linked(ctx context.Context, token string) (string, error) {
	l, err := s.readLink(ctx, s.store.Redis().Get(ctx, linkKey(token)))
	return l.Person, err
}

func (s *Service) readLink(ctx context.Context, got *redis.StringCmd) (link, error) {
	var l link
	text, err := got.Bytes()
	switch {
	case errors.Is(err, redis.Nil):
		return l, ErrLink
	case err != nil:
		return l, fmt.Errorf("read link: %w", store.Cause(err))
	}
	if err := json.Unmarshal(text, &l); err != nil {
		return l, ErrLink
	}
	if r, err := s.one(ctx, l.Person); l.Person != "" && (err != nil || r.Disabled) {
		return l, cmp.Or(err, ErrLink)
	}
	if l.Person == "" { // another one may have been the first meanwhile
		if first, err := s.isFirst(ctx); err != nil || !first {
			return l, errors.Join(err, ErrLink)
		}
	}
	return l, nil
}

// Begin sets the password of whom a one-time link is for and signs them in. name counts for the first one only. The link is
// used up when it succeeds, by one of those who try it at the same time. ErrLink when it is good no more; a mistake in what was
// written is a *field.Error and leaves the link good.
func (s *Service) Begin(ctx context.Context, token, name, password string) (session string, err error) {
	l, err := s.readLink(ctx, s.store.Redis().Get(ctx, linkKey(token)))
	if err != nil {
		return "", err
	}
	if isBoard, err := s.IsBoard(ctx, l.Person); err != nil || isBoard {
		return "", cmp.Or(err, errBoard())
	}
	if l.Person != "" {
		name = l.Person
	} else if err := s.nameMistake(name); err != nil {
		return "", err
	}
	if err := passwordMistake(password, name); err != nil {
		return "", err
	}
	secret, err := s.hash(ctx, password)
	if err != nil {
		return "", err
	}
	if _, err := s.readLink(ctx, s.store.Redis().GetDel(ctx, linkKey(token))); err != nil {
		return "", err
	}
	if l.Person == "" {
		err = s.beFirst(ctx, name, func(r *record) { r.Hash = secret })
	} else {
		err = s.setHash(ctx, name, secret)
	}
	if err != nil {
		return "", fmt.Errorf("begin: %w", err)
	}
	return s.open(ctx, name)
}

// beFirst makes somebody the first one, who may do everything. The link was proof of that.
func (s *Service) beFirst(ctx context.Context, name string, by func(*record)) error {
	inFile := slices.ContainsFunc(s.configured(), func(p access.Person) bool { return p.Name == name })
	return s.change(ctx, name, func(r *record, _ bool) error {
		by(r)
		r.Disabled, r.Board = false, false
		r.Epoch++
		if !inFile {
			r.Added, r.Teams, r.EveryTeam, r.Roles = true, nil, true, []string{access.RoleAdmin}
		}
		return nil
	})
}
