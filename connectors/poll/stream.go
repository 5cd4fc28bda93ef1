package poll

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// A Stream is one of events (text/event-stream) by which a vendor tells that there is something new. It repeats nothing, so what it tells is a
// hint to ask, and so is that it was opened.
type Stream struct {
	// Sign makes the transport that proves who we are out of the next one.
	Sign func(next http.RoundTripper) http.RoundTripper
	// Cause gives an error of the transport without the address that was asked.
	Cause func(error) error
	Told  func() // is called when the stream opens, and with each event of which News says that it is worth a call
	// News gets the data of an event, or the beginning of it where it is long; nil wants all.
	News func(data string) bool
	// Steady is called when the stream has lasted for as long as one that has not failed does at least; nil is not called.
	Steady func()
	// Silence is after when a stream that says nothing is given up; vendors send a comment now and then. 0 is 90 seconds.
	Silence time.Duration
}

// brief is how long a stream lasts at least that has not failed.
const brief = 30 * time.Second

// Follow listens until the stream ends or ctx is done. A stream that can't be opened, or ends at once, is an error.
func (s *Stream) Follow(ctx context.Context, url string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	silence := cmp.Or(s.Silence, 90*time.Second)
	quiet := time.AfterFunc(silence, cancel)
	defer quiet.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return errors.New("the address of the stream is none")
	}
	req.Header.Set("Accept", "text/event-stream")
	plain := http.DefaultTransport.(*http.Transport).Clone()
	defer plain.CloseIdleConnections()
	res, err := s.Sign(plain).RoundTrip(req)
	if err != nil {
		return fmt.Errorf("open stream: %w", s.Cause(err))
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("open stream: status %d", res.StatusCode)
	}
	began := time.Now()
	s.Told()
	if s.Steady != nil {
		steady := time.AfterFunc(brief, s.Steady)
		defer steady.Stop()
	}
	for lines, within := bufio.NewReader(res.Body), false; ; quiet.Reset(silence) {
		line, long, err := lines.ReadLine()
		if err != nil {
			break
		}
		if data, ok := strings.CutPrefix(string(line), "data:"); ok && !within && (s.News == nil || s.News(data)) {
			s.Told()
		}
		within = long
	}
	if time.Since(began) < brief && ctx.Err() == nil {
		return errors.New("the stream ended at once")
	}
	return nil
}
