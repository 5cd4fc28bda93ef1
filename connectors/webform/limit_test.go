package webform

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"loket/internal/form"
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

// endless is a post that goes on and on, of which counts what was read.
type endless struct {
	head, again string
	left, read  int
}

func (e *endless) Read(b []byte) (int, error) {
	n := copy(b, e.head)
	e.head = e.head[n:]
	for n < len(b) && e.left > 0 {
		k := copy(b[n:], e.again)
		n += k
		e.left -= k
	}
	e.read += n
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func TestPostOfManySmallThingsCostsLittle(t *testing.T) {
	for _, test := range []struct {
		name, kind, head, again string
		status                  int
		field                   string
	}{
		{"empty files", form.JSON, `{"text":"x","attachments":[`, `{},`, 422, "attachments"},
		{"empty strings as files", form.JSON, `{"text":"x","attachments":[`, `"",`, 422, "attachments"},
		{"own fields", form.JSON, `{"text":"x","own":[`, `1,`, 400, "own"},
		{"fields", form.JSON, `{`, `"a":1,`, 400, "a"},
		{"brackets", form.JSON, `{"text":`, `[`, 400, "text"},
		{"form fields", form.URLEncoded, `text=x`, `&a`, 400, ""},
		{"form files", form.URLEncoded, `text=x`, `&attachments=`, 400, ""},
		{"parts", form.Multipart + "; boundary=b", "", "--b\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n", 400, ""},
		{"fields of a part", form.Multipart + "; boundary=b", "--b\r\nContent-Disposition: form-data; name=x\r\n", "a:\r\n", 400, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCounter(t, nil)
			body := &endless{head: test.head, again: test.again, left: 10 << 20}
			r := httptest.NewRequest(http.MethodPost, "/", body)
			r.Header.Set("Content-Type", test.kind)
			w := httptest.NewRecorder()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			c.ServeHTTP(w, r)
			runtime.ReadMemStats(&after)
			wantProblem(t, w, test.status, test.field)
			if took := after.TotalAlloc - before.TotalAlloc; took > 2<<20 || body.read > 256<<10 {
				t.Errorf("read %d bytes and took %d of memory, want little", body.read, took)
			}
		})
	}
}

func TestFieldGivenTwiceIsRefused(t *testing.T) {
	for body, field := range map[string]string{
		`{"text":"a","text":"b"}`: "text", `{"text":"a","te\u0078t":"b"}`: "text", `{"text":"a","Text":"b"}`: "Text",
		`{"text":"a","attachments":[{"data":"QQ=="}],"attachments":[{}]}`: "attachments",
		`{"text":"a","attachments":[{"data":"QQ==","data":""}]}`:          "attachments",
	} {
		c := newCounter(t, nil)
		if wantProblem(t, c.do(jsonRequest(body)), 400, field); len(c.accepted) != 0 {
			t.Errorf("%s is accepted", body)
		}
	}
}
