package e2e_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"loket/desk/api"
)

func TestWhatNobodySawIsNotClosed(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	a, err := d.post("k", "Where is my parcel?")
	if err != nil {
		t.Fatal(err)
	}
	show := func() *api.Task { // as nobody in particular: it is no look of anybody
		t.Helper()
		task, err := d.client("").Task(t.Context(), "T-1-9")
		if err != nil {
			t.Fatal(err)
		}
		return task
	}
	write := func(text string) {
		t.Helper()
		if _, err := d.postTo(d.page(a), text, map[string]string{"text": text}); err != nil {
			t.Fatal(err)
		}
		d.settled()
	}
	refused := func(shows string, args ...string) {
		t.Helper()
		out, code := d.loket("", args...)
		if code != 1 || !strings.Contains(out, "1 message came since you looked") || !strings.Contains(out, shows) {
			t.Errorf("loket %s: %d: %s\nwant it refused, showing %q", strings.Join(args, " "), code, out, shows)
		}
	}
	done := func(state string, args ...string) {
		t.Helper()
		if out, code := d.loket("", args...); code != 0 || show().State != state {
			t.Errorf("loket %s: %d: %s\nwant the task %s, it is %s", strings.Join(args, " "), code, out, state, show().State)
		}
	}

	out, code := d.loket("", "next", "--team", "support", "--wait", "30s", "--json")
	var claimed api.Task
	if err := json.Unmarshal([]byte(out), &claimed); err != nil || code != 0 || claimed.Seen == "" {
		t.Fatalf("loket next: %d, %v: %s", code, err, out)
	}
	write("It has come, but broken.")
	for range 2 { // a script that tries again closes nothing
		refused("It has come, but broken.", "close", "T-1-9")
	}
	refused("It has come, but broken.", "wait", "T-1-9", "--until", "2h")
	refused("It has come, but broken.", "reply", "T-1-9", "--close", "--text", "Good that it has come!")
	refused("It has come, but broken.", "close", "T-1-9", "--seen", claimed.Seen)
	if now := show(); now.State != "claimed" || now.Replies != 0 || len(now.Drafts) != 1 || now.Drafts[0].Text != "Good that it has come!" {
		t.Errorf("after the refusals it is %s with %d replies and drafts %+v, want nothing done and the text kept", now.State, now.Replies, now.Drafts)
	}
	done("waiting", "reply", "T-1-9", "--text", "We send another.", "--seen", show().Seen)
	write("Which colour?")
	refused("Which colour?", "close", "T-1-9")
	if out, code := d.loket("", "show", "T-1-9"); code != 0 || !strings.Contains(out, "Which colour?") {
		t.Fatalf("loket show: %d: %s", code, out)
	}
	done("closed", "close", "T-1-9", "--outcome", "solved")
	write("Blue, please.")
	if now := show(); now.State != "queued" {
		t.Errorf("after one more message it is %s, want it queued", now.State)
	}
	done("closed", "reply", "T-1-9", "--close", "--anyway", "--text", "Good bye.")
	d.healthy()
}
