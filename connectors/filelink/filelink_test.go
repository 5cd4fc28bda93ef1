package filelink_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/connectors/connectortest"
	"loket/connectors/filelink"
	"loket/internal/message"
)

func TestLinkGivesItsFileAndNothingElse(t *testing.T) {
	e, now, unknown := connectortest.New(t), time.Now(), 0
	e.SetBlob("m/1", "picture")
	l := &filelink.Links{
		Env: e.Env("phone"), Path: "/media/", Life: time.Hour, Now: func() time.Time { return now }, Unknown: func() { unknown++ },
	}
	l.Env.Seal = func(purpose, text string) string { return strings.ToUpper(purpose[:4] + text) }
	link := func(a message.Attachment) string {
		t.Helper()
		u, err := url.Parse(l.URL(a))
		if err != nil {
			t.Fatal(err)
		}
		path, ok := strings.CutPrefix(u.Path, "/in/phone")
		if !ok {
			t.Fatalf("link %s, want one below /in/phone", u)
		}
		return path
	}
	type answer struct {
		Status            int
		Body, Type, Named string
	}
	ask := func(method, path string) answer {
		w := httptest.NewRecorder()
		l.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		b, _ := io.ReadAll(w.Body)
		if w.Code != http.StatusOK {
			return answer{Status: w.Code}
		}
		return answer{w.Code, string(b), w.Header().Get("Content-Type"), w.Header().Get("Content-Disposition")}
	}
	here := link(message.Attachment{Name: "my cat.jpg", Type: "image/jpeg", Blob: "m/1"})
	content, seal, _ := strings.Cut(here, ".")
	gone := link(message.Attachment{Name: "b", Type: "image/png", Blob: "m/2"})
	want := answer{200, "picture", "image/jpeg", `inline; filename="my cat.jpg"`}
	for _, row := range []struct {
		method, path string
		want         answer
	}{
		{"GET", here, want},
		{"HEAD", here, answer{200, "", "image/jpeg", want.Named}},
		{"POST", here, answer{Status: 405}},
		{"GET", gone, answer{Status: 404}},
		{"GET", here + "x", answer{Status: 404}},
		{"GET", content, answer{Status: 404}},
		{"GET", strings.Split(gone, ".")[0] + "." + seal, answer{Status: 404}},
		{"GET", "/media/", answer{Status: 404}},
	} {
		if diff := cmp.Diff(row.want, ask(row.method, row.path)); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", row.method, row.path, diff)
		}
	}
	if unknown != 4 {
		t.Errorf("%d addresses were unknown, want 4", unknown)
	}
	now = now.Add(time.Hour + time.Second)
	if got := ask("GET", here); got.Status != 404 {
		t.Errorf("after its time: %+v", got)
	}
}
