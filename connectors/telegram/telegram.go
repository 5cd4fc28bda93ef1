// Package telegram is the channel of a bot of Telegram: what people write to it in private, and our answers.
package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"loket/connectors"
	"loket/connectors/fetch"
	"loket/connectors/hook"
	"loket/connectors/poll"
	"loket/connectors/vendor"
	"loket/internal/body"
	"loket/internal/field"
	"loket/internal/secret"
)

// Config is the settings of a bot.
type Config struct {
	Token       secret.String `yaml:"token"`        // as BotFather gives it
	SecretToken secret.String `yaml:"secret_token"` // which Telegram shows with what it posts; without one updates are polled
	APIURL      string        `yaml:"api_url"`      // another server of the Bot API, or a stand-in for tests
}

const (
	defaultAPI   = "https://api.telegram.org"
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
	wanted       = `["message","edited_message","my_chat_member"]` // of the updates that there are
	fileWait     = 2 * time.Minute                                 // how long a message waits for its file
	fileKnown    = 24 * time.Hour                                  // how long it is known that one came before: as long as Telegram keeps it
)

// Type is Telegram's entry in the list of connector types. Run is single, because Telegram lets one program poll.
func Type() connectors.Type {
	return connectors.Type{
		Name: "telegram", Single: true, NewConfig: func() any { return &Config{APIURL: defaultAPI} },
		New: func(cfg any, env connectors.Env) (connectors.Connector, error) { return New(*cfg.(*Config), env) },
	}
}

// Validate gives all mistakes at once.
func (c *Config) Validate() error {
	return errors.Join(
		field.Matches("token", c.Token.Reveal(), `[1-9][0-9]{0,19}:[A-Za-z0-9_-]{10,100}`, "must be that of a bot, as BotFather gives it: digits, a colon and letters"),
		field.Matches("secret_token", c.SecretToken.Reveal(), `([A-Za-z0-9_-]{16,256})?`, "must be 16 to 256 letters, digits, _ or -"),
		vendor.CheckAddress("api_url", c.APIURL, defaultAPI))
}

// A Bot is the connector. Its methods may be called concurrently, and before, during and after Run.
type Bot struct {
	connectors.Direct
	*hook.Hook
	*hook.Counters
	*poll.Loop
	cfg    Config
	env    connectors.Env
	api    *vendor.Client
	files  *fetch.Client
	hookAt string // "" when updates are polled
	offset int64  // of the next poll
}

// New makes the connector of a configuration that Validate found right. It calls nobody.
func New(cfg Config, env connectors.Env) (*Bot, error) {
	host, token := strings.TrimSuffix(cfg.APIURL, "/"), "/bot"+cfg.Token.Reveal() // which may stand in no error and no log
	api, err := vendor.New(vendor.Options{Vendor: "Telegram", Base: host + token, Read: vendor.Refusals("description", "parameters.retry_after", reasons())})
	if err != nil {
		return nil, fmt.Errorf("make connector %s: %w", env.Name, err)
	}
	b := &Bot{cfg: cfg, env: env, api: api, Direct: connectors.Direct{
		Channel: "telegram", Title: "Telegram", Kind: "tg", Text: 4096, Caption: 1024, Files: 1, Bytes: 50 << 20,
		Length: func(text string) int { return len(utf16.Encode([]rune(text))) }, Counted: "an emoji 2",
	}, Counters: hook.NewCounters(hook.Counts{
		Name: "telegram", Vendor: "Telegram", Connector: env.Name, Events: []string{"update"}, Ways: []string{"webhook", "polling"},
		Reasons: []string{hook.Signature, hook.TooLarge, hook.Slow, hook.Unreadable, hook.Unknown, hook.Busy, hook.NotStored, "file", "other"},
	})}
	b.files = fetch.New(fetch.Options{
		Sources:  []fetch.Source{{Origins: []string{host}, Path: "/file" + token + "/"}},
		MaxBytes: 20 << 20, Within: 20 * time.Second, Pauses: []time.Duration{time.Second},
		Missing: MarkNoFile, GaveUp: func(err error) { b.Refused("file", err) },
	}, env.Blobs)
	b.Hook = hook.New(hook.Options{
		Paths: map[string]hook.Take{"/": func(ctx context.Context, r *hook.Request) (hook.Answer, error) {
			return hook.Answer{}, b.take(ctx, vendor.Item{Fields: vendor.Flatten(r.Content), Raw: r.Content}, "webhook")
		}},
		Admit: hook.HasToken(secretHeader, cfg.SecretToken), Verify: hook.Always, Signature: secretHeader + " must be the secret_token",
		Limits: body.Limits{Bytes: 1 << 20, Depth: 30, Values: 10_000}, AnswerWithin: 50 * time.Second, Counters: b.Counters, Log: env.Log,
	})
	loop := poll.Options{Pass: b.poll, Every: 100 * time.Millisecond, Longest: time.Minute, Settle: 3 * time.Minute}
	if !cfg.SecretToken.IsZero() {
		b.hookAt, loop = env.HookURL("/"), poll.Options{Pass: b.look, Every: 5 * time.Minute}
	}
	loop.Log, loop.Failed, loop.Again = env.Log, "no updates from Telegram", "updates come from Telegram again"
	b.Loop = poll.New(loop)
	return b, nil
}

// Run polls until ctx is done, or looks now and then whether the webhook is right.
func (b *Bot) Run(ctx context.Context) error { return b.Serve(ctx, b.files.Close, b.api.Close) }

// poll takes what waits at Telegram, which keeps an update until what comes after it is asked for. So the position is kept
// there alone: ours begins without one, and ends when nothing is left, because numbers begin anew after an idle week.
func (b *Bot) poll(ctx context.Context) error {
	query := url.Values{"timeout": {"20"}, "allowed_updates": {wanted}, "offset": {strconv.FormatInt(b.offset, 10)}}
	updates, _, err := b.api.List(ctx, vendor.Call{Path: "/getUpdates", Query: query}, "result")
	if err != nil {
		return err
	}
	b.offset = 0
	for _, update := range updates {
		if err := b.take(ctx, update, "polling"); err != nil {
			return err
		}
		b.offset = max(b.offset, update.Int("update_id")+1)
	}
	return nil
}

// take takes responsibility for an update, or gives an error and leaves it to come again.
func (b *Bot) take(ctx context.Context, update vendor.Item, by string) error {
	if why := unreadable(update.Fields); why != "" {
		b.Refused(hook.Unreadable, nil)
		update.Private = true
		return update.Quarantine(ctx, b.env, b.Channel, "this update of Telegram cannot be read: "+why)
	}
	m, files := b.read(update.Fields)
	if m == nil {
		b.Refused("other", nil)
		return nil
	}
	err := b.files.AttachWhile(ctx, m, files, fetch.FromFirstTry(b.env.Cursor.Once, m.ID, fileWait, fileKnown))
	if err == nil {
		err = b.env.Accept(ctx, m)
	}
	if err == nil {
		b.Took("update", by)
	}
	return err
}
