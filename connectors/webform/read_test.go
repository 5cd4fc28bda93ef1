package webform

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"loket/internal/form"
)

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"name":"a","email":"a@example.org","phone":"0612345678","customer_no":"1","subject":"s","text":"t\r\n","attachments":[{"name":"a","type":"a/b","data":"aGk="}]}`))
	f.Add([]byte(`{"text":"\ud800\u0000"}`))
	f.Add([]byte(`[{"text":{}}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		checkAnswer(t, httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body)), form.JSON)
	})
}

func FuzzMultipart(f *testing.F) {
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhi\r\n--b\r\n" +
		"Content-Disposition: form-data; name=\"attachments\"; filename=\"a\\b\"\r\nContent-Type: x\r\n\r\ndata\r\n--b--\r\n"))
	f.Add([]byte("--b\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Disposition: form-data; name=text\r\n\r\n=ff\r\n--b--"))
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=a; filename*=utf-8''%e2%80%ae\r\n\r\n\r\n--b--"))
	f.Fuzz(func(t *testing.T, body []byte) {
		checkAnswer(t, httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body)), form.Multipart+"; boundary=b")
		checkAnswer(t, browser(httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))), form.Multipart+"; boundary=b")
	})
}

// checkAnswer sees that whatever is posted is either taken, clean and within bounds, or refused with a reason.
func checkAnswer(t *testing.T, r *http.Request, kind string) {
	t.Helper()
	c := newCounter(t, func(c *Config) { c.MaxBytes = minMaxBytes })
	r.Header.Set("Content-Type", kind)
	w := c.do(r)
	switch {
	case w.Code == http.StatusAccepted && c.caught.Load() == 1:
		return
	case w.Code == http.StatusAccepted && len(c.accepted) == 1:
	case w.Code >= 400 && w.Code < 500 && len(c.accepted)+len(c.blobs) == 0 && w.Body.Len() > 0:
		return
	default:
		t.Fatalf("status = %d with %d accepted and %d files", w.Code, len(c.accepted), len(c.blobs))
	}
	m := c.accepted[0]
	for _, s := range []string{m.Name, m.Subject, m.Text} {
		if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
			t.Errorf("text is not clean: %q", s)
		}
	}
	if strings.TrimSpace(m.Text) == "" {
		t.Error("accepted without text")
	}
	for _, a := range m.Attachments {
		if a.Name == "" || strings.ContainsAny(a.Name, "/\\\n") || utf8.RuneCountInString(a.Name) > 150 || !strings.Contains(a.Type, "/") {
			t.Errorf("attachment %+v", a)
		}
		if int64(len(c.blobs[a.Blob])) != a.Size {
			t.Errorf("attachment of %d bytes is stored with %d", a.Size, len(c.blobs[a.Blob]))
		}
	}
}
