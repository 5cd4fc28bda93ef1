package hook

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"loket/internal/body"
	"loket/internal/limit"
	"loket/internal/problem"
	"loket/internal/secret"
)

var key = secret.New("s3cret")

func sign(content string) string {
	return "sha256=" + hex.EncodeToString(HMAC256(key, []byte(content)))
}

// options are those of a vendor that signs as many do.
func options(t *testing.T) (Options, *[]string, func() []string) {
	core, logged := observer.New(zapcore.InfoLevel)
	var taken []string
	o := Options{
		Paths: map[string]Take{
			"/": func(_ context.Context, r *Request) (Answer, error) {
				taken = append(taken, string(r.Content))
				return Answer{Type: "application/json", Content: []byte(`{"ok":true}`)}, nil
			},
			"/field": func(context.Context, *Request) (Answer, error) { return Answer{}, Missing("id") },
			"/form": func(context.Context, *Request) (Answer, error) {
				return Answer{}, problem.New(http.StatusBadRequest, "the body must be a list")
			},
		},
		Admit: func(r *http.Request) bool { return strings.HasPrefix(r.Header.Get("X-Signature"), "sha256=") },
		Verify: func(r *http.Request, content []byte) bool {
			return r.Header.Get("X-Signature") == sign(string(content))
		},
		Limits: body.Limits{Bytes: 1000, Depth: 5, Values: 100, Each: 10},
		Log:    zap.New(core), Counters: NewCounters(Counts{Name: "acme", Vendor: "Acme", Connector: "a", Events: []string{"message"}, Ways: []string{"webhook"}, Reasons: []string{Signature}}),
	}
	return o, &taken, func() (lines []string) {
		for _, e := range logged.TakeAll() {
			lines = append(lines, e.Message)
		}
		return lines
	}
}

func request(method, path, content string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(content))
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("X-Signature", sign(content))
	return r
}

func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// counted gives the counters that are not 0.
func counted(t *testing.T, c *Counters) map[string]float64 {
	t.Helper()
	reg := prometheus.NewRegistry()
	reg.MustRegister(c)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			got[name] = m.GetCounter().GetValue()
		}
	}
	return got
}

func TestWebhooksAreTakenOrRefused(t *testing.T) {
	for _, test := range []struct {
		name   string
		r      func() *http.Request
		status int
		reason string
		say    string
	}{
		{"signed", func() *http.Request { return request("POST", "/", `{"id":1}`) }, 200, "", `{"ok":true}`},
		{"signed, form", func() *http.Request {
			r := request("POST", "/", "id=1&b=2")
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			return r
		}, 200, "", ""},
		{"changed on its way", func() *http.Request {
			r := request("POST", "/", `{"id":1}`)
			r.Body = io.NopCloser(strings.NewReader(`{"id":2}`))
			return r
		}, 403, Signature, "the signature must be that of the body"},
		{"written anew with the same meaning", func() *http.Request {
			r := request("POST", "/", `{"id":"é"}`)
			r.Body = io.NopCloser(strings.NewReader(`{"id":"\u00e9"}`))
			return r
		}, 403, Signature, ""},
		{"not signed: its body is not read", func() *http.Request {
			r := httptest.NewRequest("POST", "/", iotest.ErrReader(errors.New("the body is read")))
			return r
		}, 403, Signature, ""},
		{"too large", func() *http.Request { return request("POST", "/", `"`+strings.Repeat("x", 1000)+`"`) }, 413, TooLarge, "at most 1000 bytes and 10 fields"},
		{"too deep", func() *http.Request { return request("POST", "/", strings.Repeat("[", 9)) }, 413, TooLarge, ""},
		{"too many values", func() *http.Request { return request("POST", "/", "["+strings.Repeat("1,", 50)+"1]") }, 413, TooLarge, ""},
		{"no JSON", func() *http.Request { return request("POST", "/", `{"id":1}}`) }, 400, Unreadable, ""},
		{"broken off", func() *http.Request {
			r := request("POST", "/", "")
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), iotest.ErrReader(io.ErrUnexpectedEOF)))
			return r
		}, 400, Unreadable, "the body broke off"},
		{"too slow", func() *http.Request {
			r := request("POST", "/", "")
			r.Body = io.NopCloser(iotest.ErrReader(limit.ErrSlow))
			return r
		}, 408, Slow, "within 10s"},
		{"too much at once", func() *http.Request {
			r := request("POST", "/", "")
			r.Body = io.NopCloser(iotest.ErrReader(limit.ErrBusy))
			return r
		}, 503, Busy, ""},
		{"a field is missing", func() *http.Request { return request("POST", "/field", "{}") }, 422, Field, "id is missing or none"},
		{"of another form", func() *http.Request { return request("POST", "/form", "{}") }, 400, Unreadable, "must be a list"},
		{"nowhere", func() *http.Request { return request("POST", "/nowhere", "{}") }, 404, Unknown, ""},
		{"with another method", func() *http.Request { return request("GET", "/", "") }, 405, "", "POST"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o, taken, _ := options(t)
			w := serve(New(o), test.r())
			want := map[string]float64{}
			if test.reason != "" {
				want["loket_acme_refused_total a "+test.reason] = 1
			}
			if diff := cmp.Diff(want, counted(t, o.Counters)); diff != "" || w.Code != test.status || !strings.Contains(w.Body.String(), test.say) {
				t.Errorf("%d %s, want %d %q; counted (-want +got):\n%s", w.Code, w.Body, test.status, test.say, diff)
			}
			if (len(*taken) > 0) != (test.status == 200) {
				t.Errorf("taken %q", *taken)
			}
			if kind := w.Header().Get("Content-Type"); test.status != 200 && kind != "application/problem+json" {
				t.Errorf("a refusal is %q", kind)
			}
		})
	}
}

