package people

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
)

// What may be tried within triesWithin before whoever tries must wait. A stranger locks their own network out of a name, and not the
// person, who is elsewhere; only very many from very many places lock a name, and not for a browser in which the person signed in before.
const (
	triesWithin  = 15 * time.Minute
	hereTries    = 5  // of one name from one network, or from one known browser
	addressTries = 20 // of all names from one network: colleagues behind one address share it
	nameTries    = 50 // of one name from everywhere
)

// DeviceLasts is for how long a browser is known in which somebody signed in.
const DeviceLasts = 180 * 24 * time.Hour

// A SlowedError says that too many wrong passwords were tried, and when to try again.
type SlowedError struct{ Wait time.Duration }

func (e *SlowedError) Error() string {
	return fmt.Sprintf("too many wrong passwords; try again in %s", e.Wait.Round(time.Second))
}

// A Try is somebody who says their name and password.
type Try struct {
	Name, Password string
	Network        string // from where it is tried
	Device         string // what KnowDevice gave this browser; "" for none
}

// A tally is one count of tries, with how many there may be.
type tally struct {
	kind, value string
	most        int64
}

// SignIn gives a session's token to whoever knows a name and its password. ErrWrong is all that is said of a wrong one; *SlowedError when
// there were too many, of which even the right one is not looked at.
func (s *Service) SignIn(ctx context.Context, t Try) (token string, err error) {
	r, err := s.one(ctx, t.Name)
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	known, err := s.knowsDevice(ctx, t.Name, t.Device, r.Epoch)
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	tallies := t.tallies(known)
	for _, one := range tallies { // counted before it is looked at, so that many at once are not looked at all the same
		if err := s.tried(ctx, one); err != nil {
			return "", err
		}
	}
	ok, err := s.fits(ctx, r, t.Password)
	switch {
	case err != nil:
		return "", fmt.Errorf("sign in: %w", err)
	case !ok || r.Disabled || !s.known(t.Name, r):
		return "", ErrWrong
	}
	for _, one := range tallies {
		if one.kind == "name" { // others may be at it still
			continue
		}
		if err := s.store.Redis().Del(ctx, triesKey(one.kind, one.value)).Err(); err != nil {
			return "", fmt.Errorf("sign in: %w", store.Cause(err))
		}
	}
	return s.open(ctx, t.Name)
}

// tallies are what a try counts for, the narrowest first, so that whoever is locked out by it fills no wider one. A known browser has one of
// its own.
func (t Try) tallies(known bool) []tally {
	if known {
		return []tally{{"device", t.Name + "\x00" + t.Device, hereTries}}
	}
	return []tally{{"here", t.Name + "\x00" + t.Network, hereTries}, {"address", t.Network, addressTries}, {"name", t.Name, nameTries}}
}

// tried counts a try, and is a *SlowedError when there were too many.
func (s *Service) tried(ctx context.Context, t tally) error {
	key := triesKey(t.kind, t.value)
	rdb := s.store.Redis()
	n, err := rdb.Incr(ctx, key).Result()
	if err == nil && n == 1 {
		err = rdb.Expire(ctx, key, triesWithin).Err()
	}
	var left time.Duration
	if err == nil && n > t.most {
		left, err = rdb.TTL(ctx, key).Result()
		if err == nil && left < 0 { // the process that began to count died before it said for how long
			left, err = triesWithin, rdb.Expire(ctx, key, triesWithin).Err()
		}
	}
	switch {
	case err != nil:
		return fmt.Errorf("count tries: %w", store.Cause(err))
	case n > t.most:
		return &SlowedError{Wait: left}
	}
	return nil
}

// KnowDevice notes that somebody is signed in in a browser, and gives the token by which it is known from then on: device, or a new one
// when that is "". Others' wrong passwords do not keep them from signing in there. A new password, and what else signs somebody out
// everywhere, makes all of their browsers unknown.
func (s *Service) KnowDevice(ctx context.Context, name, device string) (string, error) {
	if device == "" || len(device) > 100 {
		device = rand.Text() + rand.Text()
	}
	r, err := s.one(ctx, name)
	if err == nil {
		err = store.Cause(s.store.Redis().Set(ctx, deviceKey(name, device), strconv.Itoa(r.Epoch), DeviceLasts).Err())
	}
	if err != nil {
		return "", fmt.Errorf("note browser: %w", err)
	}
	return device, nil
}

func (s *Service) knowsDevice(ctx context.Context, name, device string, epoch int) (bool, error) {
	if device == "" {
		return false, nil
	}
	at, err := s.store.Redis().Get(ctx, deviceKey(name, device)).Result()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	return at == strconv.Itoa(epoch), store.Cause(err)
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
