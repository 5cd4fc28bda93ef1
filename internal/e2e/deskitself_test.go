package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store/storetest"
)

// What a page does by itself is no use of the session, which ends 12 hours after its last, and leaves mentions unread.
func TestPageThatStandsOpenKeepsNobodySignedIn(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket})
	t.Cleanup(func() { _ = rdb.Close() })
	d := newDaemon(t, fmt.Sprintf(standard, "url: unix://"+server.Socket)).start()
	nora := d.visitor("nora", "--team", "network")
	d.say(t, "No signal")
	task := d.tasks("network")[0]
	if _, err := d.client("anna").Note(t.Context(), task.ID, "@nora will know"); err != nil {
		t.Fatal(err)
	}
	page := "/tasks/" + task.Number
	keys := rdb.Keys(t.Context(), "lk:{desk}:s:*").Val()
	if len(keys) != 1 {
		t.Fatalf("sessions: %v", keys)
	}
	left := func() time.Duration { return rdb.TTL(t.Context(), keys[0]).Val() }
	var session map[string]any
	if err := json.Unmarshal([]byte(rdb.Get(t.Context(), keys[0]).Val()), &session); err != nil {
		t.Fatal(err)
	}
	session["seen"] = time.Now().Add(-11 * time.Hour).UnixMilli()
	text, err := json.Marshal(session)
	if err != nil {
		t.Fatal(err)
	}
	if err := rdb.Set(t.Context(), keys[0], text, time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{page, "/desk"} {
		if got := d.asks(nora, http.MethodGet, path, "X-Loket-Region", "task", "X-Loket-Itself", "1"); got != http.StatusOK {
			t.Fatalf("%s is answered %d", path, got)
		}
	}
	d.read(nora, "/board", 200)
	if got := left(); got > time.Hour {
		t.Errorf("after what goes on by itself the session has %v left, want an hour", got)
	}
	if got := rdb.ZCard(t.Context(), "lk:{desk}:m:nora").Val(); got != 1 {
		t.Errorf("%d mentions are unread, want the one that nobody read", got)
	}
	d.read(nora, page, 200)
	if got := left(); got <= time.Hour {
		t.Errorf("after a look the session has %v left, want 12 hours", got)
	}
	if got := rdb.ZCard(t.Context(), "lk:{desk}:m:nora").Val(); got != 0 {
		t.Errorf("%d mentions are unread, want none", got)
	}
}

// A browser that answers nothing, because its machine sleeps, is told what happens for as long as its connection takes it, but its person is not there.
func TestBrowserThatDoesNotAnswerIsNotThere(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	nora, mo := d.visitor("nora", "--team", "network"), d.visitor("mo", "--team", "network")
	d.say(t, "No signal")
	task := d.tasks("network")[0].ID
	var mu sync.Mutex
	streams, looks := map[string]string{}, []string(nil)
	ctx, stop := context.WithCancel(t.Context())
	var following sync.WaitGroup
	defer func() { stop(); following.Wait() }()
	for name, c := range map[string]*http.Client{"nora": nora, "mo": mo} {
		following.Go(func() {
			d.follow(ctx, c, "", func(e told) {
				mu.Lock()
				defer mu.Unlock()
				if e.Kind == "beat" {
					streams[name] = e.Stream
				}
				if e.Kind == "here" && e.Task == task {
					looks = e.Looks
				}
			})
		})
	}
	d.await("both streams", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return streams["nora"] != "" && streams["mo"] != ""
	})
	there := func(want ...string) {
		t.Helper()
		d.await(fmt.Sprint(want, " to be there"), func() bool {
			mu.Lock()
			defer mu.Unlock()
			return slices.Equal(looks, want)
		})
	}
	d.postForm(mo, "/live/here", url.Values{"stream": {streams["mo"]}, "open": {task}}, http.StatusNoContent)
	there("mo")
	d.postForm(nora, "/live/here", url.Values{"stream": {streams["nora"]}, "open": {task + ",T-1-9"}}, http.StatusNoContent)
	there("mo", "nora")
}
