package api_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/desk/api"
)

func TestLabelsFollowTheBoundsOfRulesAndIntake(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	task := h.arrive("a matter")
	var many []string
	for i := range 20 {
		many = append(many, fmt.Sprint("tag", i))
	}
	got, err := anna.Label(ctx, task.ID, api.Labelling{Tag: append(many, many...), Priority: "urgent", Language: "fr-BE"})
	if err != nil || got.Priority != "urgent" || got.Language != "fr-BE" || !slices.Equal(got.Tags, many) || got.Due != task.Due {
		t.Fatalf("Label = %+v, %v", got, err)
	}
	for _, row := range []struct {
		what  string
		l     api.Labelling
		field string
		says  string
	}{
		{"one more than fits", api.Labelling{Tag: []string{"more"}}, "tag", "at most 20"},
		{"two words", api.Labelling{Tag: []string{"vip", "two words"}}, "tag[1]", "one word"},
		{"no word", api.Labelling{Tag: []string{""}}, "tag[0]", "one word"},
		{"a comma", api.Labelling{Tag: []string{"a,b"}}, "tag[0]", "one word"},
		{"a long word", api.Labelling{Tag: []string{strings.Repeat("x", 41)}}, "tag[0]", "40"},
		{"to and fro", api.Labelling{Tag: []string{"vip"}, Untag: []string{"vip"}}, "untag[0]", "must not"},
		{"unknown priority", api.Labelling{Priority: "hgih"}, "priority", `urgent, high, normal or low, not "hgih" (did you mean "high"?)`},
		{"no language", api.Labelling{Language: "Dutch"}, "language", "language code"},
		{"a long language", api.Labelling{Language: "nl" + strings.Repeat("-abcdefgh", 10)}, "language", "language code"},
		{"nothing", api.Labelling{}, "", "must say what changes"},
	} {
		_, err := anna.Label(ctx, task.ID, row.l)
		var p *api.Problem
		if !errors.As(err, &p) || p.Status != 422 || p.Field != row.field || !strings.Contains(p.Detail, row.says) {
			t.Errorf("%s: %v; want field %q, %q", row.what, err, row.field, row.says)
		}
	}
	if got, err = anna.Label(ctx, task.ID, api.Labelling{Tag: []string{"vip"}, Untag: []string{"tag0", "never had"}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append(slices.Clone(many[1:]), "vip"), got.Tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	last := got.History[len(got.History)-1]
	if last.Type != "labelled" || last.Agent != "anna" || last.Reason != "tags +vip -tag0" {
		t.Errorf("history ends with %+v", last)
	}
	page, err := anna.List(ctx, api.Listing{Team: "support", State: "queued"})
	if err != nil || len(page.Tasks) != 1 || !slices.Contains(page.Tasks[0].Tags, "vip") || page.Tasks[0].Language != "fr-BE" {
		t.Errorf("List = %+v, %v", page, err)
	}
}
