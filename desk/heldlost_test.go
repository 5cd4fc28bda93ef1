package desk_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"loket/desk"
	"loket/internal/message"
	"loket/router/queue"
)

// fillDrafts leaves no room for one more draft with the task.
func (h *holding) fillDrafts() {
	h.t.Helper()
	for i := range 50 {
		if _, err := h.queue.KeepDraft(h.t.Context(), h.task, queue.Draft{Agent: "mia", Text: fmt.Sprint("draft ", i)}); err != nil {
			h.t.Fatal(err)
		}
	}
}

func (h *holding) saves(e desk.Edit) {
	h.t.Helper()
	if _, err := h.desk.SaveUnfinished(h.t.Context(), h.by("anna"), h.task, e); err != nil {
		h.t.Fatal(err)
	}
}

// box is what anna is writing in the task, nothing when there is nothing.
func (h *holding) box() desk.Unfinished {
	h.t.Helper()
	u, err := h.desk.Unfinished(h.t.Context(), h.by("anna"), h.task)
	if err != nil {
		h.t.Fatal(err)
	}
	if u == nil {
		return desk.Unfinished{}
	}
	return *u
}

// blobs counts the files that are stored.
func (h *holding) blobs() int {
	h.t.Helper()
	n := 0
	err := filepath.WalkDir(filepath.Join(h.dir, "blobs"), func(_ string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			n++
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

func aFile(name, text string) []desk.FileToTake {
	return []desk.FileToTake{{Name: name, Type: "text/plain", Data: []byte(text), Given: true}}
}

// An answer that is refused when it was to go out, and for which the task has no room as a draft, stands before what its author writes by then.
func TestRefusedAnswerIsKeptWhenNoDraftFits(t *testing.T) {
	h := newHolding(t)
	if _, err := h.hold("k", "tomorrow", soon, func(s *desk.Sending) { s.Attachments = aFile("map.txt", "here") }); err != nil {
		t.Fatal(err)
	}
	h.fillDrafts()
	h.closes(h.task)
	other := "something else"
	h.saves(desk.Edit{Text: &other})
	h.due()
	u := h.box()
	if u.Text != "tomorrow\n\nsomething else" || u.Why == "" || len(u.Files) != 1 {
		t.Errorf("the box has %+v, want the answer before what was written since, with its file and why", u)
	}
	if held, err := h.desk.HeldIn(t.Context(), h.by("anna"), h.task); len(held) > 0 || err != nil {
		t.Errorf("held are %v, %v; want nothing", held, err)
	}
	h.healthy()
}

// How much somebody has unfinished is no reason to keep an answer of theirs on its way for ever.
func TestRefusedAnswerIsKeptWhateverElseIsUnfinished(t *testing.T) {
	h := newHolding(t)
	held, err := h.hold("k", "tomorrow", inHalfAMinute)
	if err != nil {
		t.Fatal(err)
	}
	h.closes(h.task)
	fields := map[string]any{}
	for i := range 1000 {
		fields[fmt.Sprint("sent:", i)] = "k"
	}
	if err := h.store.Redis().HSet(t.Context(), "lk:{desk}:d:anna", fields).Err(); err != nil {
		t.Fatal(err)
	}
	if err := h.desk.SendNow(t.Context(), h.by("anna"), h.task, held.ID); !errors.Is(err, desk.ErrConflict) {
		t.Errorf("SendNow = %v, want ErrConflict: it was refused", err)
	}
	h.expect("closed", "draft tomorrow", "box tomorrow", "why")
	other, _ := h.says("bob", "and mine?", "")
	text := "more"
	if _, err := h.desk.SaveUnfinished(t.Context(), h.by("anna"), other, desk.Edit{Text: &text, Files: aFile("map.txt", "here")}); err == nil {
		t.Error("one more unfinished answer is kept, want that it is refused")
	}
	if n := h.blobs(); n != 0 {
		t.Errorf("%d files are stored, want none of what was refused", n)
	}
}

func TestAnswerThatIsOnlyAFileIsTakenBack(t *testing.T) {
	h := newHolding(t)
	held, err := h.hold("k", "", inHalfAMinute, func(s *desk.Sending) { s.Attachments = aFile("map.txt", "here") })
	if err != nil {
		t.Fatal(err)
	}
	if err := h.desk.Undo(t.Context(), h.by("anna"), h.task, held.ID, desk.Edit{}); err != nil {
		t.Fatal(err)
	}
	if u := h.box(); len(u.Files) != 1 || h.blobs() != 1 {
		t.Errorf("the box has %+v, %d files are stored; want the file", u, h.blobs())
	}
	h.healthy()
}

func TestFileIsKeptWithoutText(t *testing.T) {
	h := newHolding(t)
	h.saves(desk.Edit{Files: aFile("map.txt", "here")})
	if u := h.box(); len(u.Files) != 1 {
		t.Errorf("the box has %+v, want the file", u)
	}
	text, empty := "see the map", ""
	h.saves(desk.Edit{Text: &text})
	h.saves(desk.Edit{Text: &empty})
	u := h.box()
	if len(u.Files) != 1 {
		t.Fatalf("the box has %+v, want the file still", u)
	}
	h.saves(desk.Edit{Drop: []string{u.Files[0].Blob}})
	if u := h.box(); u.Rev != 0 || h.blobs() != 0 {
		t.Errorf("the box has %+v, %d files are stored; want nothing", u, h.blobs())
	}
}

// What is still on its way to be saved when the answer is sent comes too late, and leaves no file; what went with the answer stays.
func TestFileThatComesTooLateIsNotLeft(t *testing.T) {
	h := newHolding(t)
	h.saves(desk.Edit{Files: aFile("map.txt", "here")})
	kept := []string{h.box().Files[0].Blob}
	held, err := h.hold("k", "see the map", inHalfAMinute, func(s *desk.Sending) { s.Kept, s.Key = kept, "k" })
	if err != nil {
		t.Fatal(err)
	}
	h.saves(desk.Edit{Key: "k", Files: aFile("map.txt", "here")})
	h.saves(desk.Edit{Key: "k", Files: aFile("other.txt", "there")})
	if u := h.box(); u.Rev != 0 || h.blobs() != 1 {
		t.Errorf("the box has %+v, %d files are stored; want the file of the answer only", u, h.blobs())
	}
	if err := h.desk.SendNow(t.Context(), h.by("anna"), h.task, held.ID); err != nil {
		t.Fatal(err)
	}
	h.saves(desk.Edit{Key: "k", Files: aFile("map.txt", "here")})
	if n := h.blobs(); n != 1 {
		t.Errorf("%d files are stored, want the file of the answer", n)
	}
	h.healthy()
}

func TestFilesThatDoNotFitInTheBoxAreNotLeft(t *testing.T) {
	h := newHolding(t)
	many := func(name string) (files []desk.FileToTake) {
		for i := range 30 {
			files = append(files, aFile(fmt.Sprint(name, i), fmt.Sprint(name, i))...)
		}
		return files
	}
	held, err := h.hold("k", "see the maps", inHalfAMinute, func(s *desk.Sending) { s.Attachments = many("first") })
	if err != nil {
		t.Fatal(err)
	}
	h.saves(desk.Edit{Files: many("second")})
	if err := h.desk.Undo(t.Context(), h.by("anna"), h.task, held.ID, desk.Edit{}); err != nil {
		t.Fatal(err)
	}
	if u := h.box(); len(u.Files) != 50 || h.blobs() != 50 {
		t.Errorf("the box has %d files, %d are stored; want 50", len(u.Files), h.blobs())
	}
}

// Whoever is erased while their answer is taken back: it is either gone with its file, or stands in the box with it and is found there next.
func TestTakenBackOrForgottenNeverHalf(t *testing.T) {
	h := newHolding(t)
	ctx := t.Context()
	back := 0
	for i := range 60 {
		text := fmt.Sprint("answer ", i)
		held, err := h.hold(text, text, inHalfAMinute, func(s *desk.Sending) { s.Attachments = aFile("map.txt", text) })
		if err != nil {
			t.Fatal(err)
		}
		var undone, forgot error
		var went, busy bool
		var wg sync.WaitGroup
		wg.Go(func() {
			went, busy, forgot = h.desk.ForgetHeld(ctx, func(*message.Message) bool { return true })
		})
		wg.Go(func() { undone = h.desk.Undo(ctx, h.by("anna"), h.task, held.ID, desk.Edit{}) })
		wg.Wait()
		u := h.box()
		if forgot != nil || went == (undone == nil) || went && busy || len(u.Files) != h.blobs() || (undone == nil) != (len(u.Files) == 1) {
			t.Fatalf("round %d: forgotten %v (busy %v, %v), taken back %v; the box has %+v, %d files are stored", i, went, busy, forgot, undone, u, h.blobs())
		}
		if undone == nil {
			back++
		}
		if _, err := h.desk.ForgetUnfinished(ctx, h.task); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of 60 taken back", back)
}

func TestSendNowTellsOfWhatWasTakenBack(t *testing.T) {
	h := newHolding(t)
	held, err := h.hold("k", "tomorrow", inHalfAMinute)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.desk.Undo(t.Context(), h.by("anna"), h.task, held.ID, desk.Edit{}); err != nil {
		t.Fatal(err)
	}
	if err := h.desk.SendNow(t.Context(), h.by("anna"), h.task, held.ID); !errors.Is(err, desk.ErrConflict) {
		t.Errorf("SendNow = %v, want ErrConflict", err)
	}
}

// A page that is open when its customer is erased saves nothing of theirs any more, whether their task was open or closed.
func TestNothingIsSavedWhereTheCustomerWasErased(t *testing.T) {
	for name, closed := range map[string]bool{"an open task": false, "a closed task": true} {
		t.Run(name, func(t *testing.T) {
			h := newHolding(t)
			text := "Dear Kate"
			h.saves(desk.Edit{Text: &text})
			if closed {
				h.closes(h.task)
			}
			h.saves(desk.Edit{Note: &text})
			_, _, err := h.queue.Forget(t.Context(), h.task, queue.Forgetting{Whole: true, Identifiers: h.desk1().Card.From})
			if err == nil {
				_, err = h.desk.ForgetUnfinished(t.Context(), h.task)
			}
			if err != nil {
				t.Fatal(err)
			}
			_, err = h.desk.SaveUnfinished(t.Context(), h.by("anna"), h.task, desk.Edit{Text: &text, Files: aFile("map.txt", "here")})
			if u := h.box(); !errors.Is(err, desk.ErrGone) || u.Rev != 0 || h.blobs() != 0 {
				t.Errorf("saved with %v, the box has %+v, %d files are stored; want ErrGone and nothing", err, u, h.blobs())
			}
		})
	}
}

// What is saved while its customer is being erased is not kept either, however late in the erasure.
func TestNothingIsSavedWhileTheCustomerIsErased(t *testing.T) {
	h := newHolding(t)
	from := h.desk1().Card.From
	h.atStep = map[string]func(){"unfinished-looked": func() {
		_, _, err := h.queue.Forget(t.Context(), h.task, queue.Forgetting{Whole: true, Identifiers: from})
		if err == nil {
			_, err = h.desk.ForgetUnfinished(t.Context(), h.task)
		}
		if err != nil {
			t.Error(err)
		}
	}}
	text := "Dear Kate"
	_, err := h.desk.SaveUnfinished(t.Context(), h.by("anna"), h.task, desk.Edit{Text: &text, Files: aFile("map.txt", "here")})
	if u := h.box(); !errors.Is(err, desk.ErrGone) || u.Rev != 0 || h.blobs() != 0 {
		t.Errorf("saved with %v, the box has %+v, %d files are stored; want ErrGone and nothing", err, u, h.blobs())
	}
}

// A file that its author left out of the answer goes when the answer is sent, at once or in a moment.
func TestFileThatIsLeftOutOfTheAnswerIsNotLeft(t *testing.T) {
	for name, regret := range map[string]func(string) time.Duration{"held": inHalfAMinute, "at once": atOnce} {
		t.Run(name, func(t *testing.T) {
			h := newHolding(t)
			text := "see below"
			h.saves(desk.Edit{Text: &text, Files: append(aFile("map.txt", "here"), aFile("bill.txt", "10")...)})
			kept := h.box().Files[1].Blob
			if _, err := h.hold("k", text, regret, func(s *desk.Sending) { s.Kept = []string{kept} }); err != nil {
				t.Fatal(err)
			}
			if n := h.blobs(); n != 1 {
				t.Errorf("%d files are stored, want the one that goes with the answer", n)
			}
		})
	}
}
