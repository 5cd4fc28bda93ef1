package e2e_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"loket/desk/api"
	"loket/internal/store/storetest"
)

// TestWhatTheStoreRefusesChangesNothing has the store refuse to write in every way there is: each is named, claims take
// nothing, leases run out, and what customers write comes in afterwards.
func TestWhatTheStoreRefusesChangesNothing(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket})
	t.Cleanup(func() { _ = rdb.Close() })
	short := strings.Replace(standard, "network: {first_reply: 30m, lease: 30s", "network: {first_reply: 30m, lease: 5s", 1)
	d := newDaemon(t, fmt.Sprintf(short, "url: unix://"+server.Socket)).start()
	h := &refusing{d: d}
	for n := range 3 {
		h.write(fmt.Sprint("question ", n))
	}
	if _, err := d.post("network", "no signal here"); err != nil {
		t.Fatal(err)
	}
	d.settled()

	causes := []string{
		"out of memory (maxmemory)", "read-only replica", "too few replicas (min-replicas-to-write)", "cannot persist (MISCONF)",
	}
	for i, refusal := range storetest.Refusals() {
		full := refusal.Name == storetest.Full().Name
		if full {
			if _, err := d.client("bob").Claim(t.Context(), "network", 0, ""); err != nil {
				t.Fatal(err)
			}
		}
		refusal.Begin(t, rdb)
		h.refused(causes[i])
		h.write("while it is a " + refusal.Name)
		h.readable(refusal.Name, 3+i)
		if full {
			d.await("the lease to run out", func() bool { return h.open("network")[0].State == "queued" })
		}
		refusal.End(t, rdb)
		h.wellAgain(causes[i])
	}
	h.eachOnce()
}

// TestWhatAFrozenStoreWasAskedChangesNothing has the store answer nothing for a while.
func TestWhatAFrozenStoreWasAskedChangesNothing(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	d := newDaemon(t, fmt.Sprintf(standard, "url: unix://"+server.Socket)).start()
	h := &refusing{d: d}
	h.write("question 1")
	h.write("question 2")
	d.settled()
	const cause = "does not answer (frozen or cut off)"
	server.Freeze()
	claimed := make(chan error, 1)
	go func() { // it is on its way to the store when it is noticed
		_, err := d.client("anna").Claim(t.Context(), "support", 0, "")
		claimed <- err
	}()
	h.write("while nothing answers")
	h.named(cause)
	h.write("while it is known")
	h.refused(cause)
	if err := <-claimed; !isRefused(err) {
		t.Errorf("claim = %v, want 503", err)
	}
	server.Thaw()
	h.wellAgain(cause)
	d.await("the claim that came too late to be given back", func() bool {
		return !slices.ContainsFunc(h.open("support"), func(t *api.Task) bool { return t.State != "queued" })
	})
	h.eachOnce()
}

// refusing is a loket whose store refuses, and what customers wrote to the team support.
type refusing struct {
	d          *daemon
	written    int
	page, text string // the customer's page of the first, and what it said
}

func (h *refusing) write(text string) {
	h.d.tb.Helper()
	took, err := h.d.post(text, text)
	if err != nil {
		h.d.tb.Errorf("post %q: %v", text, err)
	}
	if h.written++; h.written == 1 {
		h.page, h.text = took.Thread, text
	}
}

// open are the open tasks of a team.
func (h *refusing) open(team string) []*api.Task {
	h.d.tb.Helper()
	page, err := h.d.client("anna").List(h.d.tb.Context(), api.Listing{Team: team})
	if err != nil {
		h.d.tb.Fatal(err)
	}
	return page.Tasks
}

