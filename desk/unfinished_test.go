package desk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"loket/desk"
	"loket/internal/store/storetest"
)

var noTimes = cmpopts.IgnoreFields(desk.Unfinished{}, "At")

func atOnce(string) time.Duration { return 0 }

func TestWhatIsWrittenStaysUntilItIsSent(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t), t.TempDir(), nil)
	ctx, anna := t.Context(), h.by("anna")
	task, _ := h.says("kate", "where is it?", "")
	save := func(e desk.Edit) *desk.Saved {
		t.Helper()
		saved, err := h.desk.SaveUnfinished(ctx, anna, task, e)
		if err != nil {
			t.Fatal(err)
		}
		return saved
	}
	expect := func(by string, want *desk.Unfinished) {
		t.Helper()
		got, err := h.desk.Unfinished(ctx, h.by(by), task)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, noTimes); diff != "" {
			t.Errorf("%s is writing (-want +got):\n%s", by, diff)
		}
	}
	text, note, more := "Dear Kate", "their third", "Dear Kate, tomorrow"
	expect("anna", nil)
	if saved := save(desk.Edit{Text: &text, Key: "k"}); saved.Elsewhere || saved.Rev != 1 || saved.Zone != "UTC" {
		t.Errorf("saved as %+v, want the first", saved)
	}
	save(desk.Edit{Note: &note, Key: "k", Rev: 1})
	expect("anna", &desk.Unfinished{Text: text, Note: note, Rev: 2})
	expect("mia", nil) // it is nobody else's

	// Another window knows the first text only: the newest is kept, and it is told.
	if saved := save(desk.Edit{Text: &more, Key: "other", Rev: 1}); !saved.Elsewhere || saved.Rev != 3 {
		t.Errorf("saved as %+v, want that it is told of the other window", saved)
	}
	expect("anna", &desk.Unfinished{Text: more, Note: note, Rev: 3})
	in, err := h.desk.UnfinishedIn(ctx, anna)
	if diff := cmp.Diff(map[string]bool{task: true}, in); diff != "" || err != nil {
		t.Errorf("anna writes in (-want +got): %v\n%s", err, diff)
	}

	// Sent: what was on its way to be saved then comes too late, what is written next does not.
	if _, err := h.desk.Hold(ctx, anna, task, desk.Sending{Answer: desk.Answer{Text: more, Key: "k"}, Regret: atOnce}); err != nil {
		t.Fatal(err)
	}
	expect("anna", &desk.Unfinished{Note: note, Rev: 4})
	save(desk.Edit{Text: &text, Key: "k", Rev: 3})
	expect("anna", &desk.Unfinished{Note: note, Rev: 4})
	if err := h.desk.NoteSaved(ctx, anna, task); err != nil {
		t.Fatal(err)
	}
	expect("anna", nil)
	save(desk.Edit{Text: &text, Key: "next"})
	expect("anna", &desk.Unfinished{Text: text, Rev: 1})
	empty := " "
	save(desk.Edit{Text: &empty, Rev: 1})
	expect("anna", nil)
	if in, err := h.desk.UnfinishedIn(ctx, anna); err != nil || len(in) > 0 {
		t.Errorf("anna writes in %v, %v; want nothing", in, err)
	}
	long := strings.Repeat("x", desk.MaxText+1)
	if _, err := h.desk.SaveUnfinished(ctx, anna, task, desk.Edit{Text: &long}); err == nil {
		t.Error("a text without end is kept")
	}
}

func TestUnfinishedGoesInTimeAndWithTheCustomer(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	h := newEnv(t, st, t.TempDir(), nil)
	ctx := t.Context()
	task, _ := h.says("kate", "where is it?", "")
	other, _ := h.says("bob", "and mine?", "")
	text := "Dear Kate"
	for _, id := range []string{task, other} {
		if _, err := h.desk.SaveUnfinished(ctx, h.by("anna"), id, desk.Edit{Text: &text}); err != nil {
			t.Fatal(err)
		}
	}
	if went, err := h.desk.ForgetUnfinished(ctx, task); !went || err != nil {
		t.Errorf("ForgetUnfinished = %v, %v; want that something went", went, err)
	}
	if went, err := h.desk.ForgetUnfinished(ctx, task); went || err != nil {
		t.Errorf("ForgetUnfinished again = %v, %v; want nothing left", went, err)
	}
	all, err := h.desk.UnfinishedByAll(ctx, other)
	if want := []desk.Writing{{Agent: "anna", Unfinished: desk.Unfinished{Text: text, Rev: 1}}}; err != nil || cmp.Diff(want, all, noTimes) != "" {
		t.Errorf("in the other task writes %+v, %v; want %+v", all, err, want)
	}
	if n, err := h.desk.DropOldUnfinished(ctx); n != 0 || err != nil {
		t.Errorf("DropOldUnfinished = %d, %v; want nothing so soon", n, err)
	}
	end := st.Redis().ZScore(ctx, "lk:{desk}:d", other+" anna").Val()
	if left := time.Until(time.UnixMilli(int64(end))); left < desk.UnfinishedLasts-time.Hour || left > desk.UnfinishedLasts {
		t.Errorf("it is kept for %v, want %v", left, desk.UnfinishedLasts)
	}
}
