package api_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/desk/api"
)

// more has the customer say one more thing in the task's thread, and waits until it is in the task.
func (h *house) more(task *api.Task, text string) {
	h.t.Helper()
	seen := h.now(task.ID).Seen
	_, err := h.admin("").TakeIn(h.t.Context(), api.NewMessage{
		Channel: "phone", Thread: task.Threads[0], From: []string{"email:kate@example.org"}, Name: "Kate", Text: text,
	})
	if err != nil {
		h.t.Fatal(err)
	}
	await(h.t, "one more message in the task", func() bool { return h.now(task.ID).Seen != seen })
}

// now is the task as nobody in particular sees it.
func (h *house) now(id string) *api.Task {
	h.t.Helper()
	task, err := h.admin("").Task(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return task
}

// wantUnseen expects a refusal that shows these texts, and gives what makes them seen.
func (h *house) wantUnseen(err error, texts ...string) string {
	h.t.Helper()
	var p *api.Problem
	if !errors.As(err, &p) || p.Status != http.StatusConflict || p.Type != "urn:loket:unseen" {
		h.t.Fatalf("err = %v, want it refused over what nobody saw", err)
	}
	var got []string
	for _, m := range p.Unseen {
		if m.Direction != "in" || m.Received.IsZero() || m.Name != "Kate" || !cmp.Equal(m.From, []string{"email:kate@example.org"}) {
			h.t.Errorf("unseen message = %+v, want to see who wrote it and when", m)
		}
		got = append(got, m.Text)
	}
	if diff := cmp.Diff(texts, got); diff != "" || p.Count != len(texts) {
		h.t.Errorf("unseen are %d (-want +got):\n%s", p.Count, diff)
	}
	return p.Seen
}

func TestWhatTheAgentDidNotSeeIsNotClosedOrAnswered(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	h.arrive("first")
	task, err := anna.Claim(ctx, "support", time.Second, "r1")
	if err != nil || task == nil || task.Seen == "" {
		t.Fatalf("Claim = %+v, %v", task, err)
	}
	anna = anna.Under(task.Lease)
	h.more(task, "second")
	before := h.now(task.ID)
	calls := func(c *api.Client) map[string]func() error {
		return map[string]func() error{
			"close":           func() error { _, err := c.Close(ctx, task.ID, "solved"); return err },
			"wait":            func() error { _, err := c.Wait(ctx, task.ID, ""); return err },
			"wait until":      func() error { _, err := c.Wait(ctx, task.ID, "2h"); return err },
			"reply":           func() error { _, err := c.Reply(ctx, task.ID, api.Answer{Text: "my answer"}); return err },
			"reply and close": func() error { _, err := c.Reply(ctx, task.ID, api.Answer{Text: "my answer", Close: true}); return err },
		}
	}
	unseen := func(c *api.Client, texts ...string) (seen string) {
		t.Helper()
		for _, call := range calls(c) {
			seen = h.wantUnseen(call(), texts...)
		}
		return seen
	}
	unseen(anna, "second")
	unseen(anna.Knowing(task.Seen, false), "second")
	if _, err := anna.Close(ctx, task.ID, "solved"); !strings.HasPrefix(err.Error(), task.Number+": 1 message came since you looked") {
		t.Errorf("the refusal says %q", err)
	}
	// None of these is a look: a program that renews the lease, a colleague, a wallboard, a note.
	if _, err := anna.Heartbeat(ctx, task.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.admin("bob").Task(ctx, task.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.as(programToken, "").Task(ctx, task.ID); err != nil {
		t.Fatal(err)
	}
	h.more(task, "third")
	seen := unseen(anna, "second", "third")
	after := h.now(task.ID)
	if len(after.Drafts) == 0 || after.Drafts[len(after.Drafts)-1].Text != "my answer" {
		t.Errorf("drafts = %+v, want the answer among them", after.Drafts)
	}
	if _, err := anna.SendDraft(ctx, task.ID, after.Drafts[0].ID, true, ""); h.wantUnseen(err, "second", "third") != seen {
		t.Errorf("a draft is sent over what nobody saw: %v", err)
	}
	if after.Seen != seen {
		t.Errorf("seen is %q, the refusal says %q", after.Seen, seen)
	}
	// Nothing changed but what came in, and the heartbeat.
	after.Drafts, after.LeaseUntil, after.Messages, after.Seen = before.Drafts, before.LeaseUntil, before.Messages, before.Seen
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("refusals changed the task (-before +after):\n%s", diff)
	}
	// The same claim again shows what came.
	if _, err := h.admin("anna").Claim(ctx, "support", 0, "r1"); err != nil {
		t.Fatal(err)
	}
	h.more(task, "fourth")
	unseen(anna, "fourth")
	if _, err := anna.Knowing("T-2-7.1", false).Close(ctx, task.ID, ""); !api.IsProblem(err, "field") {
		t.Errorf("another task's seen: %v, want it refused as wrong", err)
	}
	if _, err := anna.Knowing(h.now(task.ID).Seen, false).Reply(ctx, task.ID, api.Answer{Text: "my answer"}); err != nil {
		t.Errorf("a reply by who saw all: %v", err)
	}
	h.more(task, "fifth")
	if got := h.now(task.ID); got.State != "queued" {
		t.Errorf("after one more message it is %s, want it queued", got.State)
	}
	unseen(h.admin("anna"), "fifth") // the answer said what was seen
	if _, err := h.admin("anna").Task(ctx, task.ID); err != nil {
		t.Fatal(err)
	}
	if got, err := h.admin("anna").Close(ctx, task.ID, "solved"); err != nil || got.State != "closed" {
		t.Errorf("Close after looking = %+v, %v", got, err)
	}
}

func TestAnywayClosesWhatNobodySaw(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	h.arrive("first")
	task, err := anna.Claim(ctx, "support", time.Second, "")
	if err != nil || task == nil {
		t.Fatalf("Claim = %+v, %v", task, err)
	}
	h.more(task, "second")
	if _, err := anna.Knowing("", true).Wait(ctx, task.ID, "2h"); err != nil {
		t.Fatal(err)
	}
	if _, err := anna.Wait(ctx, task.ID, "3h"); err != nil {
		t.Errorf("what was decided already: %v", err)
	}
	h.more(task, "third")
	done, err := anna.Knowing("", true).Reply(ctx, task.ID, api.Answer{Text: "bye", Close: true})
	if err != nil || done.Task.State != "closed" || !done.Task.Wait.Since.IsZero() {
		t.Fatalf("Reply anyway = %+v, %v", done, err)
	}
	events, err := h.queue.Since(ctx, "", 100)
	if err != nil || len(events) == 0 || events[len(events)-1].Unseen != 1 {
		t.Errorf("the last of %d events, %v, does not tell that one message was not seen", len(events), err)
	}
}

func TestAPersonsOwnTokenLooksForThatPerson(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.as(annaToken, "")
	task := h.arrive("first")
	if _, err := anna.Take(ctx, task.ID); err != nil {
		t.Fatal(err)
	}
	h.more(task, "second")
	_, err := anna.Close(ctx, task.ID, "")
	h.wantUnseen(err, "second")
	if _, err := anna.Task(ctx, task.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := anna.Close(ctx, task.ID, ""); err != nil {
		t.Errorf("Close after looking: %v", err)
	}
}
