package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"loket/desk/api"
)

// Letters of other charsets come as they were written, or the caller is told: an answer goes to a customer.
func TestBodiesAreReadInTheirCharset(t *testing.T) {
	h := open(t)
	handler, err := api.New(api.Options{Desk: h.desk, Customers: h.customers})
	if err != nil {
		t.Fatal(err)
	}
	const path = "/api/v1/messages"
	latin := strings.ReplaceAll(`{"channel":"counter","from":["email:m@example.com"],"text":"Für Frau Müller"}`, "ü", "\xfc")
	for name, test := range map[string]struct {
		kind, body string
		status     int
	}{
		"named":                     {"application/json; charset=iso-8859-1", latin, 202},
		"not named":                 {"application/json", latin, 400},
		"curl's own":                {"application/x-www-form-urlencoded", latin, 400},
		"a mark before it":          {"application/json", "\ufeff" + strings.ReplaceAll(latin, "\xfc", "ü"), 202},
		"a charset that nobody has": {"application/json; charset=klingon", latin, 400},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(test.body))
		r.Host, r.RemoteAddr = "localhost", "192.0.2.1:1000"
		r.Header.Set("Authorization", "Bearer "+adminToken)
		r.Header.Set("Content-Type", test.kind)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != test.status || test.status == 400 && !strings.Contains(w.Body.String(), "charset") {
			t.Fatalf("%s: %d %s, want %d", name, w.Code, w.Body, test.status)
		}
		if test.status != 202 {
			continue
		}
		var taken struct{ Thread string }
		if err := json.Unmarshal(w.Body.Bytes(), &taken); err != nil {
			t.Fatal(err)
		}
		if got := h.taskOf(taken.Thread).Messages[0].Text; got != "Für Frau Müller" {
			t.Errorf("%s: what was taken down is %q", name, got)
		}
	}
}

// Each body is as large as one may be; together they are more than the daemon keeps for one client.
func TestBodiesOfOneClientAtTheSameTimeAreBounded(t *testing.T) {
	h := open(t)
	handler, err := api.New(api.Options{Desk: h.desk, Customers: h.customers})
	if err != nil {
		t.Fatal(err)
	}
	post := func(body io.Reader, kind string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/messages", body)
		r.Host, r.RemoteAddr = "localhost", "192.0.2.1:1000"
		r.Header.Set("Authorization", "Bearer "+programToken)
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	most := "{" + strings.Repeat(" ", 20<<20)
	read, write := io.Pipe()
	first := make(chan *httptest.ResponseRecorder)
	go func() { first <- post(read, "application/json") }()
	if _, err := io.WriteString(write, most); err != nil { // returns when it was read
		t.Fatal(err)
	}
	for _, kind := range []string{"application/json", "application/x-www-form-urlencoded"} { // curl's own
		if w := post(strings.NewReader(most+"}"), kind); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("a second body as %s beside the first = %d %v, want 503 and when to try again", kind, w.Code, w.Header())
		}
	}
	if w := post(strings.NewReader("{}"), "application/json"); w.Code != http.StatusUnprocessableEntity { // it says nothing
		t.Errorf("a small one beside the first = %d %s, want 422", w.Code, w.Body)
	}
	_, _ = io.WriteString(write, "}")
	_ = write.Close()
	if w := <-first; w.Code != http.StatusUnprocessableEntity {
		t.Errorf("the first = %d %s, want 422", w.Code, w.Body)
	}
	if w := post(strings.NewReader(most+"}"), "text/plain"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("one after them = %d %s, want 422", w.Code, w.Body)
	}
}
