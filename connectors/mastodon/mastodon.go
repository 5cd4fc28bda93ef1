// Package mastodon is the channel of an account of Mastodon: posts that name it, in public or to it alone, and our answers. What it
// relies on stands in the API documentation, docs.joinmastodon.org (methods notifications, statuses, streaming, instance).
package mastodon

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"loket/connectors"
	"loket/connectors/echo"
	"loket/connectors/fetch"
	"loket/connectors/hook"
	"loket/connectors/poll"
	"loket/connectors/vendor"
	"loket/internal/field"
	"loket/internal/loopback"
	"loket/internal/secret"
)

// Config is the settings of an account.
type Config struct {
	Server string        `yaml:"server"`       // where the account is: https://mastodon.example
	Token  secret.String `yaml:"access_token"` // of an application of the account's own
	// Poll is how often to ask for what is new; what the server streams comes at once.
	Poll time.Duration `yaml:"poll"`
	// First is how far back the very first asking goes.
	First time.Duration `yaml:"first"`
	// Media are the places that files may come from, beside the server and the names below its own.
	Media []string `yaml:"media"`
	// MaxMedia is the largest file that is fetched, in bytes; 0 fetches none.
	MaxMedia int64 `yaml:"max_media"`
}

const exampleServer = "https://mastodon.example"

// Type is Mastodon's entry in the list of connector types. Run is single: positions are kept for one.
func Type() connectors.Type {
	return connectors.Type{
		Name: "mastodon", Single: true,
		NewConfig: func() any { return &Config{Poll: time.Minute, First: 24 * time.Hour, MaxMedia: 20 << 20} },
		New:       func(cfg any, env connectors.Env) (connectors.Connector, error) { return New(*cfg.(*Config), env) },
	}
}

// Validate gives all mistakes at once.
func (c *Config) Validate() error {
	bad := []error{
		vendor.CheckAddress("server", c.Server, exampleServer),
		field.Missing("access_token", c.Token.IsZero(), ", as Preferences, Development shows it"),
		field.Within("poll", c.Poll, c.shortestPoll(), 24*time.Hour), field.Within("first", c.First, 0, 30*24*time.Hour),
	}
	for i, place := range c.Media {
		bad = append(bad, vendor.CheckAddress(field.At("media", i), place, "https://files.example"))
	}
	if c.MaxMedia < 0 {
		bad = append(bad, field.Errorf("max_media", "must be 0 (fetch none) or more, not %d", c.MaxMedia))
	}
	return errors.Join(bad...)
}

// shortestPoll leaves room below the 300 calls in five minutes that servers allow. A stand-in has no such limit.
func (c *Config) shortestPoll() time.Duration {
	if c.local() {
		return 10 * time.Millisecond
	}
	return 15 * time.Second
}

func (c *Config) local() bool {
	u, err := url.Parse(c.Server)
	return err == nil && u.Scheme == "http" && loopback.Host(u.Hostname())
}

// An Account is the connector. Its methods may be called concurrently, and before, during and after Run.
type Account struct {
	*hook.Counters
	cfg     Config
	env     connectors.Env
	api     *vendor.Client
	files   *fetch.Client
	sent    *echo.Echoes
	taken   echo.Answers
	noting  sync.Mutex // of what was taken
	watched *poll.Watch
	known   atomic.Pointer[instance]
	news    *poll.Loop
	stream  *poll.Loop
	loops   []*poll.Loop
}

// New makes the connector of a configuration that Validate found right. It calls nobody.
func New(cfg Config, env connectors.Env) (*Account, error) {
	cfg.Server = strings.TrimSuffix(cfg.Server, "/")
	api, err := vendor.New(vendor.Options{Vendor: "Mastodon", Base: cfg.Server, Sign: vendor.Bearer(cfg.Token.Reveal()), Read: vendor.Refusals("error", "", reasons())})
	if err != nil {
		return nil, fmt.Errorf("make connector %s: %w", env.Name, err)
	}
	a := &Account{cfg: cfg, env: env, api: api, sent: echo.New(env.Cursor), taken: echo.Answers{Cursor: env.Cursor, Now: time.Now}, Counters: hook.NewCounters(hook.Counts{
		Name: "mastodon", Vendor: "Mastodon", Connector: env.Name, Log: env.Log,
		Events: []string{"mention", "edited", "deleted", "own"}, Ways: []string{"polling"}, Reasons: []string{hook.Unreadable, "other", "file"}, Quiet: []string{"other"},
	})}
	a.watched = &poll.Watch{
		Cursor: env.Cursor, Key: "watched", Least: 2 * cfg.Poll, Most: 12 * time.Hour, Until: 7 * 24 * time.Hour, Size: 500, Now: time.Now,
	}
	host := strings.TrimPrefix(cfg.Server, "https://")
	a.files = fetch.New(fetch.Options{
		Sources: []fetch.Source{{Origins: append([]string{cfg.Server, "https://*." + host}, cfg.Media...)}}, MaxBytes: cfg.MaxMedia, Within: time.Minute, Sniff: true,
		Missing: MarkMedia, Disguised: MarkDisguised, GaveUp: func(err error) { a.Refused("file", err) },
	}, env.Blobs)
	a.news = a.loop("posts to us", cfg.Poll, a.feed("mentions", a.listMentions, a.takeMention))
	a.loops = []*poll.Loop{
		a.news, a.loop("posts of ours", cfg.Poll, a.feed("own", a.listOwn, a.takeOwn)),
		a.loop("edits", cfg.Poll, func(ctx context.Context) error { return a.watched.Look(ctx, 20, a.lookAgain) }),
	}
	a.stream = a.loop("what is new at once", time.Second, a.follow)
	a.loops = append(a.loops, a.stream)
	return a, nil
}

func (a *Account) loop(name string, every time.Duration, pass func(context.Context) error) *poll.Loop {
	return poll.New(poll.Options{
		Name: name, Every: every, First: 5 * time.Second, Longest: 5 * time.Minute, Failed: "asking Mastodon failed", Again: "Mastodon answers again", Log: a.env.Log,
		Pass: func(ctx context.Context) error {
			if _, err := a.instance(ctx); err != nil {
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
	a.files.Close()
	return nil
}

// Trouble tells what is not asked for, and why.
func (a *Account) Trouble() error { return poll.Troubles(a.loops...) }
