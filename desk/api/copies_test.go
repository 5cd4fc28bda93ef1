package api_test

import (
	"errors"
	"slices"
	"testing"

	"loket/desk/api"
)

// mailed is a task of a mail to us and lee.
func (h *house) mailed() *api.Task {
	h.t.Helper()
	return h.taskOf(read[api.TakenIn](h.t, h.raw("POST", "/api/v1/messages", adminToken,
		`{"channel":"email","connector":"mailbox","text":"a matter","from":[{"kind":"email","value":"kate@example.com","level":"attested"}]}`)).Thread)
}

func TestARepeatToOtherPeopleIsAnotherAnswer(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	task := h.mailed()
	a := api.Answer{Text: "hello", Cc: []string{"lee@example.com", "LEE@example.com"}, Key: "k"}
	first, err := anna.Reply(ctx, task.ID, a)
	if err != nil || !slices.Equal(first.Cc, []string{"email:lee@example.com"}) {
		t.Fatalf("Reply = %+v, %v; want one copy", first, err)
	}
	a.Cc = []string{"email:lee@example.com"}
	if again, err := anna.Reply(ctx, task.ID, a); err != nil || again.Message != first.Message {
		t.Errorf("the same again = %+v, %v; want %s", again, err, first.Message)
	}
	a.Cc = []string{"pat@example.com"}
	if _, err := anna.Reply(ctx, task.ID, a); !api.IsProblem(err, "conflict") {
		t.Errorf("a copy to somebody else = %v, want a conflict", err)
	}
}

func TestADraftGoesToWhomItWasWritten(t *testing.T) {
	h := open(t)
	ctx, bob := t.Context(), h.admin("bob")
	task := h.mailed()
	if _, err := bob.Take(ctx, task.ID); err != nil {
		t.Fatal(err)
	}
	mine := h.late(task.ID, api.Answer{Text: "is it down?", To: []string{"mast@partner.example"}, Cc: []string{"lee@example.com"}})
	usual := h.late(task.ID, api.Answer{Text: "is it down?"})
	if mine == usual {
		t.Fatal("the same words to other people are one draft")
	}
	sent, err := bob.SendDraft(ctx, task.ID, mine, false, "")
	if err != nil || !slices.Equal(sent.To, []string{"email:mast@partner.example"}) || !slices.Equal(sent.Cc, []string{"email:lee@example.com"}) || !sent.ToOthers ||
		sent.Task.State != "claimed" || sent.Task.Wait.Since.IsZero() {
		t.Errorf("SendDraft = %+v, %v; want it with others, and kate waiting", sent, err)
	}
}

func TestOnlyMailGoesToOthers(t *testing.T) {
	h := open(t)
	task := h.arrive("a matter")
	for field, a := range map[string]api.Answer{
		"all": {All: true}, "to[0]": {To: []string{"nobody"}}, "cc": {Cc: []string{"lee@example.com"}}, "without": {Without: []string{"kate@example.org"}},
	} {
		a.Text = "x"
		_, err := h.admin("anna").Reply(t.Context(), task.ID, a)
		var p *api.Problem
		if !errors.As(err, &p) || p.Field != field || p.Status != 422 {
			t.Errorf("Reply %+v = %v, want it refused over %s", a, err, field)
		}
	}
}
