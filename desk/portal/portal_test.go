package portal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"loket/internal/form"
	"loket/internal/message"
	"loket/router/thread"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// A house is what stands behind a portal under test. away is what the store answers, spoolErr what Accept does.
type house struct {
	http.Handler
	tokens *thread.Tokens
	logs   *observer.ObservedLogs

	mu       sync.Mutex
	now      time.Time
	away     error
	refused  error
	noRoom   error // for files
	threads  map[string]*thread.Thread
	messages map[string][]thread.Entry
	matter   Matter
	blobs    map[string]string
	accepted []*message.Message
}

func newHouse(t testing.TB, change func(o *Options)) *house {
	t.Helper()
	core, logs := observer.New(zap.DebugLevel)
	h := &house{
		tokens: thread.NewTokens([]byte("0123456789abcdef")), logs: logs, now: noon,
		matter:  Matter{Zone: time.FixedZone("CET", 3600)},
		threads: map[string]*thread.Thread{}, messages: map[string][]thread.Entry{}, blobs: map[string]string{},
	}
	o := Options{
		Connectors: map[string]http.Handler{"website": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "website %s %s %s", r.Method, r.URL.RequestURI(), r.RemoteAddr)
		})},
		Tokens: h.tokens, Threads: h, Blobs: h, Log: zap.New(core), Now: h.clock,
		Matter: func(context.Context, *thread.Thread) Matter {
			h.mu.Lock()
			defer h.mu.Unlock()
			return h.matter
		},
		Accept: func(_ context.Context, m *message.Message) error {
			h.mu.Lock()
			defer h.mu.Unlock()
			if h.refused == nil {
				h.accepted = append(h.accepted, m)
			}
			return h.refused
		},
	}
	if change != nil {
		change(&o)
	}
	var err error
	if h.Handler, err = New(o); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) Find(_ context.Context, id string) (*thread.Thread, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.away != nil {
		return nil, h.away
	}
	if th := h.threads[id]; th != nil {
		return th, nil
	}
	return nil, fmt.Errorf("thread %s: %w", id, thread.ErrNone)
}

func (h *house) Newest(_ context.Context, id string, messages, _ int) ([]thread.Entry, bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.messages[id]
	from := max(0, len(all)-messages)
	return all[from:], from > 0, h.away
}

func (h *house) Message(_ context.Context, id, messageID string) (thread.Entry, error) {
	if h.away != nil {
		return thread.Entry{}, h.away
	}
	for _, e := range h.messages[id] {
		if e.Message.ID == messageID {
			return e, nil
		}
	}
	return thread.Entry{}, thread.ErrNone
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

func (h *house) Put(_ context.Context, name string, r io.Reader) (int64, error) {
	b, err := io.ReadAll(r)
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		err = h.noRoom
	}
	if err == nil {
		h.blobs[name] = string(b)
	}
	return int64(len(b)), err
}

func (h *house) Get(_ context.Context, name string) (io.ReadSeekCloser, int64, error) {
	b, ok := h.blobs[name]
	if !ok {
		return nil, 0, fmt.Errorf("open blob %s: %w", name, fs.ErrNotExist)
	}
	if b == "away" {
		return nil, 0, errors.New("disk away")
	}
	return nopCloser{strings.NewReader(b)}, int64(len(b)), nil
}

func id(name string) string { return message.NewID([]byte(name)) }

// tell puts messages into a thread.
func (h *house) tell(name string, messages ...*message.Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.threads[id(name)] = &thread.Thread{ID: id(name), Subject: "Bill <3>", Channel: "web"}
	for _, m := range messages {
		h.messages[id(name)] = append(h.messages[id(name)], thread.Entry{Task: "t", Message: m})
	}
}

// stand has the matter of every thread stand so.
func (h *house) stand(s State) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.matter.State = s
}

func (h *house) page(name string) string { return "/t/" + h.tokens.Token(id(name)) }

func (h *house) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func get(path string) *http.Request { return httptest.NewRequest(http.MethodGet, path, nil) }

func post(path, kind, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	return r
}

func browser(r *http.Request) *http.Request {
	r.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	return r
}

func program(r *http.Request) *http.Request {
	r.Header.Set("Accept", "application/json")
	return r
}

func TestConnectorsAreMounted(t *testing.T) {
	h := newHouse(t, nil)
	for _, test := range []struct{ path, want string }{
		{"/in/website/", "website GET / 192.0.2.1:1234"},
		{"/in/website/hook?a=b%20c", "website GET /hook?a=b%20c 192.0.2.1:1234"},
		{"/in/website/a%2Fb", "website GET /a%2Fb 192.0.2.1:1234"},
	} {
		if w := h.do(get(test.path)); w.Code != 200 || w.Body.String() != test.want {
			t.Errorf("GET %s = %d %q, want %q", test.path, w.Code, w.Body, test.want)
		}
	}
	w := h.do(post("/in/website?x=1", form.URLEncoded, ""))
	if w.Code != 307 || w.Header().Get("Location") != "./website/?x=1" {
		t.Errorf("POST without slash = %d to %q", w.Code, w.Header().Get("Location"))
	}
}