// With Bytes alone, what is signed is taken whatever its form is.
func TestFormIsLookedAtOnlyIfBounded(t *testing.T) {
	o, taken, _ := options(t)
	o.Limits = body.Limits{Bytes: 1000}
	if w := serve(New(o), request("POST", "/", "{{")); w.Code != 200 || len(*taken) != 1 {
		t.Errorf("%d, taken %q", w.Code, *taken)
	}
}

func TestWhatIsNotStoredIsLoggedWhenThatChanges(t *testing.T) {
	o, _, log := options(t)
	var err error
	o.Paths["/"] = func(ctx context.Context, _ *Request) (Answer, error) {
		if at, ok := ctx.Deadline(); !ok || time.Until(at) > time.Second {
			t.Errorf("it may take until %s, want a second", at)
		}
		return Answer{}, err
	}
	o.AnswerWithin = time.Second
	h := New(o)
	post := func() *httptest.ResponseRecorder { return serve(h, request("POST", "/", "{}")) }
	err = errors.New("the store is away")
	for range 3 {
		if w := post(); w.Code != 503 || w.Header().Get("Retry-After") != "5" || strings.Contains(w.Body.String(), "store is") {
			t.Errorf("%d %s %s, want 503 and to come again", w.Code, w.Header(), w.Body)
		}
	}
	err = nil
	post()
	post()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	err = context.Canceled
	serve(h, request("POST", "/", "{}").WithContext(gone)) // says nothing about us
	if diff := cmp.Diff([]string{"message not accepted", "messages are accepted again"}, log()); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]float64{"loket_acme_refused_total a not_stored": 4}, counted(t, o.Counters)); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
}

