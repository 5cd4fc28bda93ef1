package queue_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"loket/internal/message"
	"loket/internal/store/storetest"
	"loket/router/queue"
)

func (r *room) keep(task string, d queue.Draft) *queue.Draft {
	r.t.Helper()
	kept, err := r.KeepDraft(r.t.Context(), task, d)
	if err != nil {
		r.t.Fatalf("KeepDraft(%s, %q) = %v", task, d.Text, err)
	}
	return kept
}

// texts are those of the drafts of a task, oldest first, as its card counts them too.
func (r *room) texts(task string) []string {
	r.t.Helper()
	all, err := r.Drafts(r.t.Context(), task)
	if err != nil {
		r.t.Fatal(err)
	}
	if n := r.task(task).Drafts; n != len(all) {
		r.t.Fatalf("the card counts %d drafts, there are %d", n, len(all))
	}
	texts := []string{}
	for _, d := range all {
		texts = append(texts, d.Agent+": "+d.Text)
	}
	return texts
}

func (r *room) wantTexts(task string, want ...string) {
	r.t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), r.texts(task)); diff != "" {
		r.t.Fatalf("drafts of %s (-want +got):\n%s", task, diff)
	}
}

// A second late answer of one person destroyed the first.
func TestEveryLateAnswerIsKept(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	first := r.keep("T1", queue.Draft{Agent: "anna", Text: "one", Key: "k", Reason: "held by bob", Via: "private", Thread: "thread"})
	r.keep("T1", queue.Draft{Agent: "anna", Text: "two"})
	r.keep("T1", queue.Draft{Agent: "bob", Text: "one"})
	r.wantTexts("T1", "anna: one", "anna: two", "bob: one")
	got, _ := r.Drafts(t.Context(), "T1")
	want := queue.Draft{Agent: "anna", Text: "one", Key: "k", Reason: "held by bob", Via: "private", Thread: "thread"}
	if diff := cmp.Diff(want, got[0], cmpopts.IgnoreFields(queue.Draft{}, "ID", "At")); diff != "" || !message.ValidID(got[0].ID) || got[0].ID != first.ID {
		t.Errorf("draft (-want +got):\n%s", diff)
	}
}

// The order was that of their ids when several came in one tick of the store's clock.
func TestDraftsAreInTheOrderInWhichTheyWereKept(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	want := []string{}
	for i := range 10 {
		text := fmt.Sprint(i)
		r.keep("T1", queue.Draft{Agent: "anna", Text: text})
		want = append(want, "anna: "+text)
		// As if the clock went back: what is there is of later.
		got, err := r.Drafts(t.Context(), "T1")
		if err != nil {
			t.Fatal(err)
		}
		last := got[len(got)-1]
		last.At = last.At.Add(time.Hour)
		body, err := json.Marshal(last)
		if err != nil {
			t.Fatal(err)
		}
		r.store.Redis().HSet(t.Context(), "lk:{q}:draft:T1", last.ID, body)
	}
	r.wantTexts("T1", want...)
}

func TestTheSameLateAnswerAgainIsOneDraft(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	file := func(blob string) []message.Attachment { return []message.Attachment{{Name: "a", Blob: blob}} }
	first := r.keep("T1", queue.Draft{Agent: "anna", Text: "one", Key: "k", Attachments: file("up1/1-abc")})
	for _, d := range []queue.Draft{
		{Agent: "anna", Text: "one", Key: "k", Attachments: file("up1/1-abc")},
		{Agent: "anna", Text: "one", Attachments: file("up2/1-abc")}, // without a key it was uploaded anew
	} {
		if again := r.keep("T1", d); again.ID != first.ID {
			t.Errorf("kept again as %s, want %s", again.ID, first.ID)
		}
	}
	other := r.keep("T1", queue.Draft{Agent: "anna", Text: "one", Key: "k", Attachments: file("up1/1-abd")})
	if other.ID == first.ID {
		t.Error("other files under the same key are the same draft")
	}
	r.wantTexts("T1", "anna: one", "anna: one")
}

