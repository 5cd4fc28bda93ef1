package webhook_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// A message whose file cannot be had is posted again for a while, and then it comes without, with a mark.
func TestMessagesDoNotWaitForTheirFilesForEver(t *testing.T) {
	type try struct {
		after  time.Duration // the one before
		absent int           // how often the file is not there
		want   int
	}
	for _, test := range []struct {
		name  string
		tries []try
		want  []string // names of files, and marks
	}{
		{"there at the second asking", []try{{0, 1, 200}}, []string{"file.pdf"}},
		{"there when it is posted again", []try{{0, 2, 503}, {time.Minute, 0, 200}}, []string{"file.pdf"}},
		{"never there", []try{{0, 99, 503}, {90 * time.Second, 99, 503}, {90 * time.Second, 99, 200}}, []string{webhook.MarkNoFile}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // it waits a second before it asks again
			b := newBench(t, "")
			event := webhooktest.Said("a", "+31612345678", "Kijk")
			event["files"] = []any{b.server.Keep("a.pdf", "%PDF-1.7")}
			for _, try := range test.tries {
				b.Pass(try.after)
				b.server.Lose(try.absent)
				if got := b.post(t, webhooktest.Body(event)); got != try.want {
					t.Fatalf("after %s: status %d, want %d", try.after, got, try.want)
				}
			}
			var got []string
			for _, a := range b.Only().Attachments {
				got = append(got, a.Name)
			}
			if diff := cmp.Diff(test.want, append(got, b.Only().Marks...)); diff != "" {
				t.Errorf("files and marks (-want +got):\n%s", diff)
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
