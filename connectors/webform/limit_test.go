package webform

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"loket/internal/limit"
)

func TestRateIsPerAddress(t *testing.T) {
	c := newCounter(t, func(c *Config) { c.RatePerMinute = 2 })
	post := func(addr string) *http.Request {
		r := jsonRequest(`{"text":"x"}`)
		r.RemoteAddr = addr
		return r
	}
	for _, step := range []struct {
		addr string
		pass time.Duration
		want int
	}{
		{"192.0.2.1:1000", 0, 202},
		{"192.0.2.1:2000", 0, 202},
		{"192.0.2.1:3000", 0, 429},
		{"[::ffff:192.0.2.1]:1", 0, 429}, // the same address in other clothes
		{"192.0.2.2:1000", 0, 202},
		{"[2001:db8::1]:1", 0, 202},
		{"[2001:db8::2]:1", 0, 202},
		{"[2001:db8::ffff:3]:1", 0, 429}, // the same /64
		{"[2001:db8:0:1::1]:1", 0, 202},
		{"192.0.2.1:4000", 29 * time.Second, 429},
		{"192.0.2.1:4000", time.Second, 202},
		{"192.0.2.1:4000", 0, 429},
		{"192.0.2.1:4000", 10 * time.Minute, 202},
		{"192.0.2.1:4000", 0, 202},
		{"192.0.2.1:4000", 0, 429},
		{"@", 0, 202}, // a socket that has no address
		{"@", 0, 202},
		{"@", 0, 429},
	} {
		c.pass(step.pass)
		if w := c.do(post(step.addr)); w.Code != step.want {
			t.Errorf("post from %s = %d, want %d", step.addr, w.Code, step.want)
		}
	}
}

func TestTooManyPostsAreTold(t *testing.T) {
	c := newCounter(t, func(c *Config) { c.RatePerMinute = 1 })
	c.do(jsonRequest(`{"text":"x"}`))
	c.pass(20*time.Second + time.Millisecond)
	w := c.do(jsonRequest(`{"text":"x"}`))
	wantProblem(t, w, 429, "")
	if got := w.Header().Get("Retry-After"); got != "40" {
		t.Errorf("Retry-After = %q, want 40", got)
	}
	w = c.do(browser(multipartRequest(t, url.Values{"text": {"typed"}}, file{"a", "", "x"})))
	if w.Code != 429 || !strings.Contains(w.Body.String(), "typed</textarea>") || w.Header().Get("Retry-After") == "" {
		t.Errorf("page = %d, want 429 with what was typed", w.Code)
	}
	if len(c.accepted) != 1 || len(c.blobs) != 0 {
		t.Errorf("accepted %d with %d files, want 1 with none", len(c.accepted), len(c.blobs))
	}
	if w := c.do(get("/", "")); w.Code != 200 {
		t.Errorf("GET = %d, want 200: looking is free", w.Code)
	}
}

func TestNoRateIsNoLimit(t *testing.T) {
	c := newCounter(t, func(c *Config) { c.RatePerMinute = 0 })
	for range 500 {
		if w := c.do(jsonRequest(`{"text":"x"}`)); w.Code != 202 {
			t.Fatalf("status = %d, want 202", w.Code)
		}
	}
}

func TestOneClientFillsNoMemory(t *testing.T) {
	for name, kind := range map[string]string{"form": typeForm, "multipart": typeMultipart + "; boundary=b"} {
		t.Run(name, func(t *testing.T) {
			c := newCounter(t, nil)
			srv := httptest.NewServer(c)
			t.Cleanup(srv.Close)
			// Clients that begin a post and stay, as many as are let in.
			for range limit.AtOnce {
				body, keep := io.Pipe()
				t.Cleanup(func() { _ = keep.Close() })
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL, body)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Content-Type", kind)
				go func() {
					if resp, err := srv.Client().Do(browser(r)); err == nil {
						_ = resp.Body.Close()
					}
				}()
				if _, err := keep.Write([]byte("text=")); err != nil {
					t.Fatal(err)
				}
			}
			for deadline := time.Now().Add(10 * time.Second); ; {
				n := c.limit.Inside("127.0.0.1:1")
				if n == limit.AtOnce {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("%d posts are read, want %d", n, limit.AtOnce)
				}
			}
			late := browser(formRequest(url.Values{"text": {"x"}}))
			late.RemoteAddr = "127.0.0.1:1"
			if w := c.do(late); w.Code != 429 {
				t.Errorf("one more = %d, want 429", w.Code)
			}
			late = browser(formRequest(url.Values{"text": {"x"}}))
			late.RemoteAddr = "127.0.0.2:1"
			if w := c.do(late); w.Code != 202 {
				t.Errorf("another client = %d, want 202", w.Code)
			}
		})
	}
}

func TestWhatIsTypedIsBounded(t *testing.T) {
	c := newCounter(t, nil)
	long := strings.Repeat("x", maxFields)
	for _, r := range []*http.Request{
		formRequest(url.Values{"text": {long}}),
		multipartRequest(t, url.Values{"text": {long}, "name": {"x"}}),
		multipartRequest(t, url.Values{"text": {"x"}, "other": {long}}),
	} {
		wantProblem(t, c.do(r), 413, "")
	}
	widest := strings.Repeat("\U0001F600", maxText)
	for _, r := range []*http.Request{formRequest(url.Values{"text": {widest}}), multipartRequest(t, url.Values{"text": {widest}})} {
		if w := c.do(r); w.Code != 202 {
			t.Errorf("the longest text = %d %.200s, want 202", w.Code, w.Body)
		}
	}
}
