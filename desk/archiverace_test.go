package desk_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"loket/internal/message"
	"loket/internal/store/storetest"
	"loket/router/queue"
	"loket/router/thread"
)

// TestNothingIsLostBetweenStoreAndArchive: machines write and colleagues note in tasks that two archive all the while. Everything is there at the end, once.
func TestNothingIsLostBetweenStoreAndArchive(t *testing.T) {
	t.Parallel()
	const tasks, rounds = 6, 8
	h := newEnv(t, storetest.New(t), t.TempDir(), nil)
	var ids, threads []string
	for i := range tasks {
		task, id := h.says("kate", fmt.Sprint("first ", i), "")
		h.closes(task)
		ids, threads = append(ids, task), append(threads, id)
	}
	h.age()
	ctx, stop := context.WithCancel(t.Context())
	var archiving, writing sync.WaitGroup
	for range 2 {
		archiving.Go(func() {
			for ctx.Err() == nil {
				if done, err := h.desk.Archive(ctx, over()); ctx.Err() == nil && (err != nil || done.Failed > 0) {
					t.Errorf("Archive = %+v, %v", done, err)
				}
			}
		})
	}
	for i := range tasks {
		writing.Go(func() {
			for n := range rounds {
				m := &message.Message{
					ID: message.NewID([]byte(fmt.Sprint(i, n))), Thread: threads[i], Connector: "mailbox", Channel: "email", Automatic: message.Reply,
					Text: "away", Received: time.Now().UTC(), From: []message.Identifier{{Kind: "email", Value: "kate@example.org", Level: message.Attested}},
				}
				task, _, err := h.threads.Place(t.Context(), thread.Placing{Message: m, Task: "another"})
				if err != nil || task != ids[i] {
					t.Errorf("Place = %s, %v; want %s", task, err, ids[i])
				}
				if got, err := h.queue.Put(t.Context(), queue.Put{Task: task, Message: m, Thread: m.Thread}); got != queue.PutJoined {
					t.Errorf("Put = %s, %v", got, err)
				}
			}
		})
		writing.Go(func() {
			for n := range rounds {
				if _, err := h.desk.Note(t.Context(), h.by("anna"), ids[i], fmt.Sprint("note ", n)); err != nil {
					t.Error(err)
				}
			}
		})
		writing.Go(func() {
			for range rounds {
				if task := h.task(ids[i]); len(task.Messages) == 0 {
					t.Errorf("task %s is shown without messages", ids[i])
				}
			}
		})
	}
	writing.Wait()
	stop()
	archiving.Wait()
	for i, id := range ids {
		task := h.task(id)
		if len(task.Messages) != 1+rounds || len(task.Notes) != rounds {
			t.Errorf("task %d has %d messages and %d notes, want %d and %d", i, len(task.Messages), len(task.Notes), 1+rounds, rounds)
		}
	}
	if _, err := h.desk.Archive(t.Context(), over()); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if h.task(id).Card.Archived == nil {
			t.Errorf("task %s is not archived at the end", id)
		}
	}
	h.healthy()
}
