package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"loket/desk/api"
)

// TestManyAreClosedAfterALook: what fits is shown, then closed; but not a task in which the customer wrote again, which nobody
// has seen.
func TestManyAreClosedAfterALook(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	var page string
	for i := range 3 {
		a, err := d.postTo(d.public+"/in/website/", fmt.Sprint(i), map[string]string{"text": fmt.Sprint("matter ", i), "name": "Eve"})
		if err != nil {
			t.Fatal(err)
		}
		page = a.Thread[strings.Index(a.Thread, "/t/"):]
	}
	d.settled()
	if _, err := d.postTo(d.public+page, "again", map[string]string{"text": "I am no machine"}); err != nil {
		t.Fatal(err)
	}
	var last *api.Task
	d.await("what was written again", func() bool { // bob looks: anna has seen nothing
		for _, task := range d.tasks("support") {
			shown, err := d.client("bob").Task(t.Context(), task.ID)
			if err == nil && len(shown.Messages) == 2 {
				last = shown
			}
		}
		return last != nil
	})
	all := []string{"close-all", "--team", "support", "--outcome", "spam"}
	d.await("the second in which they came to be over", func() bool { return time.Since(last.Messages[1].Received.Time) > time.Second })
	out, code := d.loket("", all...)
	_, confirm, told := strings.Cut(out, "3 tasks would be closed as spam: --confirm ")
	if code != 1 || !told {
		t.Fatalf("loket close-all: %d: %s", code, out)
	}
	confirm = strings.Fields(confirm)[0]
	if out, code := d.loket("", append(all, "--confirm", confirm)...); code != 1 || !strings.Contains(out, "1 of 3 tasks were not closed") {
		t.Fatalf("loket close-all --confirm: %d: %s", code, out)
	}
	states := map[string]int{}
	for _, task := range d.tasks("support") {
		states[task.State]++
		if (task.State == "closed") != (task.ID != last.ID) {
			t.Errorf("task %s is %s", task.Number, task.State)
		}
	}
	if out, code := d.loket("", append(all, "--confirm", confirm, "--anyway")...); code != 0 {
		t.Fatalf("loket close-all --anyway: %d: %s", code, out)
	}
	d.await("the last to be closed", func() bool {
		var open []*api.Task
		for _, task := range d.tasks("support") {
			if task.State != "closed" {
				open = append(open, task)
			}
		}
		return len(open) == 0
	})
	d.healthy()
}
