package e2e_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// Whoever guesses a key and knows what was written gets no link to the conversation, before and after it is in a task.
func TestRepeatByAnotherClientGivesNoLink(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, strings.ReplaceAll(standard, "%s", embedded)).start()
	post := func(address string) accepted {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, d.public+"/in/website/", strings.NewReader(`{"text":"Where is my parcel?"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", "order-4711")
		res, err := from(address).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var a accepted
		if err := json.NewDecoder(res.Body).Decode(&a); err != nil || res.StatusCode != http.StatusAccepted || a.Receipt == "" {
			t.Fatalf("post: %d, %v; want 202 with a receipt", res.StatusCode, err)
		}
		return a
	}
	first := post("127.0.0.1")
	if first.Thread == "" {
		t.Fatal("who sent it first has no link")
	}
	check := func(when string) {
		t.Helper()
		for range 2 {
			if got := post("127.0.0.2"); got != (accepted{Receipt: first.Receipt}) {
				t.Errorf("%s, another client = %+v, want the receipt alone", when, got)
			}
		}
		if got := post("127.0.0.1"); got != first {
			t.Errorf("%s, the same client = %+v, want %+v", when, got, first)
		}
	}
	check("at once")
	d.settled()
	check("in a task")
	d.stop()
	d.start()
	first.Thread = d.page(first) // at the port that it has now
	check("after a restart")
	d.settled()
	if n := len(d.tasks("support")); n != 1 {
		t.Errorf("%d tasks, want 1", n)
	}
	d.healthy()
}
