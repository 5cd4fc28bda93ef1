package x

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"loket/connectors"
	"loket/connectors/echo"
	"loket/connectors/fetch"
	"loket/connectors/hook"
	"loket/connectors/poll"
	"loket/connectors/vendor"
	"loket/connectors/x/api"
)

// A platform is one of the two APIs.
type platform interface {
	Mentions(ctx context.Context, since string, from time.Time, page string) (posts []api.Post, next string, err error)
	Directs(ctx context.Context, page string) (directs []api.Direct, next string, err error)
	Own(ctx context.Context, page string) (posts []api.Post, next string, err error)
	Reply(ctx context.Context, to, text string, media []string) (id string, err error)
	Write(ctx context.Context, conversation, recipient, text string, media []string) (id string, err error)
	Upload(ctx context.Context, file vendor.File, direct bool) (id string, err error)
	Close()
}

// An Account is the connector of one account of X. Its methods may be called concurrently, and before, during and after
// Run; Run itself once.
type Account struct {
	*hook.Counters
	*hook.Hook
	cfg   Config
	env   connectors.Env
	self  string // the account's number
	api   platform
	app   *api.App
	files *fetch.Client
	own   *echo.Echoes
	taken echo.Answers
	note  sync.Mutex // of what was taken
	loops []*poll.Loop
	now   func() time.Time

	budget *poll.Budget // of a day
}

// New makes the connector of a configuration that Validate found right. It connects to nothing yet.
func New(cfg Config, env connectors.Env) (*Account, error) {
	var p platform
	var err error
	if cfg.API == apiV1 {
		p, err = api.NewV1(cfg.options())
	} else {
		p, err = api.NewV2(cfg.options())
	}
	if err != nil {
		return nil, fmt.Errorf("make connector %s: %w", env.Name, err)
	}
	a := &Account{
		cfg: cfg, env: env, self: cfg.self(), api: p, app: api.NewApp(cfg.options()), own: echo.New(env.Cursor),
		taken: echo.Answers{Cursor: env.Cursor, Now: time.Now}, Counters: newCounts(env), now: time.Now,
	}
	a.files = newFiles(cfg, env.Blobs, a.Refused)
	a.budget = &poll.Budget{Cursor: env.Cursor, Key: "reads", Most: cfg.DailyReads, Spent: errSpent, Now: func() time.Time { return a.now() }}
	a.Hook, a.loops = a.newHook(), a.newLoops()
	return a, nil
}

// Run asks X for what is new, as often as configured, until ctx is done. What comes by webhook needs no Run.
func (a *Account) Run(ctx context.Context) error {
	defer a.api.Close()
	defer a.files.Close()
	poll.All(ctx, a.loops...)
	<-ctx.Done() // there may be none
	return nil
}

var _ = []any{
	connectors.Connector((*Account)(nil)), connectors.Sender((*Account)(nil)), connectors.Checker((*Account)(nil)), connectors.Finder((*Account)(nil)),
	connectors.Reacher((*Account)(nil)), connectors.Referrer((*Account)(nil)), connectors.Guide((*Account)(nil)),
	connectors.Troubled((*Account)(nil)), connectors.Metered((*Account)(nil)), http.Handler((*Account)(nil)),
}
