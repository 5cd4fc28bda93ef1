// Package x is the channel of X, once Twitter: posts that name the account, which anybody can read, and private messages.
//
// They come by webhook, by asking now and then, or by both: what comes twice is one message. The room api speaks with X;
// here its posts and messages become ours (incoming.go), and answers go out (send.go).
package x

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"loket/connectors"
	"loket/connectors/x/api"
	"loket/internal/field"
	"loket/internal/loopback"
	"loket/internal/secret"
)

// Config is the settings of one account.
type Config struct {
	// API is v2, or v1.1 for accounts that still have it.
	API string `yaml:"api"`
	// ConsumerKey and ConsumerSecret are the app's API key and secret. Webhooks are signed with the secret.
	ConsumerKey    string        `yaml:"consumer_key"`
	ConsumerSecret secret.String `yaml:"consumer_secret"`
	// AccessToken and AccessTokenSecret let the app act for the account; it must be allowed to read, write and send messages.
	AccessToken       secret.String `yaml:"access_token"`
	AccessTokenSecret secret.String `yaml:"access_token_secret"`
	// UserID is the account's number. Left out, it is what the access token begins with.
	UserID string `yaml:"user_id"`
	// Webhook takes what X sends to /in/<name>/.
	Webhook bool `yaml:"webhook"`
	// Poll is how often to ask for new mentions; 0 does not ask. X charges for what it tells.
	Poll time.Duration `yaml:"poll"`
	// PollMessages is how often to ask for new private messages; 0 does not ask. X allows 15 calls in 15 minutes.
	PollMessages time.Duration `yaml:"poll_messages"`
	// First is how far back the very first asking goes.
	First time.Duration `yaml:"first"`
	// DailyReads is how many posts and messages asking may bring in a day (UTC) before it pauses; 0 is no limit.
	DailyReads int `yaml:"daily_reads"`
	// MaxLength is how long a post of the account may be, as X counts; Premium accounts have more.
	MaxLength int `yaml:"max_length"`
	// MaxMedia is the largest picture or film that is fetched, in bytes; 0 fetches none.
	MaxMedia int64 `yaml:"max_media"`
	// APIURL is where the API is. Only tests have another.
	APIURL string `yaml:"api_url"`
}

const (
	apiV1 = "v1.1"
	apiV2 = "v2"

	minPoll  = 15 * time.Second
	maxPoll  = 24 * time.Hour
	maxFirst = 30 * 24 * time.Hour
)

// Type is X's entry in the list of connector types.
func Type() connectors.Type {
	return connectors.Type{
		Name: "x", Single: true,
		NewConfig: func() any {
			return &Config{
				API: apiV2, Webhook: true, Poll: 2 * time.Minute, PollMessages: 2 * time.Minute, First: 24 * time.Hour, DailyReads: 5000,
				MaxLength: postLength, MaxMedia: 20 << 20, APIURL: "https://api.x.com",
			}
		},
		New: func(cfg any, env connectors.Env) (connectors.Connector, error) { return New(*cfg.(*Config), env) },
	}
}

// Validate gives all mistakes at once.
func (c *Config) Validate() error {
	const where = ", as the app's page at developer.x.com shows it"
	bad := []error{
		field.Either("api", c.API, apiV2, apiV1),
		field.Missing("consumer_key", c.ConsumerKey == "", where), field.Missing("consumer_secret", c.ConsumerSecret.IsZero(), where),
		field.Missing("access_token", c.AccessToken.IsZero(), where), field.Missing("access_token_secret", c.AccessTokenSecret.IsZero(), where),
	}
	switch {
	case c.UserID != "" && !api.IsID(c.UserID):
		bad = append(bad, field.Errorf("user_id", "must be the account's number, not its name"))
	case c.self() == "" && !c.AccessToken.IsZero():
		bad = append(bad, field.Errorf("user_id", "must be given: the access token does not begin with the account's number"))
	}
	if c.Poll != 0 {
		bad = append(bad, field.Within("poll", c.Poll, c.shortestPoll(), maxPoll))
	}
	if c.PollMessages != 0 {
		bad = append(bad, field.Within("poll_messages", c.PollMessages, c.shortestPoll(), maxPoll))
	}
	if !c.Webhook && c.Poll == 0 && c.PollMessages == 0 {
		bad = append(bad, field.Errorf("webhook", "must be true when poll and poll_messages are 0s: nothing would come in"))
	}
	bad = append(bad, field.Within("first", c.First, 0, maxFirst))
	if c.DailyReads < 0 {
		bad = append(bad, field.Errorf("daily_reads", "must be 0 (no limit) or more, not %d", c.DailyReads))
	}
	bad = append(bad, field.Between("max_length", c.MaxLength, postLength, 25_000))
	if c.MaxMedia < 0 {
		bad = append(bad, field.Errorf("max_media", "must be 0 (fetch none) or more, not %d", c.MaxMedia))
	}
	return errors.Join(append(bad, c.checkURL())...)
}

// shortestPoll is lower where nobody is charged.
func (c *Config) shortestPoll() time.Duration {
	if c.local() {
		return 10 * time.Millisecond
	}
	return minPoll
}

func (c *Config) checkURL() error {
	u, err := url.Parse(c.APIURL)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Scheme != "https" && !c.local() {
		return field.Errorf("api_url", "must be an https:// address without user and query")
	}
	return nil
}

// local tells whether the API is on this machine, as in tests.
func (c *Config) local() bool {
	u, err := url.Parse(c.APIURL)
	if err != nil || u.Scheme != "http" {
		return false
	}
	return loopback.Address(u.Hostname())
}

// self is the account's number.
func (c *Config) self() string {
	if c.UserID != "" {
		return c.UserID
	}
	id, _, ok := strings.Cut(c.AccessToken.Reveal(), "-")
	if !ok || !api.IsID(id) {
		return ""
	}
	return id
}

func (c *Config) options() api.Options {
	return api.Options{Base: c.APIURL, Self: c.self(), Keys: api.Keys{
		ConsumerKey: c.ConsumerKey, ConsumerSecret: c.ConsumerSecret, AccessToken: c.AccessToken, AccessSecret: c.AccessTokenSecret,
	}}
}
