package desk_test

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/desk"
)

// An export of a customer has what our people are writing to them, the answers that go out in a moment, and the files of both; and nothing of
// what others are told.
func TestExportHasWhatIsHeldAndUnfinished(t *testing.T) {
	h := newHolding(t)
	kate := h.register("kate")
	if _, err := h.hold("k", "tomorrow at ten", inHalfAMinute, func(s *desk.Sending) { s.Attachments = aFile("map.txt", "the way") }); err != nil {
		t.Fatal(err)
	}
	text, note := "one more thing", "she rang too"
	h.saves(desk.Edit{Text: &text, Note: &note, Files: aFile("bill.txt", "what it costs")})
	other, _ := h.says("bob", "and mine?", "")
	secret := "nobody else's"
	if _, err := h.desk.SaveUnfinished(t.Context(), h.by("anna"), other, desk.Edit{Text: &secret, Files: aFile("secret.txt", secret)}); err != nil {
		t.Fatal(err)
	}
	want := exported{
		Drafts: []string{"one more thing (it is not finished)", "tomorrow at ten (it goes out in a moment)"},
		Notes:  []string{"she rang too"},
		Files:  []string{"bill.txt: what it costs", "map.txt: the way"},
	}
	for _, archive := range []bool{true, false} {
		if diff := cmp.Diff(want, h.exported(kate, archive)); diff != "" {
			t.Errorf("as an archive %v (-want +got):\n%s", archive, diff)
		}
	}
	h.healthy()
}

// exported is what an export has of answers and notes that the customer has not seen.
type exported struct{ Drafts, Notes, Files []string }

// exported exports a customer, as an archive or as one document.
func (h *env) exported(customer string, archive bool) exported {
	h.t.Helper()
	var got exported
	e, err := h.service.Export(h.t.Context(), h.by("anna"), customer)
	if err != nil {
		h.t.Fatal(err)
	}
	tasks := e.Tasks
	if archive {
		tasks = e.Outlines
	}
	err = tasks(h.t.Context(), func(t *desk.Task) error {
		for _, d := range t.Drafts {
			got.Drafts = append(got.Drafts, d.Text+" ("+d.Reason+")")
		}
		for _, n := range t.Notes {
			got.Notes = append(got.Notes, n.Text)
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	err = e.Files(h.t.Context(), func(name string, from io.Reader) error {
		content, err := io.ReadAll(from)
		got.Files = append(got.Files, name[strings.LastIndexByte(name, '-')+1:]+": "+string(content))
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	slices.Sort(got.Drafts)
	slices.Sort(got.Files)
	return got
}
