package intake_test

import (
	"testing"

	"loket/internal/message"
	"loket/internal/store/storetest"
	"loket/router/queue"
)

func TestWhoAnswersAColleaguesOwnMailIsAPerson(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	first := mail("<1@x>", "kate")
	h.accept(first)
	_, task := h.placed(first, first.ID)
	h.accept(mail("<ours@x>", "help", referringTo("<1@x>"), func(m *message.Message) {
		m.Direction, m.From, m.To = message.Out, nil, first.From
	}))
	if _, err := h.queue.Close(t.Context(), task.ID, queue.Actor{Agent: "anna"}, "solved"); err != nil {
		t.Fatal(err)
	}
	listed := func(unsure bool) func(*message.Message) {
		return func(m *message.Message) { m.Automatic, m.Unsure = message.List, unsure }
	}
	for _, tt := range []struct {
		own, from, what string
		unsure          bool
		refers          string
		want            message.Automatic
	}{
		{"<2@x>", "kate", "surely a machine", false, "<ours@x>", message.List},
		{"<3@x>", "kate", "her own mail is answered", true, "<1@x>", message.List},
		{"<4@x>", "mallory", "by a stranger", true, "<ours@x>", message.List},
		{"<5@x>", "kate", "the colleague's mail is answered", true, "<ours@x>", message.ByPerson},
	} {
		m := mail(tt.own, tt.from, referringTo(tt.refers), listed(tt.unsure))
		h.accept(m)
		got, in := h.placed(m, first.ID)
		reopened := in.State == queue.Queued
		if got.Automatic != tt.want || reopened != (tt.want == message.ByPerson) || in.ID != task.ID {
			t.Errorf("%s: automatic %s in a %s task, want %s", tt.what, got.Automatic.Word(), in.State, tt.want.Word())
		}
	}
	h.check()
}
