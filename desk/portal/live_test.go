package portal

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"loket/internal/message"
)

// What is placed a moment after the hint is told too, and stopping ends the stream.
func TestStreamTellsEachVersionOnce(t *testing.T) {
	hints, watched := make(chan struct{}, 1), make(chan string, 10)
	stopping := make(chan struct{})
	h := newHouse(t, func(o *Options) {
		o.Stopping = stopping
		o.Watch = func(task string) (<-chan struct{}, func()) {
			watched <- task
			return hints, func() {}
		}
	})
	talk(h)
	server := httptest.NewServer(h)
	defer server.Close()
	res, err := http.Get(server.URL + h.page("a") + "/live")
	if err != nil || res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%v, %v", res, err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	version := func() string {
		t.Helper()
		for lines.Scan() {
			if v, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return v
			}
		}
		t.Fatal("the stream is over")
		return ""
	}
	first := version()
	if page := h.do(browser(get(h.page("a")))).Body.String(); !strings.Contains(page, `data-version="`+first+`"`) {
		t.Errorf("the page has another version than %s", first)
	}
	h.stand(Answered)
	hints <- struct{}{}
	second := version()
	h.tell("a", &message.Message{ID: id("m3"), Direction: message.Out, Text: "It works", Sent: noon.Add(time.Hour), Received: noon})
	third := version() // by the same hint
	if first == second || second == third {
		t.Errorf("versions %s, %s, %s", first, second, third)
	}
	if got := <-watched; got != "" {
		t.Errorf("watched %q, want the thread's task, which has none", got)
	}
	close(stopping)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "data: ") {
			t.Errorf("more: %s", lines.Text())
		}
	}
}
