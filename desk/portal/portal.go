// Package portal is what customers and channels reach: the connectors that receive over HTTP, and the customer's
// page of a thread. It knows neither registry nor queue.
package portal

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"go.uber.org/zap"

	"loket/internal/field"
	"loket/internal/limit"
	"loket/internal/message"
	"loket/internal/page"
	"loket/internal/trouble"
	"loket/router/thread"
)

// Options is what a portal is made of. Tokens, Threads, Accept, Blobs and Log are needed.
type Options struct {
	// Connectors by name, each mounted at /in/<name>/ with that prefix removed.
	Connectors map[string]http.Handler
	Tokens     *thread.Tokens
	Threads    Threads
	// Accept takes what customers write on the page of their thread: nil = stored. From, Connector and Channel are
	// for it to fill in from the thread.
	Accept func(ctx context.Context, m *message.Message) error
	Blobs  Blobs
	// TrustedProxies are the peers whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	Log            *zap.Logger
	// RatePerMinute is how often one client address may write on pages of threads; it may read them ten times as
	// often. 0 is no limit.
	RatePerMinute int
	// MaxBytes bounds what is sent on the page of a thread, files included; 0 is 1 MiB. Connectors have bounds of their own.
	MaxBytes int64
	// MaxFiles is how many files may come with it; 0 is none.
	MaxFiles int
	// Matter tells how what a thread is about stands with us; nil tells nothing, in UTC.
	Matter func(ctx context.Context, th *thread.Thread) Matter
	// Rate takes what the customer of a thread says of how it went: nil = stored. ErrNotRatable is an answer, other errors may pass. nil lets
	// nobody rate.
	Rate func(ctx context.Context, th *thread.Thread, rating Rating) error
	// Watch gives hints when something happened to a task, until stop is called; nil gives none, and pages hear of changes at each beat.
	Watch func(task string) (hints <-chan struct{}, stop func())
	// Types is told that the customer of a thread is writing; Writing gives the ids of the tasks in which one of us is. nil tells nobody.
	Types   func(ctx context.Context, th *thread.Thread) error
	Writing func(ctx context.Context) (map[string]bool, error)
	// Look is that of the pages; nil is a plain one.
	Look *page.Look
	// Stopping is closed when the daemon stops: streams end.
	Stopping <-chan struct{}
	// Now is the clock; nil is the machine's.
	Now func() time.Time
	// Refused is told of whoever is turned away for guessing: link. May be nil.
	Refused func(reason string)
}

// Threads is what was said. *thread.Threads is one.
type Threads interface {
	Find(ctx context.Context, id string) (*thread.Thread, error)
	Newest(ctx context.Context, id string, messages, bytes int) (entries []thread.Entry, older bool, err error)
	Message(ctx context.Context, thread, id string) (thread.Entry, error)
}

// Blobs keeps attachments. Putting the same name twice is harmless.
type Blobs interface {
	// Put stores what r gives, durably when it returns nil; on an error nothing is left.
	Put(ctx context.Context, name string, r io.Reader) (int64, error)
	// Get opens what is stored. What is not there is an error that is fs.ErrNotExist; others may pass.
	Get(ctx context.Context, name string) (io.ReadSeekCloser, int64, error)
}

const (
	defaultMaxBytes = 1 << 20
	readsPerWrite   = 10
)

// A Portal is the handler of the public listener. Its methods may be called concurrently.
type Portal struct {
	connectors map[string]http.Handler
	tokens     *thread.Tokens
	threads    Threads
	accept     func(ctx context.Context, m *message.Message) error
	blobs      Blobs
	proxies    []netip.Prefix
	maxBytes   int64
	maxFiles   int
	matter     func(ctx context.Context, th *thread.Thread) Matter
	saveRating func(ctx context.Context, th *thread.Thread, rating Rating) error
	watch      func(task string) (<-chan struct{}, func())
	stopping   <-chan struct{}
	now        func() time.Time
	refused    func(reason string)

	routes        http.Handler
	pages         *pages
	reads, writes *limit.Limiter
	bodies        *limit.Bodies
	guesses       *limit.Limiter // links that are none
	streams       *limit.Streams
	followers     followers
	types         func(ctx context.Context, th *thread.Thread) error
	typists       typists

	reading, taking, opening, ratings *trouble.Log
}

