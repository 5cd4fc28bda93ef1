package webform

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"loket/connectors"
	"loket/connectors/notify"
	"loket/internal/limit"
	"loket/internal/message"
	"loket/internal/page"
	"loket/internal/problem"
	"loket/internal/trouble"
)

// A Form is the connector: an http.Handler that serves the form at / and takes what is posted there.
// Its methods may be called concurrently, and before, during and after Run.
type Form struct {
	cfg     Config
	env     connectors.Env
	pages   *pages
	origins []string // as browsers send them
	limit   *limit.Limiter
	now     func() time.Time
	caught  atomic.Int64 // posts that filled in the trap
	told    *notify.Notifier
	storing *trouble.Log
}

// New makes the form of a configuration that Validate found right.
func New(cfg Config, env connectors.Env) (*Form, error) {
	pages, err := newPages(cfg, env.Look)
	if err != nil {
		return nil, fmt.Errorf("make form %s: %w", env.Name, err)
	}
	origins, _ := page.Origins("origins", cfg.Origins) // found right
	f := &Form{
		cfg: cfg, env: env, pages: pages, origins: origins, limit: limit.New(cfg.RatePerMinute, time.Now), now: time.Now,
		storing: trouble.New(env.Log, "message not accepted", "messages are accepted again"),
	}
	f.told = notify.New(notify.Options{By: cfg.Notify, Languages: cfg.Languages, Words: told, Env: env, Now: func() time.Time { return f.now() }})
	return f, nil
}

// Run waits until ctx is done: requests come to ServeHTTP by themselves.
func (f *Form) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// ServeHTTP shows the form and takes posts. There is no session and no cookie, so a post from another site can do
// no more than its sender could do themselves.
func (f *Form) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.pages.secure(w.Header())
	f.share(w.Header(), r)
	if r.URL.Path != "/" && r.URL.Path != "" {
		problem.New(http.StatusNotFound, "there is nothing here").Write(w)
		return
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		f.show(w, r)
	case http.MethodPost:
		f.submit(w, r)
	case http.MethodOptions:
		f.options(w, r)
	default:
		w.Header().Set("Allow", methods)
		problem.New(http.StatusMethodNotAllowed, "the method must be one of %s", methods).Write(w)
	}
}

// MaxUpload gives the bounds of a post.
func (f *Form) MaxUpload() (bytes int64, files int) { return f.cfg.MaxBytes, f.cfg.MaxAttachments }

// tellAfter is when a customer is told of an answer: it must stand on the page by then.
const tellAfter = 2 * time.Second

// Send has nothing to send: the customer reads the reply on the page of the thread, where it stands already. They are told where they
// left an address, if the form is to.
func (f *Form) Send(ctx context.Context, m *message.Message) (connectors.Receipt, error) {
	if err := f.told.Keep(ctx, m, f.now().Add(tellAfter)); err != nil {
		return connectors.Receipt{}, fmt.Errorf("send to form: %w", err)
	}
	return connectors.Receipt{ID: m.ID, State: connectors.Delivered}, nil
}

// Remind tells the customer elsewhere of an answer.
func (f *Form) Remind(ctx context.Context, key string, due time.Time) (again time.Time, err error) {
	return f.told.Remind(ctx, key, due)
}

// Metrics count what customers are told elsewhere.
func (f *Form) Metrics() prometheus.Collector { return f.told }

// Find answers that sending again makes nothing twice.
func (f *Form) Find(context.Context, *message.Message) (connectors.Receipt, bool, error) {
	return connectors.Receipt{}, false, nil
}

var (
	_ connectors.Connector = (*Form)(nil)
	_ connectors.Sender    = (*Form)(nil)
	_ connectors.Finder    = (*Form)(nil)
	_ connectors.Reminded  = (*Form)(nil)
	_ connectors.Metered   = (*Form)(nil)
	_ connectors.Uploader  = (*Form)(nil)
	_ http.Handler         = (*Form)(nil)
)
