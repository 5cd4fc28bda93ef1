package vendor

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"loket/connectors/connectortest"
	"loket/internal/message"
)

// An answer without its list does not say that the list is empty.
func TestAnswerWithoutItsListIsAnError(t *testing.T) {
	for answer, right := range map[string]bool{`{"items":[]}`: true, `{"items":[{"id":"1"}]}`: true, `{}`: false, `{"items":null}`: false, `{"items":7}`: false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }))
		_, _, err := client(t, server.URL, Options{}).List(t.Context(), Call{Path: "/list"}, "items")
		server.Close()
		if (err == nil) != right {
			t.Errorf("List of %s = %v", answer, err)
		}
	}
}

// What is tried again from quarantine has its words, and the original is whole.
func TestQuarantineKeepsTheWholeOriginal(t *testing.T) {
	e := connectortest.New(t)
	raw := `{"text":"` + strings.Repeat("lang ", message.MaxInlineRaw) + `"}`
	if err := (Item{Raw: []byte(raw)}).Quarantine(t.Context(), e.Env("acme"), "acme", "it has no id"); err != nil {
		t.Fatal(err)
	}
	m := e.Only()
	if m.Problem != "it has no id" || !strings.HasPrefix(m.Text, `{"text":"lang`) || m.Raw != nil || e.Blob(m.RawBlob) != raw || time.Since(m.Received) > time.Minute {
		t.Errorf("message %.300v", m)
	}
}
