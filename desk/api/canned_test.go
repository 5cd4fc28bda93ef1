package api_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"loket/desk/api"
)

// cannedAnswers makes each call about canned answers so that it gives each answer the document has for it.
func (h *house) cannedAnswers() {
	h.t.Helper()
	const base = "/api/v1/canned"
	kept, err := h.admin("anna").SetCanned(h.t.Context(), api.Canned{Name: "Hello", Text: "Dear {{name}}"})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, query := range []string{"", "?team=support", "?team=nothing"} {
		h.raw("GET", base+query, adminToken, "")
	}
	h.raw("GET", base+"?team=support", webcareToken, "")
	h.raw("POST", base, webcareToken, `{"agent":"anna","name":"x","text":"x"}`)
	h.raw("POST", base, adminToken, `{"agent":"anna","id":"nothing","name":"x","text":"x"}`)
	h.raw("DELETE", base+"/"+kept.ID, webcareToken, "")
	h.raw("DELETE", base+"/"+kept.ID, adminToken, "")
	h.raw("DELETE", base+"/"+kept.ID, adminToken, "")
}

func TestCannedAnswersByTheAPI(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	want := api.Canned{Team: "support", Language: "nl", Channel: "email", Name: "Hallo", Text: "Beste {{name}}", By: "anna"}
	kept, err := anna.SetCanned(ctx, want)
	if err != nil {
		t.Fatal(err)
	}
	all, err := h.as(annaToken, "").Canned(ctx, "support")
	if err != nil || len(all.Canned) != 1 || all.Canned[0].ID != kept.ID {
		t.Fatalf("Canned = %+v, %v; want the one", all, err)
	}
	if diff := cmp.Diff(want, all.Canned[0], cmpopts.IgnoreFields(api.Canned{}, "ID", "At")); diff != "" {
		t.Errorf("it is (-want +got):\n%s", diff)
	}
	if _, err := anna.SetCanned(ctx, api.Canned{Name: "x", Text: "Dear {{nobody}}"}); !api.IsProblem(err, "field") {
		t.Errorf("an unknown variable = %v, want a problem with a field", err)
	}
	if err := anna.RemoveCanned(ctx, kept.ID); err != nil {
		t.Error(err)
	}
}
