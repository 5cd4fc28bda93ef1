package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"loket/desk/api"
)

// TestTwoTasksBecomeOne: who wrote twice waits once, reads one answer, and what they write to either comes to the one that
// stays, also when loket died meanwhile.
func TestTwoTasksBecomeOne(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	var pages []string
	numbers := map[string]string{}
	for _, text := range []string{"my parcel is late", "where is my parcel"} {
		a, err := d.postTo(d.public+"/in/website/", text, map[string]string{"text": text, "name": "Eve", "email": "eve@example.org"})
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, a.Thread[strings.Index(a.Thread, "/t/"):])
		d.settled()
		for _, task := range d.tasks("support") {
			if task.Subject == text {
				numbers[text] = task.Number
			}
		}
	}
	stays, goes := numbers["my parcel is late"], numbers["where is my parcel"]
	loket := func(want int, args ...string) string {
		t.Helper()
		out, code := d.loket("", args...)
		if code != want {
			t.Fatalf("loket %s: %d: %s", strings.Join(args, " "), code, out)
		}
		return out
	}
	for range 2 {
		loket(0, "merge", stays, goes)
	}
	d.kill()
	d.start()
	if _, err := d.postTo(d.public+pages[1], "more", map[string]string{"text": "are you there"}); err != nil {
		t.Fatal(err)
	}
	d.await("what came to the one that went", func() bool {
		shown, err := d.client("anna").Task(t.Context(), stays)
		return err == nil && len(shown.Messages) == 3
	})
	out := loket(0, "show", stays)
	for _, want := range []string{"where is my parcel", "are you there", "Merged", goes, "merged with " + goes + " by anna"} {
		if !strings.Contains(out, want) {
			t.Errorf("loket show %s: %s; want %q", stays, out, want)
		}
	}
	if out := loket(0, "show", goes); !strings.Contains(out, "merged into "+stays) {
		t.Errorf("loket show %s: %s", goes, out)
	}
	if out := loket(1, "reply", goes, "--text", "x"); !strings.Contains(out, "was merged into "+stays) {
		t.Errorf("loket reply %s: %s", goes, out)
	}
	loket(0, "reply", stays, "--text", "on its way", "--close")
	if got := d.figures(); got.Count("answered") != 1 || got.Count("abandoned")+got.Count("unanswered")+got.Count("aside") != 0 || got.Count("resolved") != 1 || got.Count("messages") != 3 {
		t.Errorf("figures = %+v; want one wait, answered, of three messages", got)
	}
	var list []*api.Task
	for _, task := range d.tasks("support") {
		if task.State != "closed" {
			list = append(list, task)
		}
	}
	if len(list) != 0 {
		t.Errorf("open: %+v", list)
	}
	loket(0, "reopen", goes)
	if out := loket(0, "show", goes); !strings.Contains(out, "taken out of "+stays) || !strings.Contains(out, "are you there") {
		t.Errorf("loket show %s: %s", goes, out)
	}
	d.healthy()
}
