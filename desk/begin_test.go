package desk_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/desk"
	"loket/internal/message"
	"loket/internal/store/storetest"
	"loket/router/queue"
)

func TestConversationIsBegunOnce(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t), t.TempDir(), nil)
	ctx, anna := t.Context(), h.by("anna")
	b := desk.Beginning{Team: "support", To: "kate@example.org", Subject: "Your contract", Text: "It ends in May.", Key: "k"}
	first, err := h.desk.Begin(ctx, anna, b)
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.desk.Begin(ctx, anna, b)
	if err != nil || again.Reply.ID != first.Reply.ID || again.Task.Card.ID != first.Task.Card.ID {
		t.Errorf("begun again = %+v, %v; want the same", again, err)
	}
	card := h.task(first.Task.Card.ID).Card
	type stand struct {
		Team, Subject, Channel string
		State                  queue.State
		From                   string
		Wait                   bool
	}
	got := stand{card.Team, card.Subject, card.Channel, card.State, card.From[0].String(), card.Since > 0 || card.Wait > 0}
	if diff := cmp.Diff(stand{"support", "Your contract", "email", queue.Waiting, "email:kate@example.org", false}, got); diff != "" {
		t.Errorf("the task (-want +got):\n%s", diff)
	}
	if all, err := h.desk.List(ctx, anna, desk.Listing{Team: "support"}); err != nil || len(all.Tasks) != 1 {
		t.Errorf("%d tasks, %v; want one", len(all.Tasks), err)
	}
	b.Text = "something else"
	if _, err := h.desk.Begin(ctx, anna, b); err == nil {
		t.Error("another text under the same key is taken")
	}

	// What they answer comes into the task, and is waited for.
	r, err := h.queue.BeginSend(ctx, first.Reply.ID, 1e9)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.threads.Record(ctx, card.ID, r.Message); err != nil {
		t.Fatal(err)
	}
	if err := h.queue.Sent(ctx, r.ID, r.Token, "", false); err != nil {
		t.Fatal(err)
	}
	task, _ := h.says("kate", "thanks", first.Thread)
	if card = h.task(task).Card; task != first.Task.Card.ID || card.State != queue.Queued || card.Since == 0 || card.Due == 0 {
		t.Errorf("their answer is in %s, %+v; want it in %s, waited for", task, card, first.Task.Card.ID)
	}
	h.healthy()
}

func TestConversationThatCannotBeBegun(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t), t.TempDir(), nil)
	for name, b := range map[string]desk.Beginning{
		"no team":          {To: "kate@example.org", Text: "x"},
		"an unknown team":  {Team: "nothing", To: "kate@example.org", Text: "x"},
		"nobody":           {Team: "support", Text: "x"},
		"no address":       {Team: "support", To: "kate", Text: "x"},
		"no text":          {Team: "support", To: "kate@example.org"},
		"no connector":     {Team: "support", To: "kate@example.org", Connector: "pigeon", Text: "x"},
		"nobody's address": {Team: "support", To: "kate@example.org", Customer: message.NewID([]byte("x")), Text: "x"},
	} {
		if a, err := h.desk.Begin(t.Context(), h.by("anna"), b); err == nil {
			t.Errorf("%s: %+v, want an error", name, a)
		}
	}
	if all, err := h.desk.List(t.Context(), h.by("anna"), desk.Listing{Team: "support"}); err != nil || len(all.Tasks) > 0 {
		t.Errorf("%d tasks, %v; want none", len(all.Tasks), err)
	}
}
