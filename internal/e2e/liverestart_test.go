package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"
)

// A follower reads a page's stream as a browser does: after the last event that it has, and again after a pause when the stream is over.
type follower struct {
	mu    sync.Mutex
	last  string
	tasks map[string]bool
	twice int
	back  time.Time // when its stream last began
}

// read follows until ctx ends.
func (r *follower) read(ctx context.Context, d *daemon, c *http.Client) {
	for tries := 0; ctx.Err() == nil; tries++ {
		d.follow(ctx, c, r.after(), func(e told) {
			tries = 0
			r.take(e)
		})
		select { // as events.js waits
		case <-ctx.Done():
		case <-time.After(time.Duration(500+rand.IntN(1000)) * time.Millisecond << min(tries, 2)):
		}
	}
}

func (r *follower) after() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.back = time.Time{}
	return r.last
}

func (r *follower) take(e told) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.back.IsZero() {
		r.back = e.At
	}
	if e.ID == "" {
		return
	}
	if !before(r.last, e.ID) {
		r.twice++
	}
	r.last, r.tasks[e.Task] = e.ID, true
}

// has tells since when its stream is there, and of how many tasks it was told.
func (r *follower) has() (back time.Time, tasks int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.back, len(r.tasks)
}

// The daemon is stopped, and killed, under fifty browsers: all are back within seconds of its start, and each is told of everything, once.
func TestFiftyStreamsComeBackAfterARestart(t *testing.T) {
	t.Parallel()
	const most, each = 50, 4
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	d.keepPorts()
	ctx, stop := context.WithCancel(t.Context())
	var following sync.WaitGroup
	defer following.Wait()
	defer stop()
	var followers []*follower
	var c *http.Client
	for i := range most {
		if i%each == 0 {
			c = d.signedIn(fmt.Sprintf("nora%d", i/each), "--team", "network")
		}
		r := &follower{last: "0-0", tasks: map[string]bool{}}
		as := c
		followers = append(followers, r)
		following.Go(func() { r.read(ctx, d, as) })
	}
	all := func(what string, tasks int) (last time.Time) {
		t.Helper()
		d.await(what, func() bool {
			for _, r := range followers {
				back, has := r.has()
				if back.IsZero() || has != tasks {
					return false
				}
				if back.After(last) {
					last = back
				}
			}
			return true
		})
		return last
	}
	told := 0
	say := func() {
		for range 3 {
			d.say(t, fmt.Sprintf("No signal %d", told))
			told++
		}
	}
	say()
	all("what happens to be told to all", told)
	for _, end := range []struct {
		how string
		do  func()
	}{{"stopped", d.stop}, {"killed", d.kill}} {
		begun := time.Now()
		end.do()
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("with %d streams it took %v until it was %s", most, took, end.how)
		}
		d.start()
		up := time.Now()
		say()
		if took := all("all to be told of what came after it was "+end.how, told).Sub(up); took > 20*time.Second {
			t.Errorf("after it was %s the last of %d came back after %v", end.how, most, took)
		} else {
			t.Logf("%s: the last of %d came back %v after the start", end.how, most, took)
		}
	}
	for i, r := range followers {
		if r.twice > 0 {
			t.Errorf("follower %d was told %d times of what it knew", i, r.twice)
		}
	}
	d.healthy()
}
