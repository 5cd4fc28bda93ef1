// Package pages is the desk in a browser: what people who answer see and do. Every page is whole and every action a form, so that it
// works without scripts. It calls the desk as the API does, and knows who asks by a cookie, never by a token.
package pages

import (
	"context"
	"embed"
	"errors"
	"html/template"
	"io"
	"net/http"
	"net/netip"
	"runtime/debug"
	"time"

	"go.uber.org/zap"

	"loket/desk"
	"loket/desk/access"
	"loket/desk/customers"
	"loket/desk/figures"
	"loket/desk/people"
	"loket/internal/limit"
	"loket/internal/loopback"
	"loket/internal/page"
)

//go:embed templates/*.html
var templates embed.FS

// Options are what the pages are made of. All must be given but Process, Configuration, Export, TrustedProxies, Refused, Metrics, Now and Log.
type Options struct {
	Desk      *desk.Desk
	Customers *customers.Service
	People    *people.Service
	Figures   *figures.Service
	Access    func() *access.Control // the people that hold now
	// Process says how the process stands, Configuration what it goes by, without secrets. Both may be nil.
	Process       func(ctx context.Context) desk.Process
	Configuration func() (string, error)
	// Export writes everything there is about a customer, as a file. May be nil.
	Export func(ctx context.Context, w io.Writer, e *customers.Export) error
	// Hosts are the names by which the desk is reached, beside localhost and loopback addresses.
	Hosts []string
	// TrustedProxies are the peers whose X-Forwarded-For and -Proto are believed.
	TrustedProxies []netip.Prefix
	// Refused is told why somebody was turned away: host, sign-in, slowed.
	Refused func(reason string)
	Metrics *Metrics
	Now     func() time.Time
	Log     *zap.Logger
}

// A Handler serves the pages. It holds nothing that has to be closed.
type Handler struct {
	desk      *desk.Desk
	customers *customers.Service
	people    *people.Service
	figures   *figures.Service
	access    func() *access.Control
	process   func(ctx context.Context) desk.Process

	configuration func() (string, error)
	export        func(ctx context.Context, w io.Writer, e *customers.Export) error

	hosts   loopback.Names
	proxies []netip.Prefix
	refused func(string)
	now     func() time.Time
	log     *zap.Logger

	mux    *http.ServeMux
	html   *template.Template
	origin *http.CrossOriginProtection
	bodies *limit.Bodies

	languages *page.Languages

	hub     *hub
	streams streams
	metrics *Metrics
}

// New makes the handler of the pages.
func New(o Options) (*Handler, error) {
	if o.Desk == nil || o.Customers == nil || o.People == nil || o.Figures == nil || o.Access == nil {
		return nil, errors.New("pages: Desk, Customers, People, Figures and Access must be given")
	}
	h := &Handler{
		desk: o.Desk, customers: o.Customers, people: o.People, figures: o.Figures, access: o.Access, process: o.Process, configuration: o.Configuration, export: o.Export, hosts: loopback.NewNames(o.Hosts), proxies: o.TrustedProxies,
		refused: o.Refused, now: o.Now, log: o.Log, mux: http.NewServeMux(), origin: http.NewCrossOriginProtection(), bodies: limit.NewBodies(),
		streams: streams{of: map[string]int{}}, metrics: o.Metrics,
	}
	if h.refused == nil {
		h.refused = func(string) {}
	}
	if h.process == nil {
		h.process = func(context.Context) desk.Process { return desk.Process{} }
	}
	if h.configuration == nil {
		h.configuration = func() (string, error) { return "", nil }
	}
	if h.export == nil {
		h.export = noExport
	}
	if h.now == nil {
		h.now = time.Now
	}
	if h.log == nil {
		h.log = zap.NewNop()
	}
	var err error
	if h.languages, err = page.NewLanguages("en", "nl"); err != nil {
		return nil, err
	}
	h.html = template.Must(template.New("").Funcs(template.FuncMap{"pair": pair}).ParseFS(templates, "templates/*.html"))
	h.hub = newHub(h.desk, h.rowIn, h.log, h.metrics)
	for _, r := range h.routes() {
		h.mux.HandleFunc(r.method+" "+r.path, r.handle)
	}
	return h, nil
}

// Run tells browsers what happens while they look, until ctx ends. It is called once.
func (h *Handler) Run(ctx context.Context) error { return h.hub.run(ctx) }

// Serves tells whether a path is one of the pages.
func (h *Handler) Serves(r *http.Request) bool {
	_, pattern := h.mux.Handler(r)
	return pattern != ""
}

// policy is the Content-Security-Policy of every page: nothing from elsewhere, no script and no style but the desk's own files, and text
// becomes HTML in one policy of the scripts only (html.js).
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'; " +
	"frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types loket"

// ServeHTTP answers only to names that are ours, and to forms that our own pages sent.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer h.recover(w, r)
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("X-Robots-Tag", "noindex")
	header.Set("Cache-Control", "no-store")
	words := h.wordsFor(r)
	_, pattern := h.mux.Handler(r)
	if pattern == "GET "+staticPath { // what pages look like is no secret, and those that refuse a name need it
		h.mux.ServeHTTP(w, r)
		return
	}
	if !h.answersTo(r.Host) { // a name of somebody else's that leads here
		h.refused("host")
		h.problem(w, words, http.StatusMisdirectedRequest, words.WrongHost)
		return
	}
	if !h.isSecure(r) {
		h.problem(w, words, http.StatusBadRequest, words.NotSecure)
		return
	}
	if err := h.origin.Check(r); err != nil {
		h.refused("origin")
		h.problem(w, words, http.StatusForbidden, words.WrongOrigin)
		return
	}
	client := limit.Client(r, h.proxies)
	r = r.WithContext(context.WithValue(r.Context(), httpsKey{}, h.isHTTPS(r))) // a copy: the server's own request stays as it came
	r.RemoteAddr = client
	defer h.bodies.Open(w, r)()
	// A page that is asked for as a picture is asked for by a message that is shown, also by one that was led here from elsewhere.
	if pattern == "" || r.Header.Get("Sec-Fetch-Dest") == "image" && pattern != "GET "+picturePath {
		h.problem(w, words, http.StatusNotFound, words.Nothing)
		return
	}
	h.mux.ServeHTTP(w, r)
}

func (h *Handler) recover(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(p)
	}
	h.log.Error("page panicked", zap.String("path", r.Pattern), zap.Any("panic", p), zap.ByteString("stack", debug.Stack()))
	words := h.wordsFor(r)
	h.problem(w, words, http.StatusInternalServerError, words.Inside)
}

// pair gives a template both the words and what it is about.
func pair(w *words, v any) map[string]any { return map[string]any{"W": w, "V": v} }

type contextKey struct{}

// visitor is who asks for a page.
type visitor struct {
	by       access.Actor
	words    *words
	settings people.Settings
}

func visitorOf(ctx context.Context) *visitor {
	v, _ := ctx.Value(contextKey{}).(*visitor)
	return v
}
