package poll_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"loket/connectors/poll"
)

func TestStreamTellsThatThereIsSomethingNew(t *testing.T) {
	more := make(chan string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/none":
			w.WriteHeader(http.StatusUnauthorized)
			return
		case "/brief":
			return
		}
		w.WriteHeader(http.StatusOK)
		for {
			w.(http.Flusher).Flush()
			select {
			case text := <-more:
				fmt.Fprint(w, text)
			case <-r.Context().Done():
				return
			}
		}
	}))
	defer server.Close()
	told := make(chan bool, 9)
	s := &poll.Stream{
		Sign: func(next http.RoundTripper) http.RoundTripper { return next }, Cause: func(err error) error { return err }, Told: func() { told <- true },
		News: func(data string) bool { return data == " {}" },
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Follow(ctx, server.URL) }()
	<-told
	for _, text := range []string{":thump\n", "data: " + strings.Repeat("x", 1<<20) + "\n\n", "event: notification\ndata: {}\n\n"} {
		more <- text
	}
	<-told
	cancel()
	if err := <-done; err != nil || len(told) != 0 {
		t.Errorf("Follow = %v, told %d times more", err, len(told))
	}
	if err := s.Follow(t.Context(), server.URL+"/brief"); err == nil {
		t.Error("a stream that ends at once is no error")
	}
	if err := s.Follow(t.Context(), server.URL+"/none"); err == nil || err.Error() != "open stream: status 401" {
		t.Errorf("Follow = %v, want an error with the status", err)
	}
	s.Silence = 20 * time.Millisecond
	if err := s.Follow(t.Context(), server.URL); err != nil {
		t.Errorf("Follow of a stream that says nothing = %v, want its end", err)
	}
}
