package webform

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"loket/connectors"
	"loket/internal/form"
	"loket/internal/limit"
	"loket/internal/message"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// A counter is a form under test with what it handed over.
type counter struct {
	*Form
	logs *observer.ObservedLogs

	mu       sync.Mutex
	now      time.Time
	err      error // what Accept answers
	accepted []*message.Message
	blobs    map[string]string
	blobErr  error
	first    map[string]string // who began a conversation
	away     error             // what it answers who asks for that
}

func (c *counter) began(_ context.Context, thread, client string) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first[thread] == "" && c.away == nil {
		c.first[thread] = client
	}
	return c.first[thread] == client, c.away
}

func newCounter(t testing.TB, change func(c *Config)) *counter {
	t.Helper()
	core, logs := observer.New(zap.DebugLevel)
	c := &counter{now: noon, blobs: map[string]string{}, first: map[string]string{}, logs: logs}
	cfg := Type().NewConfig().(*Config)
	if change != nil {
		change(cfg)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatalf("Validate = %v", err)
	}
	form, err := New(*cfg, connectors.Env{
		Name: "website", Accept: c.accept, Blobs: c, Log: zap.New(core), Region: "NL",
		ThreadURL: func(thread string) string { return "https://loket.example/t/" + thread + "-mac" },
		Began:     c.began, Seal: func(purpose, text string) string { return "sealed-" + purpose + "-" + text },
	})
	if err != nil {
		t.Fatalf("New = %v", err)
	}
	form.now, form.limit = c.clock, limit.New(cfg.RatePerMinute, c.clock)
	c.Form = form
	return c
}

func (c *counter) clock() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *counter) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *counter) accept(_ context.Context, m *message.Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	for _, a := range m.Attachments {
		if _, ok := c.blobs[a.Blob]; !ok {
			return fmt.Errorf("attachment %s is not stored before its message", a.Blob)
		}
	}
	c.accepted = append(c.accepted, m)
	return nil
}

func (c *counter) Put(_ context.Context, name string, r io.Reader) (int64, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.blobErr != nil {
		return 0, c.blobErr
	}
	c.blobs[name] = string(b)
	return int64(len(b)), nil
}

// Get is not called: a form only brings.
func (c *counter) Get(context.Context, string) (io.ReadSeekCloser, int64, error) {
	return nil, 0, fs.ErrNotExist
}

// only gives the one message that was accepted.
func (c *counter) only(t testing.TB) *message.Message {
	t.Helper()
	if len(c.accepted) != 1 {
		t.Fatalf("accepted %d messages, want 1", len(c.accepted))
	}
	return c.accepted[0]
}

func (c *counter) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	return w
}

func jsonRequest(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	return r
}

func formRequest(values url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", form.URLEncoded)
	return r
}

func browser(r *http.Request) *http.Request {
	r.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	return r
}

type file struct{ name, kind, data string }

func multipartRequest(t testing.TB, values url.Values, files ...file) *http.Request {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, v := range values {
		if err := w.WriteField(name, v[0]); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range files {
		h := textproto.MIMEHeader{}
		h.Set("Content-Disposition", fmt.Sprintf(`form-data; name="attachments"; filename="%s"`, f.name))
		if f.kind != "" {
			h.Set("Content-Type", f.kind)
		}
		part, err := w.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(part, f.data)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

// problemBody is a problem as programs read it.
type problemBody struct {
	Type, Title, Detail, Field string
	Status                     int
	Errors                     []struct{ Field, Detail string }
}

func wantProblem(t testing.TB, w *httptest.ResponseRecorder, status int, field string) problemBody {
	t.Helper()
	if w.Code != status {
		t.Fatalf("status = %d, want %d; body: %.300s", w.Code, status, w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("Content-Type = %q, want application/problem+json", got)
	}
	var body problemBody
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("decode problem: %v", err)
	}
	if body.Status != status || body.Field != field || body.Detail == "" || body.Title == "" || body.Type == "" {
		t.Errorf("problem = %+v, want status %d and field %q with a detail", body, status, field)
	}
	return body
}
