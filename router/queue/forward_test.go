package queue_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"loket/internal/message"
	"loket/router/queue"
)

func back(text string, edit ...func(*message.Message)) *message.Message {
	m := &message.Message{
		ID: message.NewID([]byte(text)), Text: text, Connector: "mail", Channel: "email", Received: time.Now(),
		From: []message.Identifier{{Kind: "email", Value: "mast@partner.example", Level: message.Claimed}},
	}
	for _, e := range edit {
		e(m)
	}
	return m
}

func (r *room) takeBack(task string, m *message.Message) []queue.Note {
	r.t.Helper()
	if err := r.TakeBack(r.t.Context(), task, m); err != nil {
		r.t.Fatal(err)
	}
	notes, err := r.Notes(r.t.Context(), task)
	if err != nil {
		r.t.Fatal(err)
	}
	return notes
}

func TestForwardingChangesNothingForTheCustomer(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	wait := r.task("T1")
	f := queue.Forward{Key: "k", Text: "is it down?", Message: &message.Message{
		Connector: "mail", Channel: "email", Text: "is it down?\nshe wrote…", Forward: "T1", To: back("").From, ToOthers: true,
	}}
	task, reply, err := r.Forward(t.Context(), "T1", queue.Actor{Agent: "anna"}, f)
	if err != nil || task.State != queue.Queued || task.Since != wait.Since || !reply.ToOthers || len(task.Sending) != 1 {
		t.Fatalf("Forward = %+v, %+v, %v", task, reply, err)
	}
	f.Message.Text = "is it down?\nshe wrote more by now"
	if _, again, err := r.Forward(t.Context(), "T1", queue.Actor{Agent: "anna"}, f); err != nil || again.ID != reply.ID {
		t.Errorf("the same again = %+v, %v", again, err)
	}
	f.Text = "something else"
	if _, _, err := r.Forward(t.Context(), "T1", queue.Actor{Agent: "anna"}, f); !errors.Is(err, queue.ErrConflict) {
		t.Errorf("other words = %v, want a conflict", err)
	}
	f.Key = "other"
	if _, _, err := r.Forward(t.Context(), "T1", queue.Actor{Agent: "anna", Lease: "old"}, f); !errors.Is(err, queue.ErrTaken) {
		t.Errorf("with an old lease = %v, want it taken", err)
	}
	if notes, err := r.Notes(t.Context(), "T1"); err != nil || len(notes) != 1 || notes[0].Mail.ID != reply.ID || notes[0].Text != "is it down?" {
		t.Errorf("notes = %+v, %v; want one", notes, err)
	}
}

func TestWhatComesBackBeginsNoWait(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	wait := r.task("T1")
	auto := func(m *message.Message) { m.Automatic = message.Reply }
	ours := func(m *message.Message) { m.Direction = message.Out }
	r.takeBack("T1", back("to a queued task"))
	if got := r.want("T1", queue.Queued); got.Since != wait.Since || got.Wait != 1 || got.Messages != wait.Messages || len(got.Later) != 0 {
		t.Errorf("task = %+v, want it as it was", got)
	}
	r.answer("T1", r.take("T1", "anna"), answer("we look into it"))
	r.takeBack("T1", back("a notice", auto))
	r.takeBack("T1", back("a colleague's", ours))
	if got := r.want("T1", queue.Waiting); got.Unattended != 1 {
		t.Errorf("task = %+v, want the notice unattended", got)
	}
	m := back("to a waiting task")
	r.takeBack("T1", m)
	if notes := r.takeBack("T1", m); len(notes) != 4 {
		t.Errorf("%d notes, want 4: what comes twice is one", len(notes))
	}
	if got := r.want("T1", queue.Queued); got.Since != 0 || got.Wait != 1 || got.Unattended != 0 {
		t.Errorf("task = %+v, want it before its team, and nobody waiting", got)
	}
	r.close("T1", r.take("T1", "bob"), "solved")
	r.takeBack("T1", back("to a closed task"))
	if got := r.want("T1", queue.Closed); got.Unattended != 1 || got.Reopened != 0 {
		t.Errorf("task = %+v, want it closed and unattended", got)
	}
	if err := r.TakeBack(t.Context(), "none", back("x")); !errors.Is(err, queue.ErrNone) {
		t.Errorf("to no task = %v, want ErrNone", err)
	}
}

func TestATaskTakesOnlySoManyMailsBack(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	var err error
	n := 0
	for ; err == nil && n < 200; n++ {
		err = r.TakeBack(t.Context(), "T1", back(fmt.Sprint(n)))
	}
	if !errors.Is(err, queue.ErrNoRoom) || n != 101 {
		t.Errorf("after %d it is %v, want ErrNoRoom at the 101st", n, err)
	}
}
