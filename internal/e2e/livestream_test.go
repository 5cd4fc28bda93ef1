package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"loket/desk/api"
)

// A told is one event of a page's stream.
type told struct {
	Kind, ID string
	Task     string   `json:"task"`
	HTML     string   `json:"html"`
	Looks    []string `json:"looks"`
	Writes   []string `json:"writes"`
	Stream   string   `json:"stream"`
	At       time.Time
}

// follow reads a page's stream until ctx ends or the stream does, and gives the status that it was answered with.
func (d *daemon) follow(ctx context.Context, c *http.Client, after string, each func(told)) int {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.desk+"/live?"+url.Values{"after": {after}}.Encode(), nil)
	if err != nil {
		return 0
	}
	req.Header.Set("X-Loket-Region", "live")
	endless := *c
	endless.Timeout = 0
	res, err := endless.Do(req)
	if err != nil {
		return 0
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return res.StatusCode
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	var now told
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			now.ID = value
		case "event":
			now.Kind = value
		case "data":
			_ = json.Unmarshal([]byte(value), &now)
		case "":
			now.At = time.Now()
			each(now)
			now = told{}
		}
	}
	return res.StatusCode
}

// A stream that breaks again and again, also because the daemon dies, misses nothing and is told nothing twice: of each task it was told
// the newest that happened. A person's fifth stream is refused; whoever is signed out, or is of another team, is told nothing.
func TestLiveStreamMissesNothingAndDoublesNothing(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	nora, bob := d.signedIn("nora", "--team", "network"), d.signedIn("bob", "--team", "support")
	d.keepPorts()

	var mu sync.Mutex
	last, seen, twice := "0-0", map[string]string{}, 0
	ctx, stop := context.WithCancel(t.Context())
	var following sync.WaitGroup
	following.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			part, broken := context.WithTimeout(ctx, time.Duration(100+37*(n%20))*time.Millisecond)
			mu.Lock()
			after := last
			mu.Unlock()
			d.follow(part, nora, after, func(e told) {
				mu.Lock()
				defer mu.Unlock()
				if e.ID == "" {
					return
				}
				if !before(last, e.ID) {
					twice++
				}
				last, seen[e.Task] = e.ID, e.ID
			})
			broken()
		}
	})
	var foreign []told
	following.Go(func() {
		d.follow(ctx, bob, "0-0", func(e told) {
			if e.ID != "" {
				foreign = append(foreign, e)
			}
		})
	})

	anna := d.client("anna")
	var tasks []*api.Task
	for i := range 6 {
		d.say(t, fmt.Sprintf("No signal %d", i))
		if i == 3 {
			d.kill()
			d.start()
		}
	}
	tasks = d.tasks("network")
	for i := range 40 {
		if _, err := anna.Note(t.Context(), tasks[i%len(tasks)].ID, fmt.Sprintf("note %d", i)); err != nil {
			t.Fatal(err)
		}
	}
	newest, notes := map[string]string{}, 0
	err := anna.Events(t.Context(), "network", "0-0", func(e api.Event) error {
		newest[e.Task] = e.ID
		if e.Type == "noted" {
			notes++
		}
		if notes == 40 {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Fatal(err)
	}
	d.await("the newest of each task", func() bool {
		mu.Lock()
		defer mu.Unlock()
		for task, id := range newest {
			if seen[task] != id {
				return false
			}
		}
		return true
	})
	stop()
	following.Wait()
	if twice != 0 || len(newest) != 6 {
		t.Errorf("%d events came twice or late, of %d tasks", twice, len(newest))
	}
	if len(foreign) != 0 {
		t.Errorf("who answers for another team is told %+v", foreign)
	}

	// Five streams of one person.
	many, end := context.WithCancel(t.Context())
	defer end()
	begun := make(chan struct{}, 8)
	for range 4 {
		following.Go(func() {
			for many.Err() == nil { // the stream of a moment ago counts until the daemon has seen that it is gone
				first := sync.OnceFunc(func() { begun <- struct{}{} })
				d.follow(many, nora, "", func(told) { first() })
			}
		})
	}
	for range 4 {
		received(t, "a stream", begun)
	}
	if status := d.follow(many, nora, "", func(told) {}); status != http.StatusTooManyRequests {
		t.Errorf("the fifth stream is answered %d, want 429", status)
	}
	end()
	following.Wait()
	if status := d.follow(t.Context(), &http.Client{}, "", func(told) {}); status != http.StatusUnauthorized {
		t.Errorf("nobody's stream is answered %d, want 401", status)
	}

	// The stream of whoever may not sign in any more ends.
	over, first := make(chan int, 1), sync.OnceFunc(func() { begun <- struct{}{} })
	following.Go(func() { over <- d.follow(t.Context(), bob, "", func(told) { first() }) })
	received(t, "the stream of bob", begun)
	if out, code := d.loket("", "people", "disable", "bob"); code != 0 {
		t.Fatal(out)
	}
	received(t, "the end of the stream of somebody who was disabled", over)
	if status := d.follow(t.Context(), bob, "", func(told) {}); status != http.StatusUnauthorized {
		t.Errorf("their next stream is answered %d, want 401", status)
	}
	d.healthy()
}

var errEnough = errors.New("enough")

// before tells whether an event came before another.
func before(a, b string) bool {
	var a1, a2, b1, b2 int64
	_, _ = fmt.Sscanf(a, "%d-%d", &a1, &a2)
	_, _ = fmt.Sscanf(b, "%d-%d", &b1, &b2)
	return a1 < b1 || a1 == b1 && a2 < b2
}

// received takes what comes, within a minute.
func received[T any](tb testing.TB, what string, from <-chan T) (got T) {
	tb.Helper()
	select {
	case got = <-from:
	case <-time.After(time.Minute):
		tb.Fatalf("%s does not come within a minute", what)
	}
	return got
}
