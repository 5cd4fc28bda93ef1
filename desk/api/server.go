// Package api is the desk over HTTP: the server, and the client that the command line is made of. It alone says how things
// are written in JSON: what is encoded is declared here.
package api

import (
	"context"
	_ "embed"
	"errors"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"go.uber.org/zap"

	"loket/desk"
	"loket/desk/customers"
	"loket/desk/figures"
	"loket/desk/people"
	"loket/internal/field"
	"loket/internal/limit"
)

//go:embed openapi.yaml
var document []byte

// Document is the description of the API, OpenAPI 3.0.
func Document() []byte { return document }

// Options are what the API is made of. Desk and Customers must be given; the rest may be left out.
type Options struct {
	Desk      *desk.Desk
	Customers *customers.Service
	Figures   *figures.Service
	People    *people.Service

	Metrics http.Handler
	// Health tells whether the process is well, Ready whether it can take messages in; the reasons say what speaks
	// against it, or what is to be known although nothing does.
	Health, Ready func(ctx context.Context) (ok bool, reasons []string)
	Process       func(ctx context.Context) desk.Process // for GET /status
	// Stopping is closed when the daemon stops: what waits is answered, and streams end.
	Stopping <-chan struct{}
	Log      *zap.Logger
	MaxBody  int64 // bytes of one request; 32 MB
	// Hosts are the names by which the API is reached, beside localhost and addresses.
	Hosts []string
	// TrustedProxies are the peers whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// Refused is told why somebody was turned away at the door: host, token, slowed. May be nil.
	Refused func(reason string)
}

// ZoneHeader is in every answer the zone in which people read times that belong to no team, such as Europe/Amsterdam.
const ZoneHeader = "Loket-Zone"

const (
	defaultMaxBody = 32 << 20
	// answerWithin is how long writing an answer may take, on top of what the call itself waits.
	answerWithin = 30 * time.Second
)

type server struct {
	desk      *desk.Desk
	customers *customers.Service
	figures   *figures.Service
	people    *people.Service

	metrics        http.Handler
	healthy, ready func(ctx context.Context) (ok bool, reasons []string)
	process        func(ctx context.Context) desk.Process
	stopping       <-chan struct{}
	log            *zap.Logger
	maxBody        int64
	proxies        []netip.Prefix
	refused        func(reason string)

	mux  *http.ServeMux
	door *door
	// bodies bounds what clients send at the same time, as on the public listener: a token is no leave to fill the memory.
	bodies *limit.Bodies
}

// New gives the API. It holds nothing that has to be closed.
func New(o Options) (http.Handler, error) {
	if err := field.Given(o, "Desk", "Customers"); err != nil {
		return nil, err
	}
	o = o.withDefaults()
	s := &server{
		desk: o.Desk, customers: o.Customers, figures: o.Figures, people: o.People, metrics: o.Metrics, healthy: o.Health, ready: o.Ready, process: o.Process,
		stopping: o.Stopping, log: o.Log, maxBody: o.MaxBody, proxies: o.TrustedProxies, refused: o.Refused,
		mux: http.NewServeMux(), door: newDoor(o.Hosts), bodies: limit.NewBodies(),
	}
	for _, r := range s.routes() {
		s.mux.HandleFunc(r.method+" "+r.path, s.serve(r.handle))
	}
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if o.Metrics == nil {
		o.Metrics = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	}
	if o.MaxBody == 0 {
		o.MaxBody = defaultMaxBody
	}
	if o.Refused == nil {
		o.Refused = func(string) {}
	}
	return o
}

// ServeHTTP answers only to names that are ours, and lets nobody in without a token, but to what this machine itself may look at. Only a bearer token
// counts, never a cookie: what a browser sends along by itself opens nothing.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer s.recover(w, r)
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set(ZoneHeader, s.desk.Zone())
	if !s.door.answersTo(r.Host) {
		s.refused("host")
		s.answer(w, r, errHost)
		return
	}
	token, local := bearer(r), isLocal(r)
	who, err := s.desk.Authenticate(token)
	if free := isOpen(r.URL.Path) && local; !free && !s.admitted(w, r, token, local, err) {
		return
	}
	r = r.WithContext(context.WithValue(r.Context(), principalKey{}, who))
	r.RemoteAddr = limit.Client(r, s.proxies)
	if _, pattern := s.mux.Handler(r); pattern == "" {
		s.nowhere(w, r)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// admitted tells whether a token lets somebody in, and answers when it does not; wrong is what the desk says of it.
func (s *server) admitted(w http.ResponseWriter, r *http.Request, token string, local bool, wrong error) bool {
	addr := limit.Client(r, s.proxies)
	if wait := s.door.wait(addr, token, wrong == nil, local); wait > 0 {
		s.refused("slowed")
		s.door.tell(s.log, addr)
		s.write(w, slowed(wait))
		return false
	}
	if wrong != nil {
		s.refused("token")
		s.answer(w, r, wrong)
	}
	return wrong == nil
}

type principalKey struct{}

func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// nowhere answers for a path that is not there, or not with this method.
func (s *server) nowhere(w http.ResponseWriter, r *http.Request) {
	said := &discard{header: http.Header{}}
	s.mux.ServeHTTP(said, r)
	if said.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", said.header.Get("Allow"))
		s.answer(w, r, errMethod)
		return
	}
	s.answer(w, r, errPath)
}

// discard hears only the status of an answer.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }

func (s *server) recover(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(p)
	}
	s.log.Error("request panicked", zap.String("path", r.URL.Path), zap.Any("panic", p), zap.ByteString("stack", debug.Stack()))
	s.write(w, newProblem("internal", http.StatusInternalServerError, "something went wrong inside"))
}
