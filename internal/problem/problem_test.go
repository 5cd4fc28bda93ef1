package problem

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestWriteTellsPrograms(t *testing.T) {
	for _, test := range []struct {
		name  string
		p     *Problem
		retry string
		want  string
	}{
		{
			"the whole", New(http.StatusNotFound, "there is no %s", "page"), "",
			`{"type":"about:blank","title":"Not Found","status":404,"detail":"there is no page"}`,
		},
		{
			"a field", &Problem{Status: 422, Field: "text", Detail: "must be given"}, "",
			`{"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"text must be given","field":"text"}`,
		},
		{
			"several fields", &Problem{Status: 422, Field: "a", Detail: "is x", Errors: []Field{{"a", "is x"}, {"b", "is y"}}}, "",
			`{"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"a is x","field":"a","errors":[{"field":"a","detail":"is x"},{"field":"b","detail":"is y"}]}`,
		},
		{
			"later", &Problem{Status: 503, Detail: "not now", Wait: 1100 * time.Millisecond}, "2",
			`{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"not now"}`,
		},
	} {
		w := httptest.NewRecorder()
		test.p.Write(w)
		if got := w.Body.String(); got != test.want+"\n" || w.Code != test.p.Status {
			t.Errorf("%s: %d %s, want %s", test.name, w.Code, got, test.want)
		}
		if kind, retry := w.Header().Get("Content-Type"), w.Header().Get("Retry-After"); kind != "application/problem+json" || retry != test.retry {
			t.Errorf("%s: Content-Type %q, Retry-After %q, want %q", test.name, kind, retry, test.retry)
		}
	}
}
