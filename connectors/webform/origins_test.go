package webform

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/internal/field"
	"loket/internal/page"
)

const ourPage = "https://www.example.org"

// from asks as a page of an origin does.
func from(origin string, r *http.Request) *http.Request {
	r.Header.Set("Origin", origin)
	return r
}

func withOrigins(c *Config) {
	c.Origins = []string{"https://WWW.example.org:443", "http://127.0.0.1:3000"}
}

// cors is what an answer lets other pages know.
func cors(h http.Header) map[string]string {
	out := map[string]string{}
	for name, v := range h {
		if strings.HasPrefix(name, "Access-Control-") {
			out[strings.TrimPrefix(name, "Access-Control-")] = strings.Join(v, "|")
		}
	}
	return out
}

func TestAPageOfOursReadsItsReceiptAndWhyItGetsNone(t *testing.T) {
	c := newCounter(t, withOrigins)
	shared := map[string]string{"Allow-Origin": ourPage, "Expose-Headers": "Retry-After"}
	for name, tc := range map[string]struct {
		r      *http.Request
		status int
		want   map[string]string
	}{
		"a post":               {from(ourPage, jsonRequest(`{"text":"x"}`)), 202, shared},
		"a wrong post":         {from(ourPage, jsonRequest(`{"text":""}`)), 422, shared},
		"no JSON":              {from(ourPage, jsonRequest(`{`)), 400, shared},
		"another type":         {from(ourPage, posted("text/plain", "x")), 415, shared},
		"too large":            {from(ourPage, jsonRequest(`{"text":"`+strings.Repeat("x", 11<<20)+`"}`)), 413, shared},
		"another method":       {from(ourPage, httptest.NewRequest("PUT", "/", nil)), 405, shared},
		"another path":         {from(ourPage, httptest.NewRequest("GET", "/x", nil)), 404, shared},
		"the form":             {from(ourPage, httptest.NewRequest("GET", "/", nil)), 200, shared},
		"the other origin":     {from("http://127.0.0.1:3000", jsonRequest(`{"text":"x"}`)), 202, map[string]string{"Allow-Origin": "http://127.0.0.1:3000", "Expose-Headers": "Retry-After"}},
		"another origin":       {from("https://evil.example", jsonRequest(`{"text":"x"}`)), 202, map[string]string{}},
		"one that looks alike": {from("https://www.example.org.evil.example", jsonRequest(`{"text":"x"}`)), 202, map[string]string{}},
		"another port":         {from(ourPage+":8443", jsonRequest(`{"text":"x"}`)), 202, map[string]string{}},
		"without TLS":          {from("http://www.example.org", jsonRequest(`{"text":"x"}`)), 202, map[string]string{}},
		"no origin of its own": {from("null", jsonRequest(`{"text":"x"}`)), 202, map[string]string{}},
		"no page":              {jsonRequest(`{"text":"x"}`), 202, map[string]string{}},
	} {
		w := c.do(tc.r)
		if diff := cmp.Diff(tc.want, cors(w.Header())); diff != "" || w.Code != tc.status {
			t.Errorf("%s: %d, want %d (-want +got):\n%s", name, w.Code, tc.status, diff)
		}
		if !strings.Contains(strings.Join(w.Header().Values("Vary"), ", "), "Origin") {
			t.Errorf("%s: Vary is %q, want Origin in it", name, w.Header().Values("Vary"))
		}
	}
	if w := newCounter(t, nil).do(from(ourPage, jsonRequest(`{"text":"x"}`))); len(cors(w.Header())) != 0 || w.Code != 202 {
		t.Errorf("a form without origins: %d %v", w.Code, w.Header())
	}
}

func TestAPageOfOursMayAskFirst(t *testing.T) {
	ask := func(origin string) *http.Request {
		r := from(origin, httptest.NewRequest(http.MethodOptions, "/", nil))
		r.Header.Set("Access-Control-Request-Method", "POST")
		r.Header.Set("Access-Control-Request-Headers", "content-type,idempotency-key")
		return r
	}
	c := newCounter(t, func(c *Config) { withOrigins(c); c.RatePerMinute = 1 })
	for range 3 { // asking counts for nothing
		w := c.do(ask(ourPage))
		want := map[string]string{
			"Allow-Origin": ourPage, "Expose-Headers": "Retry-After", "Allow-Methods": methods, "Max-Age": "3600",
			"Allow-Headers": "Content-Type, Idempotency-Key",
		}
		if diff := cmp.Diff(want, cors(w.Header())); diff != "" || w.Code != 204 || w.Body.Len() != 0 {
			t.Errorf("%d %s (-want +got):\n%s", w.Code, w.Body, diff)
		}
	}
	for name, w := range map[string]*httptest.ResponseRecorder{
		"another origin": c.do(ask("https://evil.example")), "no page": c.do(httptest.NewRequest(http.MethodOptions, "/", nil)),
		"a form without origins": newCounter(t, nil).do(ask(ourPage)),
	} {
		if len(cors(w.Header())) != 0 || w.Code != 204 || w.Header().Get("Allow") != methods {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
	// A post too many is refused so that the page can read for how long.
	c.do(from(ourPage, jsonRequest(`{"text":"x"}`)))
	if w := c.do(from(ourPage, jsonRequest(`{"text":"y"}`))); w.Code != 429 || w.Header().Get("Access-Control-Allow-Origin") != ourPage {
		t.Errorf("a post too many: %d %v", w.Code, w.Header())
	}
}

func TestOriginsAreChecked(t *testing.T) {
	for in, want := range map[string]string{
		"https://www.example.org": "https://www.example.org", "HTTPS://Example.org:443": "https://example.org", "http://localhost:80": "http://localhost",
		"http://localhost:3000": "http://localhost:3000", "https://bücher.example": "https://xn--bcher-kva.example", "http://[::1]:8080": "http://[::1]:8080",
	} {
		if got, err := page.Origin(in); err != nil || got != want {
			t.Errorf("Origin(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
	c := Type().NewConfig().(*Config)
	c.Origins = []string{"*", "null", "www.example.org", "https://www.example.org/", "https://example.org/a?b", "ftp://example.org", "https://*.example.org", "https://a@example.org", "https://ok.example", "https://OK.example:443"}
	var got []string
	for _, e := range field.All(c.Validate()) {
		got = append(got, e.Error())
	}
	const plain = "must be a scheme and a name, such as https://www.example.org"
	want := []string{
		`origins[0]: ` + plain, `origins[1]: ` + plain, `origins[2]: ` + plain,
		`origins[3]: must be without a path, such as https://www.example.org`, `origins[4]: must be without a path, such as https://example.org`,
		`origins[5]: ` + plain, `origins[6]: must be one origin; each is listed by itself`, `origins[7]: must be without a path, such as https://example.org`,
		`origins[9]: names "https://ok.example" a second time`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
}
