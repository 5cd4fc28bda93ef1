package thread_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/internal/message"
	"loket/router/thread"
)

func TestThreadThatAnotherTookUpIsFoundThere(t *testing.T) {
	t.Parallel()
	threads, ctx := newThreads(t), t.Context()
	kate, bob := mailboxes("kate"), mailboxes("bob")
	first := inbound("first", "")
	first.Thread, first.From, first.Subject = first.ID, kate, "hers"
	late := inbound("late", first.ID)
	late.From, late.Name, late.Subject = bob, "Bob", "his"
	for _, m := range []*message.Message{first, late} {
		if _, _, err := threads.Place(ctx, thread.Placing{Message: m, Task: "T1"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := threads.Find(ctx, late.ID); !errors.Is(err, thread.ErrNone) {
		t.Errorf("Find before = %v, want ErrNone", err)
	}
	for range 2 { // a walk may begin again
		if err := threads.Absorb(ctx, late.ID, first.ID); err != nil {
			t.Fatal(err)
		}
	}
	got, err := threads.Find(ctx, late.ID)
	want := &thread.Thread{ID: first.ID, Connector: "website", Channel: "web", Subject: "his", Name: "Bob", From: bob, Began: first.Received, Task: "T1", Absorbed: late.ID}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("Find of what was taken up (-want +got):\n%s%v", diff, err)
	}
	if th, err := threads.Find(ctx, first.ID); err != nil || th.Absorbed != "" || th.Subject != "hers" {
		t.Errorf("Find of the thread itself = %+v, %v", th, err)
	}
	for id, want := range map[string]string{late.ID: first.ID, first.ID: "", message.NewID([]byte("other")): ""} {
		if got, err := threads.Absorber(ctx, id); got != want || err != nil {
			t.Errorf("Absorber(%s) = %q, %v; want %q", id, got, err, want)
		}
	}
	_, err = threads.Forget(ctx, first.ID, thread.Forgetting{
		Theirs: func(m *message.Message) bool { return m.ID == late.ID },
		Began:  func(*thread.Thread) bool { return false },
		Drop:   func(context.Context, *message.Message) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := threads.Find(ctx, late.ID); !errors.Is(err, thread.ErrNone) {
		t.Errorf("Find of what was forgotten = %v, want ErrNone", err)
	}
}