func TestChallengeIsAnswered(t *testing.T) {
	o, taken, _ := options(t)
	o.Challenge = func(r *http.Request) (Answer, error) {
		switch r.URL.Query().Get("token") {
		case "right":
			return Answer{Type: "text/plain", Content: []byte(r.URL.Query().Get("challenge"))}, nil
		case "":
			return Answer{}, errors.New("token must be given")
		}
		return Answer{}, problem.New(http.StatusForbidden, "token must be ours")
	}
	h := New(o)
	for query, want := range map[string]string{"token=right&challenge=42": "200 42", "": "400 token must be given", "token=wrong": "403 token must be ours"} {
		w := serve(h, httptest.NewRequest("GET", "/?"+query, nil))
		status, say, _ := strings.Cut(want, " ")
		if fmt.Sprint(w.Code) != status || !strings.Contains(w.Body.String(), say) {
			t.Errorf("%s: %d %s, want %s", query, w.Code, w.Body, want)
		}
	}
	if diff := cmp.Diff(map[string]float64{"loket_acme_refused_total a challenge": 2}, counted(t, o.Counters)); diff != "" || len(*taken) > 0 {
		t.Errorf("taken %q, counted (-want +got):\n%s", *taken, diff)
	}
	if w := serve(h, request("PUT", "/", "{}")); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("PUT: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

// Who tries signatures is refused after a while, and others are not.
func TestWhoDoesNotSignHasAShare(t *testing.T) {
	o, taken, _ := options(t)
	o.BadPerMinute = 3
	h := New(o)
	for i := range 5 {
		r := request("POST", "/", "{}")
		r.Header.Set("X-Signature", "sha256=wrong")
		if w, want := serve(h, r), map[bool]int{true: 403, false: 429}[i < 3]; w.Code != want || (w.Header().Get("Retry-After") != "") != (want == 429) {
			t.Errorf("try %d: %d %v, want %d", i, w.Code, w.Header(), want)
		}
	}
	if w := serve(h, request("POST", "/", "{}")); w.Code != 429 {
		t.Errorf("signed, from there: %d, want 429", w.Code)
	}
	r := request("POST", "/", "{}")
	r.RemoteAddr = "198.51.100.7:1"
	if w := serve(h, r); w.Code != 200 || len(*taken) != 1 {
		t.Errorf("signed, from elsewhere: %d", w.Code)
	}
	if diff := cmp.Diff(map[string]float64{"loket_acme_refused_total a signature": 3, "loket_acme_refused_total a too_many": 3}, counted(t, o.Counters)); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
}

// A form that is read whole counts with all its bytes among what its sender has in memory, as JSON does.
func TestWholeBodiesCountWhole(t *testing.T) {
	bodies, content := limit.NewBodies(), strings.Repeat("x", 20<<20)
	o, _, _ := options(t)
	o.Limits = body.Limits{Bytes: 30 << 20}
	o.Admit, o.Verify = nil, Always
	var h *Hook
	post := func() int {
		r := httptest.NewRequest("POST", "/", strings.NewReader(content))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=B")
		w := httptest.NewRecorder()
		defer bodies.Open(w, r)()
		h.ServeHTTP(w, r)
		return w.Code
	}
	second := 0
	o.Paths = map[string]Take{"/": func(context.Context, *Request) (Answer, error) {
		if second == 0 {
			second = -1
			second = post() // while the first is held
		}
		return Answer{}, nil
	}}
	h = New(o)
	if first := post(); first != 200 || second != 503 {
		t.Errorf("two bodies of 20 MiB at the same time: %d and %d, want 200 and 503", first, second)
	}
}

func TestTokenInAHeader(t *testing.T) {
	o, taken, _ := options(t)
	o.Admit, o.Verify = HasToken("X-Token", key), Always
	h := New(o)
	for token, want := range map[string]int{"s3cret": 200, "s3creT": 403, "": 403, "s3cret ": 403} {
		r := httptest.NewRequest("POST", "/", strings.NewReader("{}"))
		r.Header.Set("X-Token", token)
		if w := serve(h, r); w.Code != want {
			t.Errorf("token %q: %d, want %d", token, w.Code, want)
		}
	}
	r := httptest.NewRequest("POST", "/", strings.NewReader("{}"))
	if HasToken("X-Token", secret.New(""))(r) {
		t.Error("no token is taken for ours when there is none")
	}
	if len(*taken) != 1 {
		t.Errorf("taken %q", *taken)
	}
}

// Whoever knows the address must not be able to fill the log.
func TestRefusalsAreLoggedEverMoreSeldom(t *testing.T) {
	core, logged := observer.New(zapcore.DebugLevel)
	c := NewCounters(Counts{Name: "acme", Vendor: "Acme", Connector: "a", Log: zap.New(core), Quiet: []string{Unknown}})
	for range 150 {
		c.Refused(Signature, nil)
		c.Refused(Unknown, errors.New("why"))
	}
	c.Took("message", "webhook")
	var got []string
	for _, e := range logged.All() {
		got = append(got, fmt.Sprint(e.Level, " ", e.Message, " ", e.ContextMap()["reason"], " ", e.ContextMap()["count"], " ", e.ContextMap()["error"]))
	}
	var want []string
	for _, n := range []int{1, 10, 100} {
		want = append(want, fmt.Sprintf("warn not taken from Acme signature %d <nil>", n), fmt.Sprintf("debug not taken from Acme unknown %d why", n))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]float64{
		"loket_acme_refused_total a signature": 150, "loket_acme_refused_total a unknown": 150, "loket_acme_taken_total webhook a message": 1,
	}, counted(t, c)); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
}
