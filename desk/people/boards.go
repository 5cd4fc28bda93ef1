package people

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"loket/desk/access"
	"loket/internal/field"
	"loket/internal/store"
)

// RoleBoard is what a wall that shows numbers is listed as. Nobody else can have it, and it lets nobody in but to that.
const RoleBoard = "board"

// A Board is a screen on a wall, which shows how many wait and names nobody. It is signed in by a one-time link, for as long as it is
// not disabled.
type Board struct {
	Name      string
	Teams     []string // none with EveryTeam
	EveryTeam bool
}

// Principal is who a board asks for figures as.
func (b Board) Principal() *access.Principal {
	p := &access.Principal{Name: b.Name, Teams: b.Teams}
	if b.EveryTeam {
		p.Teams = nil
	}
	return p
}

// AddBoard adds a board; without teams it shows every team. ErrThere when somebody is called so; other mistakes are *field.Error.
func (s *Service) AddBoard(ctx context.Context, by access.Actor, name string, teams []string) error {
	return s.addRecord(ctx, by, access.Person{Name: name, Teams: teams}, record{Teams: teams, EveryTeam: len(teams) == 0, Added: true, Board: true})
}

// IsBoard tells whether a name is that of a board.
func (s *Service) IsBoard(ctx context.Context, name string) (bool, error) {
	r, err := s.one(ctx, name)
	return r.Added && r.Board, err
}

// BeginBoard signs a board in by its one-time link, which is used up. ErrLink when it is good no more, or no board's.
func (s *Service) BeginBoard(ctx context.Context, token string) (session string, err error) {
	l, err := s.readLink(ctx, s.store.Redis().Get(ctx, linkKey(token)))
	if err != nil {
		return "", err
	}
	if isBoard, err := s.IsBoard(ctx, l.Person); err != nil || !isBoard {
		return "", errors.Join(err, ErrLink)
	}
	if _, err := s.readLink(ctx, s.store.Redis().GetDel(ctx, linkKey(token))); err != nil {
		return "", err
	}
	return s.open(ctx, l.Person)
}

// Board gives the board that is signed in by a token, or ErrSession: it was disabled, or the token is a person's.
func (s *Service) Board(ctx context.Context, token string) (Board, error) {
	if token == "" {
		return Board{}, ErrSession
	}
	text, err := s.store.Redis().Get(ctx, sessionKey(token)).Bytes()
	switch {
	case errors.Is(err, redis.Nil):
		return Board{}, ErrSession
	case err != nil:
		return Board{}, fmt.Errorf("read session: %w", store.Cause(err))
	}
	var v session
	if err := json.Unmarshal(text, &v); err != nil || !v.Board {
		return Board{}, ErrSession
	}
	r, err := s.one(ctx, v.Person)
	if err != nil {
		return Board{}, fmt.Errorf("read session: %w", err)
	}
	if !r.Added || !r.Board || r.Epoch != v.Epoch || r.Disabled {
		_ = s.SignOut(ctx, token) // it lasts for ever and is of no use; if it stays it opens nothing
		return Board{}, ErrSession
	}
	b := Board{Name: v.Person, EveryTeam: r.EveryTeam}
	for _, team := range r.Teams {
		if slices.Contains(s.teams(), team) {
			b.Teams = append(b.Teams, team)
		}
	}
	if !b.EveryTeam && b.Teams == nil {
		b.Teams = []string{} // those it had are configured no more
	}
	return b, nil
}

// errBoard says why a board gets no password.
func errBoard() error {
	return field.Errorf("name", "is a board, which has no password: give it a link")
}