func TestAddressWithManyParametersIsRefused(t *testing.T) {
	h := newHouse(t, nil)
	for _, path := range []string{"/in/website/?", h.page("a") + "?", "/nothing?"} {
		if w := h.do(httptest.NewRequest(http.MethodGet, path+strings.Repeat("a&", 1000), nil)); w.Code != 400 {
			t.Errorf("%s… = %d, want 400", path, w.Code)
		}
	}
}

func TestEverythingElseIsTheSame404(t *testing.T) {
	h := newHouse(t, nil)
	h.tell("a", &message.Message{ID: id("m"), Text: "secret"})
	good := h.tokens.Token(id("a"))
	flipped := good[:len(good)-1] + string(good[len(good)-1]^1)
	var first string
	for _, path := range []string{
		"/", "/nothing", "/in", "/in/", "/in/other", "/in/other/", "/t", "/t/", "/t/x", "/t/" + flipped, "/t/" + id("a"),
		"/t/" + id("a") + "-", "/t/" + flipped + "/a/" + id("m") + "/1", "/t/" + good + "/", "/t/" + good + "/a", "/t/" + good + "/a/x/1",
		"/t/" + good + "/a/" + id("m") + "/1", "/t/" + good + "/a/" + id("m") + "/0", "/t/" + good + "/a/" + id("m") + "/x", "/t/" + good + "/a/" + id("n") + "/1",
		"/metrics", "/api/v1/status", "/healthz",
	} {
		for _, method := range []string{"GET", "POST"} {
			w := h.do(httptest.NewRequest(method, path, nil))
			if method == "POST" && w.Code == 405 && strings.Contains(path, good+"/a/") {
				continue // whoever holds the token may know that it is one
			}
			if first == "" {
				first = w.Body.String()
			}
			if w.Code != 404 || w.Body.String() != first || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s %s = %d %s", method, path, w.Code, w.Body)
			}
		}
	}
	w := h.do(browser(get("/nothing")))
	if w.Code != 404 || !strings.Contains(w.Body.String(), dutch().Nothing) {
		t.Errorf("page of a path that is not there = %d %s", w.Code, w.Body)
	}
}

func TestSecurityHeadersAreOnEverything(t *testing.T) {
	h := newHouse(t, nil)
	h.tell("a", &message.Message{ID: id("m"), Text: "x", Attachments: []message.Attachment{{Name: "a", Type: "text/html", Blob: "b"}}})
	h.blobs["b"] = "<script>alert(1)</script>"
	for _, path := range []string{h.page("a"), h.page("a") + "/a/" + id("m") + "/1", "/nothing", "/in/website/", "/in/website"} {
		head := h.do(browser(get(path))).Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex", "Cache-Control": "no-store",
		} {
			if got := head.Get(name); got != want {
				t.Errorf("%s of %s = %q, want %q", name, path, got, want)
			}
		}
		policy := head.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("policy of %s = %q", path, policy)
		}
	}
}

func TestClientAddressBehindProxies(t *testing.T) {
	for _, test := range []struct{ name, peer, forwarded, want string }{
		{"no proxy", "198.51.100.7:99", "", "198.51.100.7:99"},
		{"a stranger claims", "198.51.100.7:99", "203.0.113.1", "198.51.100.7:99"},
		{"our proxy", "10.0.0.1:99", "203.0.113.1", "203.0.113.1:0"},
		{"our proxy, mapped", "[::ffff:10.0.0.1]:99", "203.0.113.1", "203.0.113.1:0"},
		{"the client claims to our proxy", "10.0.0.1:99", "192.0.2.9, 203.0.113.1", "203.0.113.1:0"},
		{"two proxies", "10.0.0.1:99", "203.0.113.1, 10.0.0.2", "203.0.113.1:0"},
		{"IPv6 with port", "[2001:db8::1]:99", "[2001:db8:1::5]:443", "[2001:db8:1::5]:443"},
		{"IPv6", "10.0.0.1:99", "2001:db8:1::5", "[2001:db8:1::5]:0"},
		{"says nothing", "10.0.0.1:99", "", "10.0.0.1:99"},
		{"nonsense", "10.0.0.1:99", "203.0.113.1, unknown", "10.0.0.1:99"},
		{"nonsense behind a proxy", "10.0.0.1:99", "unknown, 10.0.0.2", "10.0.0.2:0"},
		{"only proxies", "10.0.0.1:99", "10.0.0.3, 10.0.0.2", "10.0.0.3:0"},
		{"socket without address", "@", "203.0.113.1", "@"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t, func(o *Options) {
				o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::1/128")}
			})
			r := get("/in/website/")
			r.RemoteAddr = test.peer
			r.Header.Set("X-Forwarded-For", test.forwarded)
			if got, want := h.do(r).Body.String(), "website GET / "+test.want; got != want {
				t.Errorf("connector saw %q, want %q", got, want)
			}
			if r.RemoteAddr != test.peer {
				t.Error("the server's own request was changed")
			}
		})
	}
}
