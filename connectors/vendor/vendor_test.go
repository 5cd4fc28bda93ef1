package vendor

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/connectors"
)

const token = "s3cret"

func client(t *testing.T, base string, o Options) *Client {
	t.Helper()
	o.Vendor, o.Base, o.Sign = "Acme", base+"/v1", Bearer(token)
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestCallsGoToTheBaseAndAreDecoded(t *testing.T) {
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got = append(got, strings.Join([]string{r.Method, r.URL.String(), r.Header.Get("Authorization"), r.Header.Get("Content-Type"), string(b) + r.Header.Get("Idempotency-Key")}, " "))
		_, _ = io.WriteString(w, `{"id":"7"}`)
	}))
	defer server.Close()
	c := client(t, server.URL, Options{})
	for _, call := range []Call{
		{Path: "/me", Query: url.Values{"a": {"1"}}},
		{Path: "/send", JSON: map[string]string{"text": "hi"}},
		{Path: "/send", Form: url.Values{"text": {"h i"}}},
		{Method: http.MethodPut, Path: "/hooks/7", JSON: 7},
		{Path: "/send", Form: url.Values{"a": {"1"}}, Key: "-once"},
	} {
		var answer struct{ ID string }
		if err := c.Call(t.Context(), call, &answer); err != nil || answer.ID != "7" {
			t.Errorf("Call = %+v, %v", answer, err)
		}
	}
	other, _ := http.NewRequest(http.MethodGet, "https://elsewhere.example/list", nil)
	if res, err := c.Do(other); err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("Do = %v, %v", res, err)
	}
	want := []string{
		"GET /v1/me?a=1 Bearer s3cret  ", `POST /v1/send Bearer s3cret application/json {"text":"hi"}`,
		"POST /v1/send Bearer s3cret application/x-www-form-urlencoded text=h+i", "PUT /v1/hooks/7 Bearer s3cret application/json 7",
		"POST /v1/send Bearer s3cret application/x-www-form-urlencoded a=1-once", "GET /v1/list Bearer s3cret  ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// marks are what the outbox reads of an error.
type marks struct {
	Permanent, InDoubt bool
	After              time.Duration
}

func TestErrorsSayWhetherToTryAgain(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	later := now.Add(90 * time.Second)
	for _, test := range []struct {
		name   string
		status int
		header map[string]string
		body   string
		post   marks
		get    marks
	}{
		{"refused", 400, nil, "", marks{Permanent: true}, marks{Permanent: true}},
		{"wrong token, perhaps of a proxy", 401, nil, "", marks{}, marks{}},
		{"forbidden by the vendor", 403, nil, "code 5", marks{Permanent: true}, marks{Permanent: true}},
		{"a code that passes", 400, nil, "code 9", marks{}, marks{}},
		{"timed out", 408, nil, "", marks{InDoubt: true}, marks{}},
		{"too often", 429, nil, "", marks{After: time.Second}, marks{After: time.Second}},
		{"too often, seconds", 429, map[string]string{"Retry-After": "7"}, "", marks{After: 7 * time.Second}, marks{After: 7 * time.Second}},
		{"too often, date", 429, map[string]string{"Retry-After": later.UTC().Format(http.TimeFormat)}, "", marks{After: 90 * time.Second}, marks{After: 90 * time.Second}},
		{"too often, Unix time", 429, map[string]string{"X-Rate-Limit-Reset": unix(later), "X-Rate-Limit-Remaining": "0"}, "", marks{After: 90 * time.Second}, marks{After: 90 * time.Second}},
		{"too often, ISO time", 429, map[string]string{"X-RateLimit-Reset": later.UTC().Format(time.RFC3339)}, "", marks{After: 90 * time.Second}, marks{After: 90 * time.Second}},
		{"something remains", 429, map[string]string{"X-RateLimit-Reset": "90", "X-RateLimit-Remaining": "3"}, "", marks{After: time.Second}, marks{After: time.Second}},
		{"asks for a year", 429, map[string]string{"Retry-After": "31536000"}, "", marks{After: 24 * time.Hour}, marks{After: 24 * time.Hour}},
		{"its own trouble", 500, nil, "", marks{InDoubt: true}, marks{}},
		{"its own trouble, for a while", 503, map[string]string{"Retry-After": "9"}, "", marks{InDoubt: true}, marks{After: 9 * time.Second}},
		{"sent elsewhere", 302, map[string]string{"Location": "/elsewhere"}, "", marks{InDoubt: true}, marks{}},
		{"no JSON", 200, nil, "<html>", marks{InDoubt: true}, marks{}},
		{"a refusal with 200", 200, nil, `{"ok":false}`, marks{InDoubt: true}, marks{}},
		{"a limit of the day is used up, too", 429, map[string]string{
			"X-User-Limit-24hour-Reset": unix(later), "X-User-Limit-24hour-Remaining": "0", "X-Rate-Limit-Reset": "5",
		}, "", marks{After: 90 * time.Second}, marks{After: 90 * time.Second}},
		{"too large", 200, nil, strings.Repeat(" ", 2000), marks{InDoubt: true}, marks{}},
		{"broken off", 0, nil, "", marks{InDoubt: true}, marks{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var asked atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				if _, _ = io.Copy(io.Discard, r.Body); test.status == 0 {
					panic(http.ErrAbortHandler)
				}
				for k, v := range test.header {
					w.Header().Set(k, v)
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}))
			defer server.Close()
			c := client(t, server.URL, Options{MaxAnswer: 1000, Now: func() time.Time { return now }, Failed: func(_ int, body []byte) bool {
				return strings.HasPrefix(string(body), `{"ok":false`)
			}, Read: func(e *Error, _ http.Header, body []byte) {
				if code, ok := strings.CutPrefix(string(body), "code "); ok {
					e.Code, e.Detail = int(code[0]-'0'), "its reason"
				}
				if e.Code == 9 {
					e.Verdict = Retry
				}
			}})
			for _, call := range []struct {
				Call
				want marks
			}{{Call{Path: "/+31612345678", JSON: "x"}, test.post}, {Call{Path: "/+31612345678"}, test.get}} {
				asked.Store(0)
				var answer map[string]any
				err := c.Call(t.Context(), call.Call, &answer)
				got := marks{connectors.IsPermanent(err), connectors.IsInDoubt(err), connectors.RetryAfter(err)}
				if e := As(err); e == nil || got != call.want || e.Status != test.status || !e.Sent {
					t.Errorf("Call = %v: %+v, want %+v", err, got, call.want)
				}
				quiet(t, err)
				if asked.Load() != 1 && test.status != 0 {
					t.Errorf("asked %d times", asked.Load())
				}
			}
		})
	}
}

