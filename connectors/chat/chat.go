package chat

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"loket/connectors"
	"loket/connectors/hook"
	"loket/connectors/notify"
	"loket/internal/limit"
	"loket/internal/message"
	"loket/internal/page"
	"loket/internal/problem"
	"loket/internal/trouble"
)

// A Chat is the connector: an http.Handler that serves the frame at /, the script for other pages at /chat.js, and takes what visitors
// write. Its methods may be called concurrently, and before, during and after Run.
type Chat struct {
	*hook.Counters
	cfg     Config
	env     connectors.Env
	pages   *pages
	limit   *limit.Limiter // messages
	marks   *limit.Limiter // and what else the frame says by itself
	now     func() time.Time
	storing *trouble.Log
	told    *notify.Notifier
	login   *login
	routes  http.Handler
}

// New makes the chat of a configuration that Validate found right.
func New(cfg Config, env connectors.Env) (*Chat, error) {
	origins, _ := page.Origins("origins", cfg.Origins) // found right
	pages, err := newPages(cfg, origins, env.Look)
	if err != nil {
		return nil, fmt.Errorf("make chat %s: %w", env.Name, err)
	}
	c := &Chat{
		Counters: newCounters(env.Name),
		cfg:      cfg, env: env, pages: pages, limit: limit.New(cfg.RatePerMinute, time.Now), marks: limit.New(2*cfg.RatePerMinute, time.Now), now: time.Now,
		storing: trouble.New(env.Log, "message not accepted", "messages are accepted again"),
	}
	c.told = notify.New(notify.Options{By: cfg.Notify, Languages: cfg.Languages, Words: told, Env: env, Seen: c.wasSeen, Now: func() time.Time { return c.now() }})
	if c.login, err = newLogin(cfg.SignIn, env.Region, c.now); err != nil {
		return nil, fmt.Errorf("make chat %s: %w", env.Name, err)
	}
	c.routes = c.mux()
	return c, nil
}

// Run waits until ctx is done: requests come to ServeHTTP by themselves.
func (c *Chat) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// mux shows every path of the chat.
func (c *Chat) mux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", c.show)
	mux.HandleFunc("POST /{$}", c.take)
	mux.HandleFunc("POST /read", c.read)
	mux.HandleFunc("POST /mine", c.mine)
	mux.HandleFunc("POST /transcript", c.mail)
	mux.HandleFunc("GET /chat.js", c.pages.script)
	mux.HandleFunc("GET /s/{hash}/{name}", c.pages.file)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		problem.New(http.StatusNotFound, "there is nothing here").Write(w)
	})
	return mux
}

// ServeHTTP serves the frame and takes posts. There is no session and no cookie, so a post from another site can do no more than its sender
// could do themselves.
func (c *Chat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.pages.secure(w.Header())
	c.routes.ServeHTTP(w, r)
}

// MaxUpload holds for the page of a conversation, too.
func (c *Chat) MaxUpload() (bytes int64, files int) { return c.cfg.MaxBytes, c.cfg.MaxAttachments }

// Metrics count what frames say, and what visitors are told elsewhere.
func (c *Chat) Metrics() prometheus.Collector { return metrics{c.Counters, c.told} }

// Find answers that sending again makes nothing twice.
func (c *Chat) Find(context.Context, *message.Message) (connectors.Receipt, bool, error) {
	return connectors.Receipt{}, false, nil
}

var (
	_ connectors.Connector = (*Chat)(nil)
	_ connectors.Sender    = (*Chat)(nil)
	_ connectors.Finder    = (*Chat)(nil)
	_ connectors.Reminded  = (*Chat)(nil)
	_ connectors.Uploader  = (*Chat)(nil)
	_ connectors.Metered   = (*Chat)(nil)
	_ http.Handler         = (*Chat)(nil)
)
