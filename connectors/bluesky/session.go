package bluesky

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
	"time"

	"loket/connectors/vendor"
)

// A session is that of the account with its server. It is renewed before it ends: a server lets one sign in 300 times a day.
type session struct {
	cfg Config
	api *vendor.Client // without a token

	mu              sync.Mutex
	access, refresh string
	self            string // our DID
}

func newSession(cfg Config) (*session, error) {
	s := &session{cfg: cfg}
	api, err := vendor.New(vendor.Options{Vendor: "Bluesky", Base: cfg.Service + "/xrpc", Read: vendor.Refusals("error", "", reasons()), Sign: s.renewing})
	s.api = api
	return s, err
}

// did is who we are.
func (s *session) did(ctx context.Context) (string, error) {
	_, err := s.token(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.self, err
}

// token gives one that has a minute to live.
func (s *session) token(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if lasts(s.access) {
		return s.access, nil
	}
	if lasts(s.refresh) && s.ask(ctx, vendor.Call{Method: http.MethodPost, Path: refreshPath}) == nil {
		return s.access, nil
	}
	err := s.ask(ctx, vendor.Call{Path: "/com.atproto.server.createSession", JSON: map[string]string{"identifier": s.cfg.Handle, "password": s.cfg.AppPassword.Reveal()}})
	return s.access, err
}

func (s *session) ask(ctx context.Context, call vendor.Call) error {
	got, err := s.api.Fields(ctx, call)
	if err == nil {
		s.access, s.refresh, s.self = got["accessJwt"], got["refreshJwt"], got["did"]
	}
	return err
}

// read reads refusals. A token that ended before it said is not used again.
func (s *session) read(e *vendor.Error, header http.Header, body []byte) {
	vendor.Refusals("error", "", reasons())(e, header, body)
	if e.Detail == ended || e.Status == http.StatusUnauthorized {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.access = ""
	}
}

// lasts tells whether a token says that it lasts for another minute.
func lasts(token string) bool {
	_, rest, _ := strings.Cut(token, ".")
	claims, _, _ := strings.Cut(rest, ".")
	b, err := base64.RawURLEncoding.DecodeString(claims)
	return err == nil && time.Unix(vendor.Flatten(b).Int("exp"), 0).After(time.Now().Add(time.Minute))
}

const refreshPath = "/com.atproto.server.refreshSession"

// renewing signs with the token that renews, where that is what is asked for. The session is locked.
func (s *session) renewing(next http.RoundTripper) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, refreshPath) {
			return vendor.Bearer(s.refresh)(next).RoundTrip(r)
		}
		return next.RoundTrip(r)
	})
}

// sign signs with the token of the session.
func (s *session) sign(next http.RoundTripper) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		token, err := s.token(r.Context())
		if err != nil {
			return nil, err
		}
		return vendor.Bearer(token)(next).RoundTrip(r)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
