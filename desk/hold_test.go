package desk_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/desk"
	"loket/internal/store/storetest"
)

func soon(string) time.Duration          { return time.Millisecond }
func inHalfAMinute(string) time.Duration { return desk.MaxRegret }

// holding is an env in which anna answers kate's question.
type holding struct {
	*env
	task string
}

func newHolding(t *testing.T) *holding {
	t.Helper()
	t.Parallel()
	h := newEnv(t, storetest.New(t), t.TempDir(), nil)
	task, _ := h.says("kate", "where is it?", "")
	return &holding{h, task}
}

func (h *holding) hold(key, text string, regret func(string) time.Duration, edit ...func(*desk.Sending)) (*desk.HeldAnswer, error) {
	h.t.Helper()
	s := desk.Sending{Answer: desk.Answer{Text: text, Key: key}, Regret: regret}
	for _, f := range edit {
		f(&s)
	}
	by := h.by("anna")
	by.Seen = h.desk1().Seen
	return h.desk.Hold(h.t.Context(), by, h.task, s)
}

// desk1 is the task as anna sees it.
func (h *holding) desk1() *desk.Task {
	h.t.Helper()
	task, err := h.desk.Task(h.t.Context(), h.by("anna"), h.task)
	if err != nil {
		h.t.Fatal(err)
	}
	return task
}

// due lets go out what is due, once it is.
func (h *holding) due() {
	h.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		n, err := h.desk.SendHeld(h.t.Context())
		if err != nil {
			h.t.Fatal(err)
		}
		if n > 0 {
			return
		}
		if time.Now().After(end) {
			h.t.Fatal("nothing goes out")
		}
	}
}

// stands is the state of the task, our answers in it, the drafts of it, and what stands in anna's box and why.
func (h *holding) stands() []string {
	h.t.Helper()
	task := h.desk1()
	out := []string{string(task.Card.State)}
	for _, m := range task.Messages {
		if m.Direction == "out" {
			out = append(out, "said "+m.Text)
		}
	}
	for _, d := range task.Drafts {
		out = append(out, "draft "+d.Text)
	}
	u, err := h.desk.Unfinished(h.t.Context(), h.by("anna"), h.task)
	if err != nil {
		h.t.Fatal(err)
	}
	if u != nil {
		out = append(out, "box "+u.Text)
		if u.Why != "" {
			out = append(out, "why")
		}
	}
	held, err := h.desk.HeldIn(h.t.Context(), h.by("anna"), h.task)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, a := range held {
		out = append(out, "held "+a.Message.Text)
	}
	return out
}

func (h *holding) expect(want ...string) {
	h.t.Helper()
	if diff := cmp.Diff(want, h.stands()); diff != "" {
		h.t.Errorf("the task (-want +got):\n%s", diff)
	}
}

func TestAnswerIsHeldThenGoesOutOnce(t *testing.T) {
	h := newHolding(t)
	ctx := t.Context()
	text := "tomorrow"
	if _, err := h.desk.SaveUnfinished(ctx, h.by("anna"), h.task, desk.Edit{Text: &text}); err != nil {
		t.Fatal(err)
	}
	held, err := h.hold("k", text, inHalfAMinute)
	if err != nil {
		t.Fatal(err)
	}
	h.expect("claimed", "held tomorrow")
	if n, err := h.desk.SendHeld(ctx); n != 0 || err != nil {
		t.Errorf("SendHeld = %d, %v; want nothing so soon", n, err)
	}
	again, err := h.hold("k", text, inHalfAMinute)
	if err != nil || again.ID != held.ID || !again.Due.Equal(held.Due) {
		t.Errorf("held again = %+v, %v; want the same", again, err)
	}
	if _, err := h.hold("k", "something else", inHalfAMinute); !errors.Is(err, desk.ErrConflict) {
		t.Errorf("another text under the same key = %v, want ErrConflict", err)
	}
	if err := h.desk.Undo(ctx, h.by("mia"), h.task, held.ID, desk.Edit{}); !errors.Is(err, desk.ErrNotFound) {
		t.Errorf("a colleague's Undo = %v, want ErrNotFound", err)
	}
	for range 2 {
		if err := h.desk.SendNow(ctx, h.by("anna"), h.task, held.ID); err != nil {
			t.Fatal(err)
		}
	}
	h.expect("waiting", "said tomorrow")
	if err := h.desk.Undo(ctx, h.by("anna"), h.task, held.ID, desk.Edit{}); !errors.Is(err, desk.ErrWentOut) {
		t.Errorf("Undo = %v, want ErrWentOut", err)
	}
	if again, err := h.hold("k", text, inHalfAMinute); err != nil || !again.Going {
		t.Errorf("held once more = %+v, %v; want that it went", again, err)
	}
	h.expect("waiting", "said tomorrow")
	h.healthy()
}