func unix(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

// quiet looks that an error holds neither what was called nor our token.
func quiet(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{token, "6123", "vendor.invalid", "/v1"} {
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("the error %q should be one without %q", err, secret)
		}
	}
}

func TestWhatWasNotSentIsNotInDoubt(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // connects, and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		name, base string
		ctx        context.Context
		doubt      bool
		is         error
	}{
		{"nobody listens", "http://127.0.0.1:1", t.Context(), false, nil},
		{"there is no such host", "http://acme.invalid", t.Context(), false, nil},
		{"we stop", "http://" + silent.Addr().String(), ended, false, context.Canceled},
		{"no answer comes", "http://" + silent.Addr().String(), t.Context(), true, context.DeadlineExceeded},
		{"TLS does not come about", "https://" + silent.Addr().String(), t.Context(), false, context.DeadlineExceeded},
	} {
		c := client(t, test.base, Options{Within: 100 * time.Millisecond})
		err := c.Call(test.ctx, Call{Path: "/+31612345678", JSON: "x"}, nil)
		if err == nil || connectors.IsInDoubt(err) != test.doubt || connectors.IsPermanent(err) || test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%s: %v, in doubt %v, want %v", test.name, err, connectors.IsInDoubt(err), test.doubt)
		}
		quiet(t, err)
	}
}

func TestNewNeedsAnAddress(t *testing.T) {
	for _, base := range []string{"", "acme.example", "://", "/v1"} {
		if _, err := New(Options{Vendor: "Acme", Base: base}); err == nil {
			t.Errorf("New(%q): want an error", base)
		}
	}
}
