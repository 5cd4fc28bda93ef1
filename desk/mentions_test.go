package desk_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/internal/store/storetest"
)

// Whoever is named in a note finds the task, until they looked at it.
func TestNotesNamePeople(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t), t.TempDir(), nil)
	ctx := t.Context()
	first, _ := h.says("kate", "where is it?", "")
	second, _ := h.says("bob", "where is mine?", "")
	for _, note := range []struct{ task, text string }{
		{first, "@mia: see mail to anna@example.org, and ask @joris."}, {second, "(@mia) @mia @anna"},
	} {
		if _, err := h.desk.Note(ctx, h.by("anna"), note.task, note.text); err != nil {
			t.Fatal(err)
		}
	}
	named := func(person string, want ...string) {
		t.Helper()
		page, err := h.desk.Mentions(ctx, h.by(person))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, task := range page.Tasks {
			got = append(got, task.Card.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s is named in (-want +got):\n%s", person, diff)
		}
	}
	named("mia", second, first)
	named("joris", first)
	named("anna")
	named("example.org")
	if err := h.desk.MentionRead(ctx, h.by("mia"), second); err != nil {
		t.Fatal(err)
	}
	named("mia", first)
}
