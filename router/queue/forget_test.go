package queue_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"loket/internal/message"
	"loket/router/queue"
)

func sender(value string) message.Identifier {
	return message.Identifier{Kind: "email", Value: value, Level: message.Attested}
}

func TestWrittenByGivesEachTaskOnceNewestFirst(t *testing.T) {
	r := newRoom(t)
	kate, work := sender("kate@example.org"), sender("work@example.org")
	var want []string
	for i := range 12 {
		m := r.said("x", time.Duration(i/4)*time.Second) // four at the same instant
		m.ID = message.NewID([]byte(fmt.Sprint(i)))
		m.From = []message.Identifier{kate, work}[i%2 : i%2+1]
		if i%3 == 0 {
			m.From = []message.Identifier{kate, work}
		}
		r.put(r.first(number(i), m), queue.PutCreated)
		want = append(want, number(i))
	}
	slices.Reverse(want)
	for _, size := range []int{1, 3, 5, 100} {
		var got []string
		for cursor := ""; ; {
			page, err := r.WrittenBy(t.Context(), []message.Identifier{kate, work}, size, cursor)
			if err != nil {
				t.Fatal(err)
			}
			for _, task := range page.Tasks {
				got = append(got, task.ID)
			}
			if cursor = page.Cursor; cursor == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d give %v, want %v", size, got, want)
		}
	}
}

func TestForgetKeepsWhatFiguresNeed(t *testing.T) {
	r := newRoom(t)
	ctx := t.Context()
	kate := sender("kate@example.org")
	m := r.said("what is my balance", 0)
	m.From, m.Name, m.Subject = []message.Identifier{kate}, "Kate", "my balance"
	r.put(r.first("T", m), queue.PutCreated)
	by := r.take("T", "anna")
	if _, err := r.AddNote(ctx, "T", by, "she calls often"); err != nil {
		t.Fatal(err)
	}
	reply := r.answer("T", by, answer("it is ten"))
	before := r.task("T")
	f := queue.Forgetting{Whole: true, Began: true, Identifiers: []message.Identifier{kate}}
	if went, busy, err := r.Forget(ctx, "T", f); !went || busy || err != nil {
		t.Fatalf("Forget = %v, %v, %v; want that something went", went, busy, err)
	}
	if went, _, err := r.Forget(ctx, "T", f); went || err != nil {
		t.Errorf("Forget again = %v, %v; want nothing to go", went, err)
	}
	after := r.want("T", queue.Closed)
	if after.Subject+after.Name != "" || len(after.From)+len(after.Sending) != 0 || after.Outcome != queue.OutcomeErased {
		t.Errorf("the card is %+v, want it empty", after)
	}
	if after.Team != before.Team || after.Created != before.Created || after.Replies != 1 || after.Number != before.Number {
		t.Errorf("the card is %+v, want team, times and counts as in %+v", after, before)
	}
	if e := r.newest("T", queue.Finished); e.Abandoned {
		t.Error("an erased task counts as abandoned")
	}
	if notes, err := r.Notes(ctx, "T"); err != nil || len(notes) != 0 {
		t.Errorf("Notes = %v, %v; want none", notes, err)
	}
	if got, err := r.ReplyByID(ctx, reply.ID); err != nil || got.State != queue.ReplyGaveUp || got.Message != nil {
		t.Errorf("the answer is %+v, %v; want it ended and empty", got, err)
	}
	if page, err := r.WrittenBy(ctx, []message.Identifier{kate}, 10, ""); err != nil || len(page.Tasks) != 0 {
		t.Errorf("WrittenBy = %+v, %v; want nothing", page, err)
	}
}

func TestEventsCarryNoAddresses(t *testing.T) {
	r := newRoom(t)
	ctx := t.Context()
	r.begin("T")
	reply := r.answer("T", r.take("T", "anna"), answer("x"))
	sending, err := r.BeginSend(ctx, reply.ID, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.GiveUp(ctx, reply.ID, sending.Token, "550 5.1.1 <kate@example.org>: no +31 6 1234 5678 here"); err != nil {
		t.Fatal(err)
	}
	if got, want := r.newest("T", queue.ReplyFailed).Reason, "the answer was not delivered: 550 5.1.1 <…>: no … here"; got != want {
		t.Errorf("reason = %q, want %q", got, want)
	}
	if got := r.task("T").Failure; got != "the answer was not delivered: 550 5.1.1 <kate@example.org>: no +31 6 1234 5678 here" {
		t.Errorf("the agent reads %q, want the whole reason", got)
	}
}
