package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/connectors/webhook"
	"loket/connectors/webhook/webhooktest"
)

func TestFilesComeFromNamedHostsOnly(t *testing.T) {
	b := newBench(t, "")
	event := webhooktest.Said("a", "+31612345678", "Kijk")
	event["files"] = []any{b.server.Keep("a.png", "\x89PNG\r\n\x1a\n"), "http://169.254.169.254/latest", "file:///etc/passwd", map[string]any{"url": b.server.Keep("b", "%PDF-1.7"), "name": "../brief.pdf"}}
	if got := b.post(t, webhooktest.Body(event)); got != http.StatusOK {
		t.Fatalf("status %d", got)
	}
	var got []string
	for _, a := range b.Only().Attachments {
		got = append(got, a.Name+" "+a.Type)
	}
	if diff := cmp.Diff([]string{"file.png image/png", "brief.pdf application/pdf"}, got); diff != "" || b.Only().Marks[0] != webhook.MarkNoFile {
		t.Errorf("attachments (-want +got):\n%s, marks %v", diff, b.Only().Marks)
	}
}

// A message is posted once and taken at once; a file of it that is not there yet follows it, or is given up after two minutes.
func TestFilesFollowMessagesThatAreNotPostedAgain(t *testing.T) {
	for _, test := range []struct {
		name   string
		absent int // how often the file is not there
		full   int // how often our own store does not take it
		want   []string
	}{
		{"there at the second asking", 1, 0, []string{"Kijk: file.pdf"}},
		{"there later", 3, 0, []string{"Kijk: " + webhook.MarkLate, ": file.pdf"}},
		{"never there", 99, 0, []string{"Kijk: " + webhook.MarkLate, "(" + webhook.MarkNoFile + "): " + webhook.MarkNoFile}},
		{"there, and no room for it with us for long", 0, 9, []string{"Kijk: " + webhook.MarkLate, ": file.pdf"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // it waits a second before it asks again
			b := newBench(t, "")
			env, now, due := b.Env("pager"), time.Now(), map[string]time.Time{}
			env.Blobs = &full{env.Blobs, test.full}
			env.RemindAt = func(_ context.Context, key string, at time.Time) error { due[key] = at; return nil }
			cfg, err := parse(webhooktest.Settings(b.server.URL))
			if err != nil {
				t.Fatal(err)
			}
			w, err := webhook.Type().New(cfg, env)
			if err != nil {
				t.Fatal(err)
			}
			webhook.SetClock(w, func() time.Time { return now })
			b.Connector = w
			event := webhooktest.Said("a", "+31612345678", "Kijk")
			event["files"] = []any{b.server.Keep("a.pdf", "%PDF-1.7")}
			b.server.Lose(test.absent)
			if got := b.post(t, webhooktest.Body(event)); got != http.StatusOK {
				t.Fatalf("status %d, want that it is taken", got)
			}
			for len(due) > 0 {
				for id, at := range due {
					now = at
					again, err := w.(connectors.Reminded).Remind(t.Context(), id, at)
					if err != nil {
						t.Fatal(err)
					}
					if due[id] = again; again.IsZero() {
						delete(due, id)
					}
				}
			}
			var got []string
			for _, m := range b.Accepted() {
				what := slices.Clone(m.Marks)
				for _, a := range m.Attachments {
					what = append(what, a.Name)
				}
				got = append(got, m.Text+": "+strings.Join(what, " "))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
			if all := b.Accepted(); len(all) == 2 && !slices.Contains(all[1].References, all[0].Own) {
				t.Errorf("what follows refers to %q", all[1].References)
			}
		})
	}
}

// What cannot be a file, or is one too many, leaves a mark.
func TestFilesThatAreNoneLeaveAMark(t *testing.T) {
	many := make([]any, 21)
	for name, test := range map[string]struct {
		files any
		want  []string
	}{
		"none": {nil, nil}, "an empty field": {[]any{"", nil}, nil}, "21": {many, []string{webhook.MarkNoFile}},
		"an object without url": {[]any{map[string]any{"name": "a"}}, []string{webhook.MarkNoFile}}, "a number": {[]any{7}, []string{webhook.MarkNoFile}},
	} {
		b := newBench(t, "")
		event := webhooktest.Said("a", "+31612345678", "Kijk")
		event["files"] = test.files
		if got := b.post(t, webhooktest.Body(event)); got != http.StatusOK {
			t.Fatalf("%s: status %d", name, got)
		}
		if diff := cmp.Diff(test.want, b.Only().Marks); diff != "" {
			t.Errorf("%s: marks (-want +got):\n%s", name, diff)
		}
	}
}

// The files of a form are one message's, and those that are too many are told of.
func TestFilesOfAFormAreOfTheFirstMessage(t *testing.T) {
	b := newBench(t, open(`message: {each: body.id, id: item}`))
	part := func(head, content string) string {
		return "--B\r\nContent-Disposition: form-data; name=" + head + "\r\n\r\n" + content + "\r\n"
	}
	body := part("id", "1") + part("id", "2") + strings.Repeat(part("f; filename=a.txt", "x"), 21) + "--B--\r\n"
	r := httptest.NewRequest(http.MethodPost, "/?t="+openToken, strings.NewReader(body))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=B")
	if got := connectortest.Do(t, b.Connector, r).Code; got != http.StatusOK {
		t.Fatalf("status %d", got)
	}
	var got []string
	for _, m := range b.Accepted() {
		got = append(got, fmt.Sprint(m.Own, " ", len(m.Attachments), " ", m.Marks))
	}
	if diff := cmp.Diff([]string{"1 20 [" + webhook.MarkNoFile + "]", "2 0 []"}, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

// full takes nothing so often.
type full struct {
	connectors.Blobs
	times int
}

func (f *full) Put(ctx context.Context, name string, r io.Reader) (int64, error) {
	if f.times > 0 {
		f.times--
		return 0, errors.New("the disk is full")
	}
	return f.Blobs.Put(ctx, name, r)
}
