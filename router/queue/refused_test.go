package queue_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"loket/internal/store"
	"loket/internal/store/storetest"
	"loket/router/queue"
)

func TestClaimsThatAreRefusedChangeNothing(t *testing.T) {
	r := newRoom(t)
	tasks := []string{r.begin("T1"), r.begin("T2"), r.begin("T3")}
	for _, refusal := range storetest.Refusals() {
		before := storetest.Dump(t, r.store.Redis())
		refusal.Begin(t, r.store.Redis())
		for range 2 * len(tasks) {
			if got, err := r.Claim(t.Context(), queue.Claim{Team: support, Agent: "anna"}); got != nil || !errors.Is(err, store.ErrAway) {
				t.Errorf("%s: Claim = %v, %v; want ErrAway", refusal.Name, got, err)
			}
		}
		refusal.End(t, r.store.Redis())
		if diff := cmp.Diff(before, storetest.Dump(t, r.store.Redis())); diff != "" {
			t.Errorf("%s: the store changed (-before +after):\n%s", refusal.Name, diff)
		}
	}
	for _, want := range tasks {
		if got := r.claim("anna"); got.ID != want {
			t.Errorf("afterwards Claim gave %s, want %s", got.ID, want)
		}
	}
}

func TestWorkIsGivenBackWithTheMemoryFull(t *testing.T) {
	r := newRoom(t)
	for _, id := range []string{"expires", "is returned", "is closed", "is held"} {
		r.begin(id)
	}
	r.begin("gets late", dueIn(-5*time.Hour, -time.Hour))
	r.begin("wakes")
	if _, err := r.Wait(t.Context(), "wakes", r.take("wakes", "anna"), r.begun.Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	held := r.take("is held", "bob")
	returned, closed := r.take("is returned", "anna"), r.take("is closed", "anna")
	r.teams.set(&r.teams.lease, 0)
	r.take("expires", "anna")
	place := r.task("expires").Due
	storetest.Full().Begin(t, r.store.Redis())
	r.reap(3)
	if got := r.want("expires", queue.Queued); got.Due != place {
		t.Errorf("due = %d, was %d", got.Due, place)
	}
	r.want("wakes", queue.Queued)
	r.newest("gets late", queue.Breached)
	if _, err := r.Return(t.Context(), "is returned", returned); err != nil {
		t.Errorf("Return = %v", err)
	}
	if _, err := r.Close(t.Context(), "is closed", closed, "done"); err != nil {
		t.Errorf("Close = %v", err)
	}
	r.teams.set(&r.teams.lease, time.Hour)
	if _, err := r.Heartbeat(t.Context(), "is held", held); err != nil {
		t.Errorf("Heartbeat = %v", err)
	}
	before := storetest.Dump(t, r.store.Redis())
	for name, step := range map[string]func() error{
		"Take":     func() error { _, err := r.Take(t.Context(), "expires", "anna"); return err },
		"Transfer": func() error { _, err := r.Transfer(t.Context(), "is held", held, webcare, "please"); return err },
		"Note":     func() error { _, err := r.AddNote(t.Context(), "is held", held, "hm"); return err },
		"Reopen":   func() error { _, err := r.Reopen(t.Context(), "is closed", "anna"); return err },
		"Reply": func() error {
			_, _, err := r.Reply(t.Context(), "is held", held, queue.Answer{Message: r.said("yes", 0)})
			return err
		},
	} {
		if err := step(); !errors.Is(err, store.ErrAway) {
			t.Errorf("%s = %v, want ErrAway", name, err)
		}
	}
	if diff := cmp.Diff(before, storetest.Dump(t, r.store.Redis())); diff != "" {
		t.Errorf("what was refused changed the store (-before +after):\n%s", diff)
	}
	storetest.Full().End(t, r.store.Redis())
}

func TestAClaimThatTheStoreDoesLaterIsGivenBack(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	r := checked(roomOn(t, storetest.On(t, &redis.Options{Network: "unix", Addr: server.Socket, ReadTimeout: time.Minute})))
	r.begin("T1")
	r.begin("T2")
	place := r.task("T1").Due
	server.Freeze()
	if got, err := r.Claim(t.Context(), queue.Claim{Team: support, Agent: "anna"}); !errors.Is(err, store.ErrAway) {
		t.Errorf("Claim of a frozen store = %v, %v; want ErrAway", got, err)
	}
	server.Thaw()
	for deadline := time.Now().Add(20 * time.Second); r.task("T1").State != queue.Claimed; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the store did not do the claim: this test shows nothing")
		}
	}
	r.reap(1)
	if got := r.want("T1", queue.Queued); got.Due != place {
		t.Errorf("due = %d, was %d", got.Due, place)
	}
	r.reap(0)
	for _, want := range []string{"T1", "T2"} {
		if got := r.claim("anna"); got.ID != want {
			t.Errorf("Claim gave %s, want %s", got.ID, want)
		}
	}
}
