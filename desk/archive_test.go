package desk_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/desk/customers"
	"loket/internal/store/storetest"
	"loket/router/queue"
)

func TestWhatIsArchivedReadsAsBefore(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t), t.TempDir(), nil)
	h.customers = []string{h.register("kate"), h.register("bob")}
	tasks, threads := h.street()
	before := h.seen(tasks, threads)
	h.archives(closedInStreet)
	for i, id := range tasks {
		if got, want := h.task(id).Card.Archived != nil, i != 5 && i != 7; got != want {
			t.Errorf("task %d of the street is archived: %v, want %v", i, got, want)
		}
	}
	if diff := cmp.Diff(before, h.seen(tasks, threads)); diff != "" {
		t.Errorf("what is seen changed (-before +after):\n%s", diff)
	}
	h.healthy()
	h.archives(0)
	rdb := h.store.Redis()
	for _, id := range tasks[:5] {
		for _, key := range rdb.Keys(t.Context(), "*").Val() {
			if strings.Contains(key, ":x:") || strings.HasSuffix(key, ":e") || strings.HasSuffix(key, "{q}:q") || strings.Contains(key, "{reg}") {
				continue
			}
			if text := key + dump(t, rdb, key); strings.Contains(text, id) && !strings.Contains(text, tasks[7]) {
				t.Errorf("%s still speaks of archived task %s", key, id)
			}
		}
	}
	for _, id := range threads[:4] {
		if n := rdb.Exists(t.Context(), "lk:{c:"+id+"}:t", "lk:{c:"+id+"}:o").Val(); n != 0 {
			t.Errorf("thread %s is still in the store", id)
		}
	}
}

func TestWhoWritesInAnArchivedThreadBeginsATaskThatIsLinked(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t), t.TempDir(), nil)
	task, id := h.says("kate", "first", "")
	h.answers(task, "like this", false)
	h.age()
	h.archives(1)
	number := h.task(task).Card.Number
	next, reply := h.says("kate", "one more thing", id)
	got := h.task(next)
	if next == task || len(got.Links) != 1 || got.Links[0].Number != number || got.Card.State != queue.Queued {
		t.Fatalf("the next task is %s with links %v, want one linked to %d", next, got.Links, number)
	}
	if old := h.task(task); len(old.Links) != 1 || old.Links[0].Number != got.Card.Number || len(old.Messages) != 2 {
		t.Errorf("the old task has links %v and %d messages, want it to know the new one", old.Links, len(old.Messages))
	}
	if all, err := h.threads.Messages(t.Context(), id, 10); err != nil || len(all) != 3 || all[2].Message.ID != reply {
		t.Errorf("Messages = %d, %v; want all three in one thread", len(all), err)
	}
	if h.says("eve", "me too", id); h.task(next).Messages[1].Marks == nil {
		t.Error("a stranger is not marked as one")
	}
	h.archives(1) // the old task again; its thread stays with the new one
	h.healthy()
	h.closes(next)
	h.age()
	h.archives(1)
	h.healthy()
}

func TestWhatIsDoneWithAnArchivedTaskBringsItBack(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(*env, string) error{
		"note": func(h *env, id string) error {
			_, err := h.desk.Note(h.t.Context(), h.by("anna"), id, "more")
			return err
		},
		"reopen": func(h *env, id string) error { _, err := h.desk.Reopen(h.t.Context(), h.by("anna"), id); return err },
		"link": func(h *env, id string) error {
			other, _ := h.says("bob", "other", "")
			_, err := h.desk.Link(h.t.Context(), h.by("anna"), id, other)
			return err
		},
		"reply": func(h *env, id string) error {
			if _, err := h.desk.Reopen(h.t.Context(), h.by("anna"), id); err != nil {
				return err
			}
			h.answers(id, "after all", false)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newEnv(t, storetest.New(t), t.TempDir(), nil)
			task, _ := h.says("kate", "first", "")
			h.notes(task, "a note")
			h.answers(task, "like this", false)
			h.age()
			h.archives(1)
			if err := do(h, task); err != nil {
				t.Fatal(err)
			}
			got := h.task(task)
			if got.Card.Archived != nil || got.Notes[0].Text != "a note" || got.Messages[1].Delivery == nil {
				t.Errorf("task = %+v, want it back whole", got)
			}
			h.healthy()
			if got.Card.State == queue.Closed {
				h.archives(1)
				again := h.task(task)
				if again.Card.Archived = nil; !cmp.Equal(got, again) {
					t.Errorf("archived again it reads differently:\n%s", cmp.Diff(got, again))
				}
			}
			h.healthy()
		})
	}
}

func TestErasureReachesTheArchive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := newEnv(t, storetest.New(t), dir, nil)
	kate := h.register("kate")
	tasks, _ := h.street()
	h.archives(closedInStreet)
	if done, err := h.service.Erase(t.Context(), h.by("anna"), kate, customers.Erasure{Because: customers.Because{Reason: "asked"}}); !done || err != nil {
		t.Fatalf("Erase = %v, %v", done, err)
	}
	h.forgotten()
	h.healthy()
	if _, err := h.desk.Archive(t.Context(), over()); err != nil {
		t.Fatal(err)
	}
	h.forgotten()
	if got := h.task(tasks[0]); got.Card.Archived == nil || len(got.Messages) != 2 || got.Messages[0].Text != "me too" {
		t.Errorf("what bob said in her task is %+v, want it kept", got.Messages)
	}
	if got := h.task(tasks[4]); !strings.HasPrefix(got.Messages[0].Text, "spam") {
		t.Errorf("bob's own task = %+v, want it kept", got)
	}
	h.healthy()
}
