package identity

import (
	"errors"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
	"loket/internal/store/storetest"
)

// A process that dies anywhere while it erases leaves nothing that erasing again does not finish.
func TestEraseIsFinishedByErasingAgain(t *testing.T) {
	for commands := int64(0); ; commands++ {
		socket := storetest.Server(t)
		r := New(storetest.On(t, options(socket)), testConfig())
		a, b := register(t, r, "cno:1", "email:kate@example.org"), register(t, r, "cno:2")
		if _, err := r.Link(t.Context(), one(t, "email:kate@example.org"), b.ID, Actor{Name: "anna"}); !errors.Is(err, ErrConflict) {
			t.Fatal(err)
		}
		client := redis.NewClient(options(socket))
		client.AddHook(&cutting{left: commands})
		s := store.New(client, store.Info{}, nil)
		killed := New(s, testConfig()).Erase(t.Context(), a.ID, Actor{Name: "anna"}) != nil
		_ = s.Close()
		// What another process filed after it had looked.
		k := pairOf(a.ID, b.ID)
		r.store.Redis().ZAdd(t.Context(), suggestionsKey(), redis.Z{Score: 40, Member: k.x + "+" + k.y})
		if err := r.Erase(t.Context(), a.ID, Actor{Name: "anna"}); err != nil && !errors.Is(err, ErrGone) {
			t.Fatalf("Erase after one that died at command %d = %v", commands, err)
		}
		for _, trace := range []string{a.ID + "+", "+" + a.ID} {
			if all := everything(t, r); strings.Contains(all, trace) {
				t.Fatalf("died at command %d, then erased again: %q is in the store\n%s", commands, trace, all)
			}
		}
		nowhere(t, r.store, "kate@example.org")
		sound(t, r)
		if !killed {
			return
		}
	}
}

// What somebody typed about two customers goes from the history of both when one is erased; the rest of that history
// stays.
func TestEraseTakesTheReasonsFromTheHistoryOfOthers(t *testing.T) {
	r := empty(t)
	a, b, c := register(t, r, "cno:1", "email:kate@example.org"), register(t, r, "cno:2"), register(t, r, "cno:3")
	reasoned := func(reason string) Actor { return Actor{Name: "anna", Reason: reason, Confirm: true} }
	if _, err := r.Merge(t.Context(), a.ID, b.ID, reasoned("Kate says that she is Anna")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Unmerge(t.Context(), a.ID, b.ID, reasoned("Kate is not Anna")); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Merge(t.Context(), b.ID, c.ID, reasoned("moved house")); err != nil {
		t.Fatal(err)
	}
	if err := r.Erase(t.Context(), a.ID, Actor{Name: "anna"}); err != nil {
		t.Fatal(err)
	}
	nowhere(t, r.store, "Kate says", "Kate is not")
	log, _, err := r.Log(t.Context(), b.ID, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, e := range log {
		if e.Op != "create" {
			got += e.Op + ":" + e.Reason + " "
		}
	}
	if want := "merge:moved house unmerge: merge: "; got != want {
		t.Errorf("Log of the other = %q, want %q", got, want)
	}
	sound(t, r)
}
