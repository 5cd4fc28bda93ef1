package thread_test

import (
	"testing"

	"loket/internal/message"
	"loket/router/thread"
)

func TestBeginIsDoneOnce(t *testing.T) {
	t.Parallel()
	threads := newThreads(t)
	id := message.NewID([]byte("a"))
	for _, subject := range []string{"first", "second"} {
		if err := threads.Begin(t.Context(), thread.Thread{ID: id, Connector: "mailbox", Channel: "email", Subject: subject, Task: subject}); err != nil {
			t.Fatal(err)
		}
	}
	if th, err := threads.Find(t.Context(), id); err != nil || th.Subject != "first" || th.Task != "first" {
		t.Errorf("Find = %+v, %v; want what was begun first", th, err)
	}
}
