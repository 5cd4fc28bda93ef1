package api_test

import (
	"testing"

	"loket/desk/api"
)

// beginAnswers begins conversations so that each answer the document has for it is given.
func (h *house) beginAnswers() {
	h.t.Helper()
	const base = "/api/v1/threads"
	ask := func(team, text string) string {
		return `{"agent":"anna","team":"` + team + `","to":"kate@example.org","subject":"hello","text":"` + text + `"}`
	}
	h.raw("POST", base, adminToken, ask("support", "one"), "Idempotency-Key", "begin")
	h.raw("POST", base, adminToken, ask("support", "another"), "Idempotency-Key", "begin")
	h.raw("POST", base, adminToken, ask("nothing", "one"))
	h.raw("POST", base, webcareToken, ask("support", "one"))
	h.raw("POST", base, adminToken, `{"agent":"anna","team":"support","to":"nowhere","text":"x"}`)
}

func TestConversationIsBegunByTheAPI(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate := h.register("Kate", "email:kate@example.org")
	b := api.Beginning{Team: "support", Customer: kate.ID, To: "kate@example.org", Subject: "Your contract", Text: "It ends in May.", Key: "k"}
	begun, err := anna.Begin(ctx, b)
	if err != nil {
		t.Fatal(err)
	}
	if task := begun.Task; task == nil || task.State != "waiting" || task.Subject != "Your contract" || task.Customer.ID != kate.ID || len(task.Messages) != 1 || begun.To[0] != "email:kate@example.org" {
		t.Errorf("begun = %+v with %+v; want it to wait for kate", begun, begun.Task)
	}
	again, err := anna.Begin(ctx, b)
	if err != nil || again.Message != begun.Message {
		t.Errorf("begun again = %+v, %v; want the same", again, err)
	}

	// Whoever refused it is not written to.
	if _, err := anna.SetConsent(ctx, kate.ID, "", "service", false, api.Because{}); err != nil {
		t.Fatal(err)
	}
	b.Key = "l"
	if _, err := anna.Begin(ctx, b); !api.IsProblem(err, "field") {
		t.Errorf("writing to somebody who refused it = %v, want a problem with a field", err)
	}
}
