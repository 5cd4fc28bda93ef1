package intake_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"loket/internal/message"
	"loket/internal/store/storetest"
	"loket/router/thread"
)

// fromUs is what a colleague wrote in the channel's own app.
func fromUs(own, text string, at time.Time, to ...message.Identifier) *message.Message {
	return &message.Message{
		ID: message.NewID([]byte("ours"), []byte(own)), Connector: "mail", Channel: "email", Direction: message.Out, Own: own, Text: text,
		To: to, Sent: at, Received: at,
	}
}

func kates(t *testing.T) message.Identifier {
	t.Helper()
	id, err := message.Email("kate@example.org", message.Attested)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// texts are what was said in a thread, in order.
func (h *env) texts(id string) (texts []string) {
	h.t.Helper()
	entries, err := h.threads.Messages(h.t.Context(), id, 100)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, e := range entries {
		texts = append(texts, string(e.Message.Direction)+" "+e.Message.Text)
	}
	return texts
}

func TestAMailFromOursThatBeganStandsBeforeItsAnswers(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	h.accept(fromUs("<a@us>", "may we call you?", time.Now().Add(-time.Minute), kates(t)))
	h.want(0, 0, 0, 0)
	first := mail("<1@x>", "kate", referringTo("<a@us>"))
	h.accept(first)
	second := mail("<2@x>", "piet", referringTo("<a@us>")) // it went to several
	h.accept(second)
	h.want(2, 2, 0, 0)
	for _, m := range []*message.Message{first, second} {
		if got, want := h.texts(m.ID), []string{"out may we call you?", " " + m.Text}; !slices.Equal(got, want) {
			t.Errorf("thread %s says %q, want %q", m.ID, got, want)
		}
	}
	if task := h.want(2, 2, 0, 0)[0]; task.Replies != 0 || task.Since == 0 {
		t.Errorf("the wait of its answer: %+v", task)
	}
}

// Both may come at the same moment, or the other way round: neither is missed.
func TestWhatWasSaidFirstMayComeLast(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	answering := func(own string, who string, edit func(*message.Message)) *message.Message {
		return mail(own, who, edit)
	}
	private := answering("<1@x>", "kate", referringTo("<dm>"))
	public := answering("<2@x>", "piet", func(m *message.Message) { m.Answers = []string{"post/1"} })
	h.accept(private)
	h.accept(public)
	dm := fromUs("<dm/1>", "hello Kate", time.Now().Add(-time.Minute), kates(t))
	dm.References = []string{"<dm>"}
	h.accept(dm)
	h.accept(fromUs("post/1", "works tonight", time.Now().Add(-time.Minute)))
	for m, want := range map[*message.Message]string{private: "out hello Kate", public: "out works tonight"} {
		if got := h.texts(m.ID); len(got) != 2 || got[0] != want {
			t.Errorf("thread of %q says %q, want %q first", m.Text, got, want)
		}
	}
	h.want(2, 2, 0, 0)
}

func TestWhatWasSaidFirstIsForgotten(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	const many = 12 // more than are kept of what one answer may refer to
	for i := range many {
		h.accept(fromUs(fmt.Sprintf("<%c@us>", 'a'+i), "may we call you?", time.Now(), kates(t)))
	}
	dropped := 0
	f := thread.Forgetting{
		Theirs: func(*message.Message) bool { return true }, Identifiers: []message.Identifier{kates(t)},
		Drop: func(context.Context, *message.Message) error { dropped++; return nil },
	}
	for i, want := range []bool{true, false} {
		if went, err := h.threads.ForgetBefore(t.Context(), f); went != want || err != nil || dropped != many {
			t.Errorf("forgetting %d: %v, %v, files of %d messages", i, went, err, dropped)
		}
	}
	m := mail("<1@x>", "kate", referringTo("<a@us>"))
	h.accept(m)
	if got := h.texts(m.ID); len(got) != 1 {
		t.Errorf("the thread says %q, want the answer alone", got)
	}
}
