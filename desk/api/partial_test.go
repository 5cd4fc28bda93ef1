package api_test

import (
	"testing"

	"loket/desk/api"
)

// What was done is told as done, also when the task can't be read afterwards: whoever hears of a failure does it again.
func TestWhatWasDoneIsToldThoughTheTaskCannotBeRead(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	task, other := h.arrive("where is my parcel"), h.arrive("another matter")
	drafts := "lk:{q}:draft:" + task.ID // read for display only
	if err := h.store.Redis().Set(ctx, drafts, "not a hash", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := anna.Task(ctx, task.ID); err == nil {
		t.Fatal("the task can be read: this test shows nothing")
	}
	for _, step := range []struct {
		name, state string
		do          func() (*api.Task, error)
	}{
		{"claim", "claimed", func() (*api.Task, error) { return anna.Claim(ctx, "support", 0, "") }},
		{"take", "claimed", func() (*api.Task, error) { return anna.Take(ctx, task.ID) }},
		{"heartbeat", "claimed", func() (*api.Task, error) { return anna.Heartbeat(ctx, task.ID) }},
		{"note", "claimed", func() (*api.Task, error) { return anna.Note(ctx, task.ID, "I know her") }},
		{"link", "claimed", func() (*api.Task, error) { return anna.Link(ctx, task.ID, other.ID) }},
		{"return", "queued", func() (*api.Task, error) { return anna.Return(ctx, task.ID) }},
		{"transfer", "queued", func() (*api.Task, error) { return anna.Transfer(ctx, task.ID, "webcare", "") }},
		{"assign", "queued", func() (*api.Task, error) { return anna.Assign(ctx, task.ID, "anna") }},
		{"reply", "waiting", func() (*api.Task, error) {
			answered, err := anna.Reply(ctx, task.ID, api.Answer{Text: "On its way."})
			if err != nil {
				return nil, err
			}
			if answered.Message == "" || answered.Delivery.State != "queued" {
				t.Errorf("answered %+v", answered)
			}
			return answered.Task, nil
		}},
		{"wait", "waiting", func() (*api.Task, error) { return anna.Wait(ctx, task.ID, "2h") }},
		{"close", "closed", func() (*api.Task, error) { return anna.Close(ctx, task.ID, "solved") }},
		{"reopen", "queued", func() (*api.Task, error) { return anna.Reopen(ctx, task.ID) }},
	} {
		got, err := step.do()
		if err != nil || got == nil || !got.Partial || got.State != step.state {
			t.Errorf("%s: %+v, %v; want it told as done, %s", step.name, got, err, step.state)
		}
		if err == nil && step.state == "claimed" && got.Lease == "" {
			t.Error("whoever took it is not told the lease")
		}
	}
	h.store.Redis().Del(ctx, drafts)
	whole, err := anna.Task(ctx, task.ID)
	if err != nil || whole.Partial || whole.Replies != 1 || len(whole.Notes) != 1 || len(whole.Messages) != 2 {
		t.Errorf("the task is %+v, %v; want one answer and one note", whole, err)
	}
}

// A reply whose answer is asked for again is there, also when the task is not to be read.
func TestRepeatedReplyWhoseTaskCannotBeRead(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	task := h.arrive("where is my parcel")
	first, err := anna.Reply(ctx, task.ID, api.Answer{Text: "On its way.", Key: "once"})
	if err != nil {
		t.Fatal(err)
	}
	h.store.Redis().Set(ctx, "lk:{q}:draft:"+task.ID, "not a hash", 0)
	again, err := anna.Reply(ctx, task.ID, api.Answer{Text: "On its way.", Key: "once"})
	if err != nil || again.Message != first.Message {
		t.Errorf("the same again: %+v, %v; want message %s", again, err, first.Message)
	}
}
