package desk_test

import (
	"testing"

	"loket/internal/store/storetest"
	"loket/router/queue"
)

// TestMergedTasksAreArchivedTogether: one that goes on in another stays as long as that one, reads as before when both are
// archived, and what is written in it then begins a task that is linked to the one that stayed.
func TestMergedTasksAreArchivedTogether(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t), t.TempDir(), nil)
	stays, _ := h.says("kate", "first", "")
	goes, thread := h.says("kate", "second", "")
	h.notes(goes, "noted in the second")
	h.answers(goes, "like this", false)
	if _, err := h.desk.Reopen(t.Context(), h.by("anna"), goes); err != nil {
		t.Fatal(err)
	}
	if _, err := h.desk.Merge(t.Context(), h.by("anna"), stays, goes); err != nil {
		t.Fatal(err)
	}
	h.age()
	h.archives(0)
	h.closes(stays)
	before, gone := h.task(stays), h.task(goes)
	if len(before.Messages) != 3 || len(before.Notes) != 1 || before.Card.Replies != 1 {
		t.Fatalf("merged: %+v", before)
	}
	h.archives(2)
	after := h.task(stays)
	if after.Card.Archived == nil || len(after.Messages) != 3 || len(after.Notes) != 1 || after.Notes[0].Text != before.Notes[0].Text {
		t.Errorf("archived: %+v", after)
	}
	if got := h.task(goes); got.Card.Archived == nil || got.Card.Into != gone.Card.Into || len(after.Card.Merged) != 1 || after.Card.Merged[0].Number != got.Card.Number {
		t.Errorf("the one that went, archived: %+v", got)
	}
	h.healthy()
	next, _ := h.says("kate", "long afterwards", thread)
	if got := h.task(next); next == goes || got.Card.State != queue.Queued || len(got.Links) != 1 || got.Links[0].Number != before.Card.Number {
		t.Errorf("the next task = %+v; want it linked to %d", got, before.Card.Number)
	}
	h.healthy()
}
