// Package youtube is the channel of a channel of YouTube: comments under its videos, and our answers, all of them public. What it relies
// on stands in the reference of the YouTube Data API v3 (developers.google.com/youtube/v3/docs: commentThreads, comments, errors; and
// /determine_quota_cost for what calls cost).
package youtube

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"go.uber.org/zap"

	"loket/connectors"
	"loket/connectors/echo"
	"loket/connectors/email/mailbox"
	"loket/connectors/hook"
	"loket/connectors/poll"
	"loket/connectors/vendor"
	"loket/internal/field"
	"loket/internal/message"
	"loket/internal/secret"
)

// Config is the settings of a channel.
type Config struct {
	ChannelID string `yaml:"channel_id"` // ours: UC and 22 letters
	// ClientID, ClientSecret and RefreshToken let loket act for the channel's owner.
	ClientID     string        `yaml:"client_id"`
	ClientSecret secret.String `yaml:"client_secret"`
	RefreshToken secret.String `yaml:"refresh_token"`
	// Poll is how often to ask for what is new; First how far back the very first asking goes.
	Poll  time.Duration `yaml:"poll"`
	First time.Duration `yaml:"first"`
	// Held takes in what YouTube holds back until the owner decides.
	Held bool `yaml:"held"`
	// DailyUnits is the project's quota of a day (Pacific time), Reserve what of it is left for answers, which cost 50 each.
	DailyUnits int `yaml:"daily_units"`
	Reserve    int `yaml:"reserve"`
	MaxLength  int `yaml:"max_length"` // of an answer
	// APIURL and TokenURL are where the API and tokens are. Only tests have others.
	APIURL   string `yaml:"api_url"`
	TokenURL string `yaml:"token_url"`
}

const (
	defaultAPI   = "https://www.googleapis.com"
	defaultToken = "https://oauth2.googleapis.com/token"
	scope        = "https://www.googleapis.com/auth/youtube.force-ssl"
	pageUnits    = 1
	answerUnits  = 50
	watchedAt    = 20 // threads that are looked at in one call
)

// Type is YouTube's entry in the list of connector types. Run is single: positions and the day's budget are kept for one.
func Type() connectors.Type {
	return connectors.Type{
		Name: "youtube", Single: true,
		NewConfig: func() any {
			return &Config{
				Poll: 2 * time.Minute, First: 24 * time.Hour, Held: true, DailyUnits: 10_000, Reserve: 2_500, MaxLength: 10_000, APIURL: defaultAPI, TokenURL: defaultToken,
			}
		},
		New: func(cfg any, env connectors.Env) (connectors.Connector, error) { return New(*cfg.(*Config), env) },
	}
}

// Validate gives all mistakes at once.
func (c *Config) Validate() error {
	const where = ", of the project at console.cloud.google.com"
	shortest := 15 * time.Second
	if c.APIURL != defaultAPI {
		shortest = 10 * time.Millisecond
	}
	_, err := message.NewIdentifier("yt", "", c.ChannelID, message.Attested)
	bad := []error{
		field.Missing("client_id", c.ClientID == "", where), field.Missing("client_secret", c.ClientSecret.IsZero(), where),
		field.Missing("refresh_token", c.RefreshToken.IsZero(), ", which the channel's owner gave"),
		field.Within("poll", c.Poll, shortest, 24*time.Hour), field.Within("first", c.First, 0, 30*24*time.Hour),
		field.Between("daily_units", c.DailyUnits, 100, 100_000_000), field.Between("reserve", c.Reserve, 0, c.DailyUnits), field.Between("max_length", c.MaxLength, 1, 10_000),
		vendor.CheckAddress("api_url", c.APIURL, defaultAPI),
	}
	if err != nil {
		bad = append(bad, field.Errorf("channel_id", "must be the channel's id: UC and 22 letters, digits, _ or -"))
	}
	tokens := c.oauth()
	if err := tokens.Validate(); err != nil && c.ClientID != "" {
		bad = append(bad, field.Errorf("token_url", "must be an https:// URL"))
	}
	return errors.Join(bad...)
}

func (c *Config) oauth() *mailbox.OAuth2 {
	return &mailbox.OAuth2{TokenURL: c.TokenURL, ClientID: c.ClientID, ClientSecret: c.ClientSecret, RefreshToken: c.RefreshToken, Scope: scope}
}

