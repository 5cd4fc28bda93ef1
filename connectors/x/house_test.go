package x_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"loket/connectors"
	"loket/connectors/x"
	"loket/connectors/x/xtest"
	"loket/internal/message"
	"loket/internal/secret"
)

// A house takes what a connector accepts, and keeps its cursor and blobs over restarts.
type house struct {
	t testing.TB

	mu      sync.Mutex
	took    []*message.Message // each once, in the order of arrival
	times   map[string]int
	refuse  func(m *message.Message) error
	cursors map[string]string
	blobs   map[string][]byte
}

func newHouse(t testing.TB) *house {
	return &house{t: t, times: map[string]int{}, cursors: map[string]string{}, blobs: map[string][]byte{}}
}

// config is that of the fake's account.
func config(f *xtest.X, version string) x.Config {
	cfg := *x.Type().NewConfig().(*x.Config)
	cfg.API, cfg.ConsumerKey, cfg.ConsumerSecret = version, xtest.ConsumerKey, secret.New(xtest.ConsumerSecret)
	cfg.AccessToken, cfg.AccessTokenSecret = secret.New(xtest.AccessToken), secret.New(xtest.AccessSecret)
	cfg.Poll, cfg.PollMessages = 0, 0
	if f != nil {
		cfg.APIURL = f.URL()
	}
	return cfg
}

func (h *house) account(cfg x.Config) *x.Account {
	h.t.Helper()
	if err := cfg.Validate(); err != nil {
		h.t.Fatalf("Validate = %v", err)
	}
	a, err := x.New(cfg, connectors.Env{Name: "care", PublicURL: "https://loket.example", Accept: h.accept, Cursor: h, Blobs: h, Log: zap.NewNop()})
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

// run runs an account until stop is called.
func (h *house) run(a *x.Account) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := a.Run(ctx); err != nil {
			h.t.Errorf("Run = %v", err)
		}
	})
	stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	h.t.Cleanup(stop)
	return stop
}

func (h *house) accept(_ context.Context, m *message.Message) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.refuse != nil {
		if err := h.refuse(m); err != nil {
			return err
		}
	}
	if h.times[m.ID]++; h.times[m.ID] == 1 {
		h.took = append(h.took, m)
	}
	return nil
}

func (h *house) all() []*message.Message {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.took)
}

// only is the one message there is.
func (h *house) only() *message.Message {
	h.t.Helper()
	all := h.all()
	if len(all) != 1 {
		h.t.Fatalf("%d messages, want one", len(all))
	}
	return all[0]
}

func (h *house) await(what string, ok func() bool) {
	h.t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("waited too long for %s", what)
		}
	}
}

func (h *house) Load(_ context.Context, key string) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.cursors[key], nil
}

func (h *house) Save(_ context.Context, key, value string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cursors[key] = value
	return nil
}

func (h *house) Once(context.Context, string, time.Duration) (bool, error) {
	return false, errors.New("not asked here")
}

func (h *house) Put(_ context.Context, name string, r io.Reader) (int64, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return 0, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.blobs[name] = b
	return int64(len(b)), nil
}

func (h *house) Get(_ context.Context, name string) (io.ReadSeekCloser, int64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b, ok := h.blobs[name]
	if !ok {
		return nil, 0, fs.ErrNotExist
	}
	return opened{bytes.NewReader(b)}, int64(len(b)), nil
}

type opened struct{ *bytes.Reader }

func (opened) Close() error { return nil }

// deliver posts a signed body to the webhook and gives the status.
func deliver(a http.Handler, body []byte) int { return serve(a, xtest.Request("/", body)).Code }

func serve(a http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

// answerTo is what the desk makes of an answer to said.
func answerTo(said *message.Message, text string) *message.Message {
	return &message.Message{
		ID: message.NewID([]byte(text)), Direction: message.Out, Connector: said.Connector, Channel: said.Channel, Public: said.Public,
		Thread: said.ID, From: said.To, To: said.From, Text: text, References: append(slices.Clone(said.References), said.Own),
	}
}
