package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"loket/desk/api"
)

// TestLabelledTaskComesFirst: what came as any other is made urgent, and is the next one to be claimed.
func TestLabelledTaskComesFirst(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	for i := range 2 {
		if _, err := d.postTo(d.public+"/in/website/", fmt.Sprint(i), map[string]string{"text": fmt.Sprint("matter ", i), "name": "Eve"}); err != nil {
			t.Fatal(err)
		}
		d.settled()
	}
	tasks := d.tasks("support")
	last := slices.MaxFunc(tasks, func(a, b *api.Task) int { return a.Due.Compare(b.Due.Time) })
	if out, code := d.loket("", "label", last.Number, "--priority", "hihg"); code != 1 || !strings.Contains(out, `must be urgent, high, normal or low, not "hihg"`) {
		t.Errorf("an unknown priority: %d: %s", code, out)
	}
	if out, code := d.loket("", "label", last.Number, "--tag", "vip", "--tag", "angry", "--untag", "later", "--priority", "urgent", "--language", "nl"); code != 0 {
		t.Fatalf("loket label: %d: %s", code, out)
	}
	if out, code := d.loket("", "next", "--team", "support"); code != 0 || !strings.Contains(out, last.Number) {
		t.Errorf("loket next: %d: %s; want %s", code, out, last.Number)
	}
	out, code := d.loket("", "show", last.Number)
	for _, want := range []string{"urgent", "vip, angry", "labelled by anna: tags +vip +angry; priority urgent, was normal; language"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("loket show: %d: %s; want %q", code, out, want)
		}
	}
	if out, code := d.loket("", "close-all", "--team", "support", "--tag", "vip", "--outcome", "x"); code != 1 || !strings.Contains(out, "no such tasks") {
		t.Errorf("what anna holds is not closed by its tag: %d: %s", code, out)
	}
	if _, err := d.client("anna").Return(t.Context(), last.ID); err != nil {
		t.Fatal(err)
	}
	if out, code := d.loket("", "close-all", "--team", "support", "--tag", "vip", "--outcome", "x"); code != 1 || !strings.Contains(out, "1 tasks would be closed") {
		t.Errorf("by its new tag: %d: %s", code, out)
	}
	d.healthy()
}