func TestAnswerIsTakenBackWithItsFiles(t *testing.T) {
	h := newHolding(t)
	ctx := t.Context()
	file := []desk.FileToTake{{Name: "map.txt", Type: "text/plain", Data: []byte("here"), Given: true}}
	held, err := h.hold("k", "see the map", inHalfAMinute, func(s *desk.Sending) { s.Attachments = file })
	if err != nil {
		t.Fatal(err)
	}
	if err := h.desk.Undo(ctx, h.by("anna"), h.task, held.ID, desk.Edit{}); err != nil {
		t.Fatal(err)
	}
	h.expect("claimed", "box see the map")
	u, err := h.desk.Unfinished(ctx, h.by("anna"), h.task)
	if err != nil || len(u.Files) != 1 {
		t.Fatalf("Unfinished = %+v, %v; want the file", u, err)
	}
	if _, err := h.hold("l", "", inHalfAMinute, func(s *desk.Sending) { s.Kept = []string{"01ARZ3NDEKTSV4RRFFQ69G5FAV/1"} }); err == nil {
		t.Error("a file that is not kept goes along")
	}
	if _, err := h.hold("m", "see this map", soon, func(s *desk.Sending) { s.Kept = []string{u.Files[0].Blob} }); err != nil {
		t.Fatal(err)
	}
	h.due()
	h.expect("waiting", "said see this map")
	if a := h.desk1().Messages[1].Attachments; len(a) != 1 || a[0].Name != "map.txt" {
		t.Errorf("the files are %+v", a)
	}
	h.healthy()
}

func TestHeldAnswerBecomesADraftWhenItIsTooLate(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(h *holding)
		want      []string
	}{
		"a colleague took the task": {func(h *holding) {
			_, err := h.desk.Return(h.t.Context(), h.by("anna"), h.task)
			if err == nil {
				_, err = h.desk.Take(h.t.Context(), h.by("mia"), h.task)
			}
			if err != nil {
				h.t.Fatal(err)
			}
		}, []string{"claimed", "draft tomorrow", "box tomorrow", "why"}},
		"it was closed": {func(h *holding) { h.closes(h.task) }, []string{"closed", "draft tomorrow", "box tomorrow", "why"}},
		"the customer wrote, and anna saw it": {func(h *holding) {
			h.says("kate", "found it", h.desk1().Messages[0].Thread)
			h.desk1()
		}, []string{"claimed", "draft tomorrow", "box tomorrow", "why"}},
		"anna writes something else": {func(h *holding) {
			h.closes(h.task)
			text := "and"
			if _, err := h.desk.SaveUnfinished(h.t.Context(), h.by("anna"), h.task, desk.Edit{Text: &text}); err != nil {
				h.t.Fatal(err)
			}
		}, []string{"closed", "draft tomorrow", "box and", "why"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHolding(t)
			if _, err := h.hold("k", "tomorrow", soon); err != nil {
				t.Fatal(err)
			}
			c.meanwhile(h)
			h.due()
			h.expect(c.want...)
			h.healthy()
		})
	}
}

// Whoever takes an answer back at the very moment that it goes out hears which of the two it was, and it is only one.
func TestTakenBackOrOutNeverBoth(t *testing.T) {
	h := newHolding(t)
	ctx := t.Context()
	undone := 0
	for i := range 60 {
		text := fmt.Sprint("answer ", i)
		held, err := h.hold(text, text, soon)
		if err != nil {
			t.Fatal(err)
		}
		var back, out error
		var wg sync.WaitGroup
		wg.Go(func() { _, out = h.desk.SendHeld(ctx) })
		wg.Go(func() { back = h.desk.Undo(ctx, h.by("anna"), h.task, held.ID, desk.Edit{}) })
		wg.Wait()
		if out != nil || back != nil && !errors.Is(back, desk.ErrWentOut) {
			t.Fatalf("out %v, back %v", out, back)
		}
		if back != nil {
			for range 2 {
				if err := h.desk.SendNow(ctx, h.by("anna"), h.task, held.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		_, err = h.queue.ReplyByID(ctx, held.ID)
		went := err == nil
		u, _ := h.desk.Unfinished(ctx, h.by("anna"), h.task)
		if inBox := u != nil; went == inBox || inBox != (back == nil) {
			t.Fatalf("round %d: went out %v, in the box %v, told %v", i, went, inBox, back)
		}
		if back == nil {
			undone++
		}
		empty := ""
		if _, err := h.desk.SaveUnfinished(ctx, h.by("anna"), h.task, desk.Edit{Text: &empty}); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of 60 taken back", undone)
	h.healthy()
}
