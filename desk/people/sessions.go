package people

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
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

// What somebody may try before they must wait: a name and an address each so many wrong passwords within so long.
const (
	wrongTries  = 5
	triesWithin = 15 * time.Minute
	// addressTries is for an address: colleagues behind one address share it.
	addressTries = 20
)

// A SlowedError says that too many wrong passwords were tried, and when to try again.
type SlowedError struct{ Wait time.Duration }

func (e *SlowedError) Error() string {
	return fmt.Sprintf("too many wrong passwords; try again in %s", e.Wait.Round(time.Second))
}

// session is one as kept.
type session struct {
	Person string `json:"person"`
	Epoch  int    `json:"epoch"`
	Made   int64  `json:"made"` // ms
	Seen   int64  `json:"seen"`
	Board  bool   `json:"board,omitempty"`  // it lasts for ever
	Device string `json:"device,omitempty"` // what the browser says of itself
}

// SignIn gives a session's token to whoever knows a name and its password. address is from where it is tried. ErrWrong is all that is
// said of a wrong one; *SlowedError when there were too many.
func (s *Service) SignIn(ctx context.Context, name, password, address string) (token string, err error) {
	// Counted before it is looked at, so that many at once are not looked at all the same.
	if err := s.tried(ctx, "address", address, addressTries); err != nil {
		return "", err
	}
	if err := s.tried(ctx, "name", name, wrongTries); err != nil {
		return "", err
	}
	r, err := s.one(ctx, name)
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	ok, err := s.fits(ctx, r, password)
	switch {
	case err != nil:
		return "", fmt.Errorf("sign in: %w", err)
	case !ok || r.Disabled || !s.known(name, r):
		return "", ErrWrong
	}
	for kind, value := range map[string]string{"name": name, "address": address} {
		if err := s.store.Redis().Del(ctx, triesKey(kind, value)).Err(); err != nil {
			return "", fmt.Errorf("sign in: %w", store.Cause(err))
		}
	}
	return s.open(ctx, name)
}

// nobodys is compared where there is no password, so that the time says nothing of who there is. Not every command needs it made.
var nobodys = sync.OnceValue(func() string { return hash("the password of nobody at all") })

// fits tells whether a password is the person's. It takes as long for whoever has none.
func (s *Service) fits(ctx context.Context, r record, password string) (bool, error) {
	select {
	case s.hashing <- struct{}{}:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	defer func() { <-s.hashing }()
	if r.Hash == "" || len(password) > 4*maxPassword {
		_ = matches(nobodys(), "")
		return false, nil
	}
	return matches(r.Hash, password), nil
}

// tried counts a try, and is a *SlowedError when there were too many.
func (s *Service) tried(ctx context.Context, kind, value string, most int64) error {
	key := triesKey(kind, value)
	rdb := s.store.Redis()
	n, err := rdb.Incr(ctx, key).Result()
	if err == nil && n == 1 {
		err = rdb.Expire(ctx, key, triesWithin).Err()
	}
	var left time.Duration
	if err == nil && n > most {
		left, err = rdb.TTL(ctx, key).Result()
		if err == nil && left < 0 { // the process that began to count died before it said for how long
			left, err = triesWithin, rdb.Expire(ctx, key, triesWithin).Err()
		}
	}
	switch {
	case err != nil:
		return fmt.Errorf("count tries: %w", store.Cause(err))
	case n > most:
		return &SlowedError{Wait: left}
	}
	return nil
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