func TestDraftsAtOnceAreAllKept(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if _, err := r.KeepDraft(t.Context(), "T1", queue.Draft{Agent: "anna", Text: fmt.Sprint("text ", i%10)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := r.texts("T1"); len(got) != 10 {
		t.Errorf("drafts = %q, want ten", got)
	}
}

func TestATaskWithoutRoomForADraftSaysSo(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	r.begin("T2")
	for i := range 50 {
		r.keep("T1", queue.Draft{Agent: "anna", Text: fmt.Sprint(i)})
	}
	long := queue.Draft{Agent: "anna", Text: strings.Repeat("x", 4<<20-2000)}
	r.keep("T2", long)
	for task, d := range map[string]queue.Draft{"T1": {Agent: "anna", Text: "one more"}, "T2": {Agent: "bob", Text: strings.Repeat("y", 2000)}} {
		before := r.everything()
		if _, err := r.KeepDraft(t.Context(), task, d); !errors.Is(err, queue.ErrFull) {
			t.Errorf("KeepDraft in a full task = %v, want ErrFull", err)
		}
		if diff := cmp.Diff(before, r.everything()); diff != "" {
			t.Errorf("a draft that is refused changed (-before +after):\n%s", diff)
		}
	}
	r.keep("T1", queue.Draft{Agent: "anna", Text: "7"}) // it is there
	first, _ := r.Drafts(t.Context(), "T1")
	if _, err := r.DropDraft(t.Context(), "T1", first[0].ID); err != nil {
		t.Fatal(err)
	}
	r.keep("T1", queue.Draft{Agent: "anna", Text: "one more"})
}

func TestDroppedDraftIsGone(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	r.keep("T1", queue.Draft{Agent: "anna", Text: "one"})
	two := r.keep("T1", queue.Draft{Agent: "anna", Text: "two"})
	if got, err := r.DropDraft(t.Context(), "T1", two.ID); err != nil || got.Text != "two" {
		t.Errorf("DropDraft = %+v, %v", got, err)
	}
	if _, err := r.DropDraft(t.Context(), "T1", two.ID); !errors.Is(err, queue.ErrNoDraft) {
		t.Errorf("DropDraft again = %v, want ErrNoDraft", err)
	}
	r.wantTexts("T1", "anna: one")
}

// answerOf is the answer that sends a draft.
func answerOf(d *queue.Draft) queue.Answer {
	a := answer(d.Text)
	a.Key, a.Draft = d.Key, d.ID
	return a
}

func TestSentDraftIsOneAnswerAndGone(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	d := r.keep("T1", queue.Draft{Agent: "anna", Text: "one"})
	r.keep("T1", queue.Draft{Agent: "anna", Text: "two"})
	var wg sync.WaitGroup
	ids := make([]string, 6)
	for i := range ids {
		wg.Go(func() {
			_, reply, err := r.Reply(t.Context(), "T1", queue.Actor{Agent: "bob"}, answerOf(d))
			if err != nil {
				t.Errorf("send draft: %v", err)
				return
			}
			ids[i] = reply.ID
		})
	}
	wg.Wait()
	if diff := cmp.Diff([]string{d.ID, d.ID, d.ID, d.ID, d.ID, d.ID}, ids); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	if got := r.want("T1", queue.Waiting); got.Replies != 1 {
		t.Errorf("%d answers, want one", got.Replies)
	}
	r.wantTexts("T1", "anna: two")
}

func TestDraftStaysWhenItsAnswerIsRefused(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	d := r.keep("T1", queue.Draft{Agent: "anna", Text: "one"})
	r.take("T1", "bob")
	if _, _, err := r.Reply(t.Context(), "T1", queue.Actor{Agent: "anna"}, answerOf(d)); !errors.Is(err, queue.ErrTaken) {
		t.Errorf("send draft of a task that bob holds = %v, want ErrTaken", err)
	}
	r.wantTexts("T1", "anna: one")
	gone := *d
	gone.ID, gone.Key = message.NewID([]byte("x")), "x"
	if _, _, err := r.Reply(t.Context(), "T1", queue.Actor{Agent: "bob"}, answerOf(&gone)); !errors.Is(err, queue.ErrNoDraft) {
		t.Errorf("send draft that is gone = %v, want ErrNoDraft", err)
	}
	r.want("T1", queue.Claimed)
	r.wantTexts("T1", "anna: one")
}

// Drafts stayed although their author had said the same since.
func TestAnswerTakesTheDraftsWithItThatSayTheSame(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	r.keep("T1", queue.Draft{Agent: "anna", Text: "one"})
	r.keep("T1", queue.Draft{Agent: "bob", Text: "one"})
	r.keep("T1", queue.Draft{Agent: "anna", Text: "one", Attachments: []message.Attachment{{Name: "a", Blob: "u/1-a"}}})
	r.keep("T1", queue.Draft{Agent: "anna", Text: "late", Key: "k"})
	r.answer("T1", queue.Actor{Agent: "anna"}, answer("one"))
	r.wantTexts("T1", "bob: one", "anna: one", "anna: late")
	again := answer("late")
	again.Key = "k"
	r.answer("T1", queue.Actor{Agent: "anna"}, again)
	r.wantTexts("T1", "bob: one", "anna: one")
}

func TestForgottenTaskHasNoDrafts(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	kate := r.keep("T1", queue.Draft{Agent: "anna", Text: "dear Kate"})
	r.keep("T1", queue.Draft{Agent: "anna", Text: "dear Bob"})
	if went, _, err := r.Forget(t.Context(), "T1", queue.Forgetting{Drafts: []string{kate.ID}}); err != nil || !went {
		t.Fatalf("Forget = %v, %v", went, err)
	}
	r.wantTexts("T1", "anna: dear Bob")
	if went, _, err := r.Forget(t.Context(), "T1", queue.Forgetting{Whole: true}); err != nil || !went {
		t.Fatalf("Forget = %v, %v", went, err)
	}
	r.wantTexts("T1")
	if went, _, err := r.Forget(t.Context(), "T1", queue.Forgetting{Whole: true}); err != nil || went {
		t.Errorf("Forget again = %v, %v; want nothing", went, err)
	}
}

func TestDoctorSeesDraftsThatNobodyCounts(t *testing.T) {
	t.Parallel()
	r := roomOn(t, storetest.New(t))
	r.begin("T1")
	r.keep("T1", queue.Draft{Agent: "anna", Text: "one"})
	rdb := r.store.Redis()
	rdb.HSet(t.Context(), "lk:{q}:draft:T1", "x", `{"agent":"bob","text":"y"}`)
	rdb.HSet(t.Context(), "lk:{q}:draft:T9", "x", `{"agent":"bob","text":"y"}`)
	found, err := r.Check(t.Context())
	want := []string{"queue: 1 drafts belong to T9, which is no task", "queue: task T1 has 2 drafts, its card says 1"}
	if diff := cmp.Diff(want, found); err != nil || diff != "" {
		t.Errorf("Check (-want +got): %v\n%s", err, diff)
	}
}
