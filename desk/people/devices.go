package people

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/desk/access"
	"loket/internal/store"
)

// A Device is one browser in which somebody is signed in.
type Device struct {
	ID   string // by which it is signed out
	Name string // what the browser says of itself
	Made time.Time
	Seen time.Time // when it was used last, within ten minutes
	This bool      // it asks
}

// maxDevice is how much a browser may say of itself, in bytes.
const maxDevice = 300

// Note remembers what the browser of a session says of itself, so that its person knows it again among their devices. Doing it again
// changes nothing.
func (s *Service) Note(ctx context.Context, token, browser string) error {
	v, err := s.session(ctx, token)
	if err != nil {
		return err
	}
	v.Device = browser[:min(len(browser), maxDevice)]
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode session: %w", err)
	}
	rdb := s.store.Redis()
	end := time.UnixMilli(v.Made).Add(SessionLasts)
	pipe := rdb.Pipeline()
	pipe.SetArgs(ctx, sessionKey(token), text, redis.SetArgs{Mode: "XX", KeepTTL: true})
	pipe.ZRemRangeByScore(ctx, devicesKey(v.Person), "-inf", strconv.FormatInt(s.now().UnixMilli(), 10))
	pipe.ZAdd(ctx, devicesKey(v.Person), redis.Z{Score: float64(end.UnixMilli()), Member: digest(token)})
	pipe.ExpireAt(ctx, devicesKey(v.Person), end)
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("note device: %w", store.Cause(err))
	}
	return nil
}

// Devices gives where the caller is signed in, what was used last first. token is that of the session that asks.
func (s *Service) Devices(ctx context.Context, by access.Actor, token string) ([]Device, error) {
	r, err := s.one(ctx, by.Person)
	if err != nil {
		return nil, fmt.Errorf("list devices: %w", err)
	}
	rdb := s.store.Redis()
	ids, err := rdb.ZRange(ctx, devicesKey(by.Person), 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("list devices: %w", store.Cause(err))
	}
	var devices []Device
	for _, id := range ids {
		text, err := rdb.Get(ctx, sessionPrefix+id).Bytes()
		if err != nil && !errors.Is(err, redis.Nil) {
			return nil, fmt.Errorf("list devices: %w", store.Cause(err))
		}
		var v session
		if err != nil || json.Unmarshal(text, &v) != nil || v.Epoch != r.Epoch || v.Person != by.Person {
			continue // it is over
		}
		devices = append(devices, Device{ID: id, Name: v.Device, Made: time.UnixMilli(v.Made), Seen: time.UnixMilli(v.Seen), This: id == digest(token)})
	}
	slices.SortStableFunc(devices, func(a, b Device) int { return b.Seen.Compare(a.Seen) })
	return devices, nil
}

// SignOutDevice ends a session of the caller's. One that is over already, or somebody else's, stays as it is.
func (s *Service) SignOutDevice(ctx context.Context, by access.Actor, id string) error {
	rdb := s.store.Redis()
	n, err := rdb.ZRem(ctx, devicesKey(by.Person), id).Result()
	if err == nil && n > 0 {
		err = rdb.Del(ctx, sessionPrefix+id).Err()
	}
	if err != nil {
		return fmt.Errorf("sign out: %w", store.Cause(err))
	}
	return nil
}

// ChangePassword gives the caller another password if they know the one they have, ends all of their sessions, and gives the token of a
// new one. ErrWrong when they do not know it, *SlowedError when they did not too often, a *field.Error for what cannot be a password.
func (s *Service) ChangePassword(ctx context.Context, by access.Actor, current, password string) (token string, err error) {
	if err := s.tried(ctx, tally{"own", by.Person, hereTries}); err != nil {
		return "", err
	}
	r, err := s.one(ctx, by.Person)
	if err != nil {
		return "", fmt.Errorf("change password: %w", err)
	}
	ok, err := s.fits(ctx, r, current)
	switch {
	case err != nil:
		return "", fmt.Errorf("change password: %w", err)
	case !ok:
		return "", ErrWrong
	}
	if err := s.SetPassword(ctx, by, by.Person, password); err != nil {
		return "", err
	}
	if err := s.store.Redis().Del(ctx, triesKey("own", by.Person)).Err(); err != nil {
		return "", fmt.Errorf("change password: %w", store.Cause(err))
	}
	return s.open(ctx, by.Person)
}
