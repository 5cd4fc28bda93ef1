package vendor

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/internal/message"
)

func TestObjectsAreReadByPath(t *testing.T) {
	for _, test := range []struct {
		in   string
		want Fields
	}{
		{`{"id":9007199254740993,"from":{"name":"Kate","bot":false},"photo":[{"id":"a"},{"id":"b"}],"none":null,"empty":{}}`, Fields{
			"id": "9007199254740993", "from.name": "Kate", "from.bot": "false", "photo.0.id": "a", "photo.1.id": "b",
		}},
		{`[1]`, Fields{}}, {`{`, Fields{}}, {``, Fields{}}, {`null`, Fields{}}, {`"x"`, Fields{}},
	} {
		if diff := cmp.Diff(test.want, Flatten([]byte(test.in))); diff != "" {
			t.Errorf("Flatten(%s) (-want +got):\n%s", test.in, diff)
		}
	}
	if got := Flatten([]byte(strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100))); len(got) != 0 {
		t.Errorf("what is too deep is read: %v", got)
	}
	f := Flatten([]byte(`{"n":7,"x":"1.5","photo":[{"id":"a"},{"id":"b"}],"document":{"id":"d"}}`))
	var ids []string
	for photo := range f.Each("photo") {
		ids = append(ids, photo["id"])
	}
	name, first := f.First("voice", "document", "photo")
	if diff := cmp.Diff([]any{[]string{"a", "b"}, "document", Fields{"id": "d"}, int64(7), int64(0), int64(0)}, []any{ids, name, first, f.Int("n"), f.Int("x"), f.Int("none")}); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if name, _ := f.First("voice"); name != "" {
		t.Errorf("First of what is not there = %q", name)
	}
}

func TestFilesAreSentInForms(t *testing.T) {
	env := connectortest.New(t)
	env.SetBlob("m/1", "the file")
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, h, err := r.FormFile("photo")
		if err != nil {
			t.Error(err)
			return
		}
		b, _ := io.ReadAll(f)
		got = append(got, r.FormValue("chat"), h.Filename, string(b))
		_, _ = io.WriteString(w, `{"id":7}`)
	}))
	defer server.Close()
	c := client(t, server.URL, Options{})
	call := Call{Path: "/send", Form: url.Values{"chat": {"1"}}, File: &File{Field: "photo", Attachment: message.Attachment{Name: "kast.jpg", Blob: "m/1"}, Blobs: env.Env("x").Blobs}}
	id, err := c.Field(t.Context(), call, "id")
	if diff := cmp.Diff([]string{"1", "kast.jpg", "the file", "7"}, append(got, id)); err != nil || diff != "" {
		t.Errorf("sent (-want +got):\n%s, %v", diff, err)
	}
	if _, err := c.Field(t.Context(), call, "key"); !connectors.IsInDoubt(err) {
		t.Errorf("an answer without the field = %v, want one in doubt", err)
	}
	call.File.Attachment.Blob = "m/2"
	if _, err := c.Field(t.Context(), call, "id"); !errors.Is(err, fs.ErrNotExist) || connectors.IsInDoubt(err) {
		t.Errorf("a file that is not there = %v", err)
	}
}

func TestRefusalsAreReadForTheirReason(t *testing.T) {
	read := Refusals("error.message", "error.wait", []Reason{
		{Status: 403, Says: "blocked", Means: "they blocked us"}, {Status: 403, Means: "it is forbidden", Verdict: Retry},
	})
	for _, test := range []struct {
		name   string
		status int
		body   string
		says   string
		want   marks
	}{
		{"the first that fits", 403, `{"error":{"message":"User BLOCKED you"}}`, "they blocked us", marks{Permanent: true}},
		{"the next", 403, `{"error":{"message":"no"}}`, "it is forbidden", marks{}},
		{"no reason", 400, `{"error":{"message":"no"}}`, "Acme answered 400", marks{Permanent: true}},
		{"to wait", 429, `{"error":{"message":"slow","wait":7}}`, "Acme answered 429", marks{After: 7 * time.Second}},
		{"to wait for less than nothing", 429, `{"error":{"message":"slow","wait":-7}}`, "Acme answered 429", marks{After: time.Second}},
		{"by somebody else", 403, `<html>`, "Acme answered 403", marks{}},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(test.status)
			_, _ = io.WriteString(w, test.body)
		}))
		err := client(t, server.URL, Options{Read: read}).Call(t.Context(), Call{Path: "/", JSON: 1}, nil)
		server.Close()
		got := marks{connectors.IsPermanent(err), connectors.IsInDoubt(err), connectors.RetryAfter(err)}
		if err == nil || err.Error() != test.says || got != test.want {
			t.Errorf("%s: %v: %+v, want %s: %+v", test.name, err, got, test.says, test.want)
		}
	}
}

func TestAPIsHaveTLS(t *testing.T) {
	for raw, want := range map[string]bool{
		"https://api.example": true, "https://api.example:8443/": true, "http://127.0.0.1:80": true, "http://localhost": true, "http://[::1]:1": true,
		"http://api.example": false, "https://api.example/v1": false, "https://u:p@api.example": false, "https://api.example?x": false, "api.example": false, "": false, "://": false,
	} {
		if err := CheckAddress("api_url", raw, "https://api.example"); (err == nil) != want {
			t.Errorf("CheckAddress(%q) = %v", raw, err)
		}
	}
}
