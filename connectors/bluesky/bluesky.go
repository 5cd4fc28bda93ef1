// Package bluesky is the channel of an account of Bluesky: posts that name it, answer it or quote it, and our answers, all of them public. What it
// relies on stands in the lexicons at github.com/bluesky-social/atproto (app.bsky.notification.listNotifications, app.bsky.feed.post, getPosts and
// getAuthorFeed, app.bsky.richtext.facet, com.atproto.server.createSession and refreshSession, com.atproto.repo.createRecord and getRecord).
package bluesky

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"loket/connectors"
	"loket/connectors/echo"
	"loket/connectors/hook"
	"loket/connectors/poll"
	"loket/connectors/vendor"
	"loket/internal/field"
	"loket/internal/secret"
)

// Config is the settings of an account.
type Config struct {
	Handle      string        `yaml:"handle"`       // of the account: help.example.org
	AppPassword secret.String `yaml:"app_password"` // Settings, Privacy and security, App passwords
	Service     string        `yaml:"service"`      // where the account is kept
	// Poll is how often to ask for what is new, First how far back the very first asking goes.
	Poll  time.Duration `yaml:"poll"`
	First time.Duration `yaml:"first"`
}

const defaultService = "https://bsky.social"

// Type is Bluesky's entry in the list of connector types. Run is single: positions are kept for one.
func Type() connectors.Type {
	return connectors.Type{
		Name: "bluesky", Single: true,
		NewConfig: func() any { return &Config{Service: defaultService, Poll: 30 * time.Second, First: 24 * time.Hour} },
		New:       func(cfg any, env connectors.Env) (connectors.Connector, error) { return New(*cfg.(*Config), env) },
	}
}

// Validate gives all mistakes at once.
func (c *Config) Validate() error {
	shortest := 10 * time.Second
	if strings.HasPrefix(c.Service, "http://") { // a stand-in on this machine
		shortest = 10 * time.Millisecond
	}
	return errors.Join(
		field.Matches("handle", c.Handle, `[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+`, "must be that of the account, such as help.example.org"),
		field.Missing("app_password", c.AppPassword.IsZero(), ", as Settings, Privacy and security, App passwords gives it"),
		vendor.CheckAddress("service", c.Service, defaultService),
		field.Within("poll", c.Poll, shortest, 24*time.Hour), field.Within("first", c.First, 0, 30*24*time.Hour))
}

// An Account is the connector. Its methods may be called concurrently, and before, during and after Run.
type Account struct {
	*hook.Counters
	cfg     Config
	env     connectors.Env
	api     *vendor.Client
	session *session
	sent    *echo.Echoes
	watched *poll.Watch
	loops   []*poll.Loop
}

// New makes the connector of a configuration that Validate found right. It calls nobody.
func New(cfg Config, env connectors.Env) (*Account, error) {
	s, err := newSession(cfg)
	if err != nil {
		return nil, fmt.Errorf("make connector %s: %w", env.Name, err)
	}
	api, err := vendor.New(vendor.Options{Vendor: "Bluesky", Base: cfg.Service + "/xrpc", Sign: s.sign, Read: s.read})
	if err != nil {
		return nil, fmt.Errorf("make connector %s: %w", env.Name, err)
	}
	a := &Account{cfg: cfg, env: env, api: api, session: s, sent: echo.New(env.Cursor), Counters: hook.NewCounters(hook.Counts{
		Name: "bluesky", Vendor: "Bluesky", Connector: env.Name, Log: env.Log,
		Events: []string{"post", "deleted", "own"}, Ways: []string{"polling"}, Reasons: []string{hook.Unreadable},
	})}
	a.watched = &poll.Watch{
		Cursor: env.Cursor, Key: "watched", Least: 2 * cfg.Poll, Most: 12 * time.Hour, Until: 7 * 24 * time.Hour, Size: 500, Now: time.Now,
	}
	a.loops = []*poll.Loop{
		a.loop("posts to us", a.feed("posts", a.listPosts, a.takePost).Pass), a.loop("posts of ours", a.feed("own", a.listOwn, a.takeOwn).Pass),
		a.loop("deletions", func(ctx context.Context) error { return a.watched.LookTogether(ctx, 25, a.lookAgain) }), // as many as getPosts takes
	}
	return a, nil
}

func (a *Account) loop(name string, pass func(context.Context) error) *poll.Loop {
	return poll.New(poll.Options{
		Name: name, Every: a.cfg.Poll, Longest: 5 * time.Minute, Failed: "asking Bluesky failed", Again: "Bluesky answers again", Log: a.env.Log,
		Pass: func(ctx context.Context) error {
			if _, err := a.session.did(ctx); err != nil { // before anybody compares who wrote
				return err
			}
			return pass(ctx)
		},
	})
}

// Run asks for what is new until ctx is done.
func (a *Account) Run(ctx context.Context) error {
	poll.All(ctx, a.loops...)
	a.api.Close()
	a.session.api.Close()
	return nil
}

// Trouble tells what is not asked for, and why.
func (a *Account) Trouble() error { return poll.Troubles(a.loops...) }
