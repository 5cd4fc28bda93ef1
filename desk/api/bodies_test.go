package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"loket/desk/api"
)

// Each body is as large as one may be; together they are more than the daemon keeps for one client.
func TestBodiesOfOneClientAtTheSameTimeAreBounded(t *testing.T) {
	h := open(t)
	handler := api.New(h.desk, api.Options{})
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
