package desk_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/desk"
	"loket/internal/store/storetest"
)

// Who has a task open is told, and what they hold stays theirs; when they went, it is given back, unless they are writing in it.
func TestWhatStandsOpenStaysHeld(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	h := newEnv(t, st, t.TempDir(), nil)
	ctx, anna, mia := t.Context(), h.by("anna"), h.by("mia")
	task, _ := h.says("kate", "where is it?", "")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	present := func(want ...desk.Presence) {
		t.Helper()
		got, err := h.desk.Present(ctx, anna)
		must(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("there are (-want +got):\n%s", diff)
		}
	}
	gone := func() { must(st.Redis().Del(ctx, "lk:{desk}:here").Err()) }
	holder := func(want string) {
		t.Helper()
		got, err := h.desk.Task(ctx, mia, task)
		must(err)
		if got.Card.Agent != want {
			t.Errorf("the task is held by %q, want %q", got.Card.Agent, want)
		}
	}
	_, err := h.desk.Take(ctx, anna, task)
	must(err)
	holds, err := h.desk.Here(ctx, anna, task, "T-999-9", "rubbish")
	must(err)
	if len(holds) != 1 || holds[0].Task != task || holds[0].Until == 0 {
		t.Fatalf("anna holds %+v, want the task", holds)
	}
	if none, err := h.desk.Here(ctx, mia, task); err != nil || len(none) != 0 {
		t.Errorf("mia holds %+v, %v, want nothing", none, err)
	}
	note := "their third"
	_, err = h.desk.SaveUnfinished(ctx, mia, task, desk.Edit{Note: &note})
	must(err)
	present(desk.Presence{Task: task, Team: "support", Person: "anna"}, desk.Presence{Task: task, Team: "support", Person: "mia", Writes: true})

	must(h.desk.Left(ctx, anna, holds[0])) // she has it open again
	holder("anna")
	text := "Dear Kate"
	_, err = h.desk.SaveUnfinished(ctx, anna, task, desk.Edit{Text: &text})
	must(err)
	gone()
	present()
	must(h.desk.Left(ctx, anna, holds[0])) // she is writing
	holder("anna")
	text = ""
	_, err = h.desk.SaveUnfinished(ctx, anna, task, desk.Edit{Text: &text, Rev: 1})
	must(err)
	old := holds[0]
	old.Lease = "of before"
	must(h.desk.Left(ctx, anna, old))
	holder("anna")
	must(h.desk.Left(ctx, anna, holds[0]))
	holder("")
}