// readable expects that so many tasks of support are listed, and that all of them can be read.
func (h *refusing) readable(refusal string, want int) {
	t, d := h.d.tb, h.d
	t.Helper()
	open := h.open("support")
	if len(open) != want {
		t.Errorf("%s: the list shows %d tasks, want %d", refusal, len(open), want)
	}
	for _, one := range open {
		if whole, err := d.client("bob").Task(t.Context(), one.ID); err != nil || len(whole.Messages) != 1 {
			t.Errorf("%s: task %s = %+v, %v; want it with its message", refusal, one.Number, whole, err)
		}
	}
	if out, code := d.loket("", "doctor"); code != 0 {
		t.Errorf("%s: loket doctor = %d %s", refusal, code, out)
	}
	if page := d.get(h.page); !strings.Contains(page, h.text) {
		t.Errorf("%s: the customer's page does not show %q: %s", refusal, h.text, page)
	}
}

func isRefused(err error) bool {
	var p *api.Problem
	return errors.As(err, &p) && p.Status == http.StatusServiceUnavailable
}

// named waits until /readyz tells the cause.
func (h *refusing) named(cause string) {
	h.d.tb.Helper()
	h.d.await("/readyz to name it", func() bool {
		ready, err := h.d.client("anna").Ready(h.d.tb.Context())
		return err == nil && ready.OK && strings.Contains(fmt.Sprint(ready.Reasons), cause)
	})
}

// refused expects that nothing can be claimed, and that everything tells why.
func (h *refusing) refused(cause string) {
	t, d := h.d.tb, h.d
	t.Helper()
	anna := d.client("anna")
	for range 4 {
		if got, err := anna.Claim(t.Context(), "support", 0, ""); !isRefused(err) || !strings.Contains(err.Error(), cause) {
			t.Errorf("claim = %v, %v; want 503 and %s", got, err, cause)
		}
	}
	h.named(cause)
	if s, err := anna.Status(t.Context()); err != nil || s.Store.Writable || s.Store.Trouble != cause {
		t.Errorf("status = %+v, %v; want %s", s, err, cause)
	}
	if out, code := d.loket("", "status"); code != 0 || !strings.Contains(out, cause) {
		t.Errorf("loket status = %d %s; want %s", code, out, cause)
	}
	if out, code := d.loket("", "next", "--team", "support"); code != 2 || !strings.Contains(out, cause) {
		t.Errorf("loket next = %d %s; want 2 and %s", code, out, cause)
	}
	if metrics := d.get(d.desk + "/metrics"); !strings.Contains(metrics, "\nloket_store_writable 0\n") {
		t.Error("loket_store_writable is not 0")
	}
}

// wellAgain waits until what was written came in, and expects that the trouble was logged once.
func (h *refusing) wellAgain(cause string) {
	t, d := h.d.tb, h.d
	t.Helper()
	d.settled()
	d.await("the store to be well", func() bool {
		s, err := d.client("anna").Status(t.Context())
		return err == nil && s.Store.Writable
	})
	said := func(level string) int {
		n := 0
		for line := range strings.Lines(d.log.String()) {
			if strings.Contains(line, `"level":"`+level+`"`) && strings.Contains(line, `"cause":"`+cause+`"`) {
				n++
			}
		}
		return n
	}
	d.await("the end to be logged", func() bool { return said("info") > 0 })
	if warned, ended := said("warn"), said("info"); warned != 1 || ended != 1 {
		t.Errorf("%s: %d warnings and %d ends logged, want one each:\n%s", cause, warned, ended, tail(d.log))
	}
}

// eachOnce claims all there is to claim for support: every message once.
func (h *refusing) eachOnce() {
	t, d := h.d.tb, h.d
	t.Helper()
	seen := map[string]bool{}
	for {
		task, err := d.client("anna").Claim(t.Context(), "support", 0, "")
		if err != nil {
			t.Fatal(err)
		}
		if task == nil {
			break
		}
		if seen[task.ID] || len(task.Messages) != 1 {
			t.Errorf("claimed %s with %d messages, before: %t", task.Number, len(task.Messages), seen[task.ID])
		}
		seen[task.ID] = true
	}
	if len(seen) != h.written {
		t.Errorf("%d tasks could be claimed, want %d", len(seen), h.written)
	}
	d.healthy()
}