// errSpent says that the day's budget of reading is used.
var errSpent = errors.New("the day's budget (daily_units, less the reserve) is used: asking pauses until midnight in California")

// A Channel is the connector. Its methods may be called concurrently, and before, during and after Run.
type Channel struct {
	*hook.Counters
	cfg     Config
	env     connectors.Env
	api     *vendor.Client
	sent    *echo.Echoes
	taken   echo.Answers
	noting  sync.Mutex // of what was taken
	budget  *poll.Budget
	watched *poll.Watch
	loops   []*poll.Loop
}

// New makes the connector of a configuration that Validate found right. It calls nobody.
func New(cfg Config, env connectors.Env) (*Channel, error) {
	api, err := vendor.New(vendor.Options{
		Vendor: "YouTube", Base: cfg.APIURL + "/youtube/v3", Read: vendor.Refusals("error.errors.0.reason", "", reasons()),
		Sign: signed(mailbox.NewTokens(*cfg.oauth(), env.Cursor)),
	})
	if err != nil {
		return nil, fmt.Errorf("make connector %s: %w", env.Name, err)
	}
	pacific, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		return nil, fmt.Errorf("make connector %s: %w", env.Name, err)
	}
	c := &Channel{cfg: cfg, env: env, api: api, sent: echo.New(env.Cursor), taken: echo.Answers{Cursor: env.Cursor, Now: time.Now}, Counters: hook.NewCounters(hook.Counts{
		Name: "youtube", Vendor: "YouTube", Connector: env.Name, Log: env.Log,
		Events: []string{"comment", "edited", "deleted", "own"}, Ways: []string{"polling"}, Reasons: []string{hook.Unreadable},
	})}
	c.budget = &poll.Budget{
		Cursor: env.Cursor, Key: "units", Most: cfg.DailyUnits, Reserve: cfg.Reserve, Spent: errSpent, Now: time.Now, Zone: pacific,
		Low: func(left int) {
			env.Log.Warn("the day's budget of YouTube is nearly used", zap.Int("units_left", left))
		},
	}
	c.watched = &poll.Watch{
		Cursor: env.Cursor, Key: "watched", Least: 2 * cfg.Poll, Most: 24 * time.Hour, Until: 30 * 24 * time.Hour, Size: 300, Now: time.Now,
	}
	c.loops = []*poll.Loop{
		c.loop("comments", c.feed("comments", "published").Pass),
		c.loop("answers to comments", func(ctx context.Context) error { return c.watched.LookTogether(ctx, watchedAt, c.lookAgain) }),
	}
	if cfg.Held {
		c.loops = append(c.loops, c.loop("held comments", c.feed("held", "heldForReview").Pass))
	}
	return c, nil
}

func (c *Channel) loop(name string, pass func(context.Context) error) *poll.Loop {
	return poll.New(poll.Options{
		Name: name, Every: c.cfg.Poll, Longest: 10 * time.Minute, Failed: "asking YouTube failed", Again: "YouTube answers again", Log: c.env.Log,
		Pass: func(ctx context.Context) error { return c.budget.UntilMidnight(c.overQuota(pass(ctx))) },
	})
}

// overQuota is err as what the budget says, where YouTube itself says that nothing is left.
func (c *Channel) overQuota(err error) error {
	if e := vendor.As(err); e != nil && e.Detail == overQuota {
		return fmt.Errorf("%s: %w", overQuota, errSpent)
	}
	return err
}

// Run asks for what is new until ctx is done.
func (c *Channel) Run(ctx context.Context) error {
	poll.All(ctx, c.loops...)
	c.api.Close()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections() // by which tokens are fetched
	return nil
}

// Trouble tells what is not asked for, and why.
func (c *Channel) Trouble() error { return poll.Troubles(c.loops...) }

// signed signs with an access token; one that is refused is not used again.
func signed(tokens *mailbox.Tokens) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			token, err := tokens.Token(r.Context())
			if err != nil {
				return nil, err
			}
			res, err := vendor.Bearer(token.Reveal())(next).RoundTrip(r)
			if err == nil && res.StatusCode == http.StatusUnauthorized {
				tokens.Drop(token)
			}
			return res, err
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
