package queue_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/router/queue"
)

// by lets a customer have come by a channel.
func by(channel string) func(*queue.Put) {
	return func(p *queue.Put) { p.Message.Channel = channel }
}

// replied are the events of answers to a task.
func (r *room) replied(task string) []queue.Event {
	r.t.Helper()
	return slices.DeleteFunc(r.events(task), func(e queue.Event) bool { return e.Type != queue.Replied })
}

func TestClosingACallAVisitOrALetterWithAnOutcomeAnswersIt(t *testing.T) {
	for _, tt := range []struct {
		channel, outcome string
		want             bool
	}{
		{"phone", "rang back", true},
		{"counter", "solved", true},
		{"letter", "written to", true},
		{"phone", "", false},
		{"phone", "spam", false},
		{"counter", "Spam", false},
		{"letter", "DUPLICATE", false},
		{"email", "solved", false},
		{"sms", "solved", false},
	} {
		t.Run(tt.channel+" "+tt.outcome, func(t *testing.T) {
			r := newRoom(t)
			r.begin("T1", by(tt.channel))
			wait := r.task("T1")
			holder := r.take("T1", "anna")
			claimed := r.task("T1").ClaimedAt
			r.close("T1", holder, tt.outcome)
			got, closed := r.want("T1", queue.Closed), r.newest("T1", queue.Finished)
			if !tt.want {
				if got.Replies != 0 || len(r.replied("T1")) > 0 || !closed.WaitEnded || closed.ClaimedAt != claimed {
					t.Errorf("task %+v, closed by %+v, want no answer", got, closed)
				}
				return
			}
			e := r.replied("T1")[0]
			if e.Agent != "anna" || e.Reason != "closed" || !e.WaitEnded || e.Wait != 1 || e.WaitSince != wait.Since || e.ClaimedAt != claimed || e.State != queue.Closed {
				t.Errorf("event = %+v, want an answer by anna to the wait", e)
			}
			if got.Replies != 1 || got.Since != 0 || closed.Abandoned || closed.WaitEnded || closed.ClaimedAt != 0 || closed.Replies != 1 {
				t.Errorf("task %+v, closed by %+v, want it answered", got, closed)
			}
		})
	}
}

func TestACallThatWasAnsweredIsNotAnsweredAgainByClosing(t *testing.T) {
	r := newRoom(t)
	r.begin("T1", by("phone"))
	r.answer("T1", queue.Actor{Agent: "bob"}, answer("we rang, and write what we said"))
	r.close("T1", queue.Actor{Agent: "anna"}, "solved")
	if got := r.want("T1", queue.Closed); got.Replies != 1 {
		t.Errorf("replies = %d, want 1", got.Replies)
	}
}

func TestAnAnswerGivenOtherwiseEndsTheWait(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	wait := r.task("T1")
	anna := r.take("T1", "anna")
	if _, err := r.AnsweredOtherwise(t.Context(), "T1", anna, queue.Otherwise{Way: "phone", Text: "told how to restart it"}); err != nil {
		t.Fatal(err)
	}
	got := r.want("T1", queue.Waiting)
	if got.Since != 0 || got.Replies != 1 || got.Agent != "" {
		t.Errorf("task = %+v, want it to wait for the customer", got)
	}
	e := r.replied("T1")[0]
	if e.Agent != "anna" || e.Reason != "phone" || !e.WaitEnded || e.WaitSince != wait.Since || e.ClaimedAt == 0 {
		t.Errorf("event = %+v", e)
	}
	notes, err := r.Notes(t.Context(), "T1")
	if err != nil || len(notes) != 1 || notes[0].Agent != "anna" || notes[0].Way != "phone" || notes[0].Text != "told how to restart it" {
		t.Errorf("notes = %+v, %v", notes, err)
	}
	r.again("T1", r.said("it works again", time.Hour), queue.PutJoined)
	r.look("T1", "bob")
	if _, err := r.AnsweredOtherwise(t.Context(), "T1", queue.Actor{Agent: "bob"}, queue.Otherwise{Way: "visit", Text: "was here", Close: true, Outcome: "solved"}); err != nil {
		t.Fatal(err)
	}
	if got := r.want("T1", queue.Closed); got.Replies != 2 || got.Outcome != "solved" {
		t.Errorf("task = %+v", got)
	}
	if e := r.newest("T1", queue.Finished); e.Abandoned || e.WaitEnded || e.Agent != "bob" {
		t.Errorf("closed by %+v", e)
	}
}

func TestAnAnswerGivenOtherwiseIsNotNotedOverWhatNobodySaw(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	anna := r.take("T1", "anna")
	r.again("T1", r.said("and one thing more", time.Minute), queue.PutJoined)
	before := r.everything()
	o := queue.Otherwise{Way: "phone", Text: "rang back"}
	if _, err := r.AnsweredOtherwise(t.Context(), "T1", anna, o); !errors.Is(err, queue.ErrUnseen) {
		t.Errorf("AnsweredOtherwise = %v, want ErrUnseen", err)
	}
	if diff := cmp.Diff(before, r.everything()); diff != "" {
		t.Errorf("what was refused changed (-before +after):\n%s", diff)
	}
	anna.Anyway = true
	if _, err := r.AnsweredOtherwise(t.Context(), "T1", anna, o); err != nil {
		t.Fatal(err)
	}
	if e := r.replied("T1")[0]; e.Unseen != 1 {
		t.Errorf("event = %+v, want it over 1 unseen message", e)
	}
}

func TestAnAnswerGivenOtherwiseSaidTwiceIsOne(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	anna := r.take("T1", "anna")
	o := queue.Otherwise{Key: "k", Way: "phone", Text: "rang back"}
	if _, err := r.AnsweredOtherwise(t.Context(), "T1", anna, o); err != nil {
		t.Fatal(err)
	}
	r.again("T1", r.said("and one thing more", time.Minute), queue.PutJoined)
	before := r.everything()
	if got, err := r.AnsweredOtherwise(t.Context(), "T1", anna, o); err != nil || got.Replies != 1 {
		t.Errorf("again = %+v, %v; want nothing done", got, err)
	}
	o.Text = "other words"
	if _, err := r.AnsweredOtherwise(t.Context(), "T1", anna, o); !errors.Is(err, queue.ErrConflict) {
		t.Errorf("other words under the same key = %v, want ErrConflict", err)
	}
	if diff := cmp.Diff(before, r.everything()); diff != "" {
		t.Errorf("the store changed (-before +after):\n%s", diff)
	}
}