// New makes the handler of the public listener. It holds nothing that has to be closed.
func New(o Options) (*Portal, error) {
	if err := field.Given(o, "Tokens", "Threads", "Accept", "Blobs", "Log"); err != nil {
		return nil, err
	}
	o = o.withDefaults()
	of := func(what string) *trouble.Log {
		return trouble.New(o.Log.With(zap.String("what", what)), "does not work", "works again")
	}
	p := &Portal{
		connectors: o.Connectors, tokens: o.Tokens, threads: o.Threads, accept: o.Accept, blobs: o.Blobs, proxies: o.TrustedProxies,
		maxBytes: o.MaxBytes, maxFiles: o.MaxFiles, matter: o.Matter, saveRating: o.Rate, watch: o.Watch, stopping: o.Stopping, now: o.Now, refused: o.Refused,
		pages: newPages(o.Look), reading: of("reading threads"), taking: of("accepting messages"), opening: of("opening attachments"), ratings: of("storing ratings"),
		reads:  limit.New(readsPerWrite*o.RatePerMinute, o.Now),
		writes: limit.New(o.RatePerMinute, o.Now), guesses: limit.New(o.RatePerMinute, o.Now), bodies: limit.NewBodies(),
		streams: limit.NewStreams(livePerClient, liveInAll), followers: followers{of: map[string]int{}},
		types: o.Types, typists: typists{ask: o.Writing, now: o.Now},
	}
	p.routes = p.mux()
	return p, nil
}

func (o Options) withDefaults() Options {
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.Matter == nil {
		o.Matter = func(context.Context, *thread.Thread) Matter { return Matter{Zone: time.UTC} }
	}
	if o.Rate == nil {
		o.Rate = func(context.Context, *thread.Thread, Rating) error { return ErrNotRatable }
	}
	if o.Watch == nil {
		o.Watch = func(string) (<-chan struct{}, func()) { return nil, func() {} }
	}
	if o.Types == nil {
		o.Types = func(context.Context, *thread.Thread) error { return nil }
	}
	if o.Writing == nil {
		o.Writing = func(context.Context) (map[string]bool, error) { return nil, nil }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Refused == nil {
		o.Refused = func(string) {}
	}
	return o
}

// mux shows every path of the public listener.
func (p *Portal) mux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("/in/{name}", p.addSlash)
	mux.HandleFunc("/in/{name}/", p.mounted)
	mux.HandleFunc("/t/{token}", p.withThread(p.conversation))
	mux.HandleFunc("/t/{token}/live", p.withThread(p.live))
	mux.HandleFunc("/t/{token}/typing", p.withThread(p.typing))
	mux.HandleFunc("/t/{token}/transcript", p.withThread(p.save))
	mux.HandleFunc("/t/{token}/rating", p.withThread(p.rate))
	mux.HandleFunc("/s/{hash}/thread.js", p.script)
	mux.HandleFunc("/t/{token}/a/{message}/{n}", p.withThread(p.attachment))
	mux.HandleFunc("/", p.nowhere)
	return mux
}

// maxParams bounds the query of an address; Twilio's webhooks have some ten parameters.
const maxParams = 100

// ServeHTTP sets what holds for every answer, finds out who asks and bounds what each sends at the same time, whomever it is
// for; then the routes have it.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.pages.secure(w.Header())
	if client := limit.Client(r, p.proxies); client != r.RemoteAddr {
		r = r.WithContext(r.Context()) // a copy: the server's own request stays as it came
		r.RemoteAddr = client
	}
	defer p.bodies.Open(w, r)()
	if strings.Count(r.URL.RawQuery, "&") >= maxParams {
		p.refuse(w, r, &refusal{
			status: http.StatusBadRequest, detail: fmt.Sprintf("the address has more than %d parameters", maxParams),
			say: func(w *words) string { return w.Unreadable },
		})
		return
	}
	p.routes.ServeHTTP(w, r)
}

// mounted hands the request to its connector.
func (p *Portal) mounted(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	h := p.connectors[name]
	if h == nil {
		p.nowhere(w, r)
		return
	}
	http.StripPrefix("/in/"+name, h).ServeHTTP(w, r)
}

// addSlash leads to where the connector is mounted, with method and body. The address is relative, so that it
// holds behind a proxy that adds a path of its own.
func (p *Portal) addSlash(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if p.connectors[name] == nil {
		p.nowhere(w, r)
		return
	}
	to := "./" + name + "/"
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusTemporaryRedirect)
}

// nowhere is the answer to every path that is not there, wrong tokens too: it gives nothing away.
func (p *Portal) nowhere(w http.ResponseWriter, r *http.Request) {
	p.refuse(w, r, &refusal{status: http.StatusNotFound, detail: "there is nothing here", say: func(w *words) string { return w.Nothing }})
}

// withThread lets through who holds a token of ours. Whoever tries others is slowed; a right one is never.
func (p *Portal) withThread(serve func(w http.ResponseWriter, r *http.Request, id string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, err := p.tokens.Thread(r.PathValue("token"))
		if err != nil {
			if wait := p.guesses.Take(r.RemoteAddr); wait > 0 {
				p.refused("link")
				p.refuse(w, r, tooMany(wait))
				return
			}
			p.nowhere(w, r)
			return
		}
		serve(w, r, id)
	}
}
