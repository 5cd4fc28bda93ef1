package people

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
)

// For how long somebody stays signed in: while they do nothing, and at most.
const (
	idleLasts    = 12 * time.Hour
	SessionLasts = 30 * 24 * time.Hour
	// touchEvery is how seldom it is written down that a session was used.
	touchEvery = 10 * time.Minute
)

// session is one as kept.
type session struct {
	Person string `json:"person"`
	Epoch  int    `json:"epoch"`
	Made   int64  `json:"made"` // ms
	Seen   int64  `json:"seen"`
	Board  bool   `json:"board,omitempty"`  // it lasts for ever
	Device string `json:"device,omitempty"` // what the browser says of itself
}

// open begins a session.
func (s *Service) open(ctx context.Context, name string) (string, error) {
	r, err := s.one(ctx, name)
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	token, now := rand.Text()+rand.Text(), s.now().UnixMilli()
	if err := s.write(ctx, token, session{Person: name, Epoch: r.Epoch, Made: now, Seen: now, Board: r.Board}); err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	return token, nil
}

func (s *Service) write(ctx context.Context, token string, v session) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode session: %w", err)
	}
	if v.Board {
		return store.Cause(s.store.Redis().Set(ctx, sessionKey(token), text, 0).Err())
	}
	left := min(idleLasts, time.UnixMilli(v.Made).Add(SessionLasts).Sub(s.now()))
	if v.Seen == v.Made {
		return store.Cause(s.store.Redis().Set(ctx, sessionKey(token), text, left).Err())
	}
	// One that was ended meanwhile stays so.
	err = s.store.Redis().SetArgs(ctx, sessionKey(token), text, redis.SetArgs{Mode: "XX", TTL: left}).Err()
	if errors.Is(err, redis.Nil) {
		return nil
	}
	return store.Cause(err)
}

// Session gives the name of who is signed in by a token, or ErrSession: it is too old, or they were signed out, given another
// password, or disabled. It counts as a use of the session.
func (s *Service) Session(ctx context.Context, token string) (string, error) {
	v, err := s.session(ctx, token)
	if err != nil {
		return "", err
	}
	if now := s.now(); now.Sub(time.UnixMilli(v.Seen)) > touchEvery {
		v.Seen = now.UnixMilli()
		if err := s.write(ctx, token, v); err != nil {
			return "", err
		}
	}
	return v.Person, nil
}

// Signed is Session for what goes on by itself, such as a page that stands open: it is no use of the session, which ends all the same.
func (s *Service) Signed(ctx context.Context, token string) (string, error) {
	v, err := s.session(ctx, token)
	return v.Person, err
}

// session reads one that holds.
func (s *Service) session(ctx context.Context, token string) (session, error) {
	if token == "" {
		return session{}, ErrSession
	}
	text, err := s.store.Redis().Get(ctx, sessionKey(token)).Bytes()
	switch {
	case errors.Is(err, redis.Nil):
		return session{}, ErrSession
	case err != nil:
		return session{}, fmt.Errorf("read session: %w", store.Cause(err))
	}
	var v session
	if err := json.Unmarshal(text, &v); err != nil {
		return session{}, ErrSession
	}
	r, err := s.one(ctx, v.Person)
	if err != nil {
		return session{}, fmt.Errorf("read session: %w", err)
	}
	if r.Epoch != v.Epoch || r.Disabled || v.Board || r.Board || !s.known(v.Person, r) || s.now().Sub(time.UnixMilli(v.Made)) > SessionLasts {
		return session{}, ErrSession
	}
	return v, nil
}

// SignOut ends a session. Doing it again, or of one that is none, changes nothing.
func (s *Service) SignOut(ctx context.Context, token string) error {
	if err := s.store.Redis().Del(ctx, sessionKey(token)).Err(); err != nil {
		return fmt.Errorf("sign out: %w", store.Cause(err))
	}
	return nil
}
