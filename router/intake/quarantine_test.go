package intake_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/internal/message"
	"loket/internal/store/storetest"
	"loket/router/intake"
)

// poison is a message that cannot be walked: it names a thread that is not there, and no connector.
func poison(n int) *message.Message {
	return &message.Message{
		ID: message.NewID([]byte(fmt.Sprint("poison ", n))), Thread: form(n).Thread, Text: "hello", Received: time.Now(),
	}
}

func TestPoisonGoesToQuarantineAfterItsTries(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	m := poison(1)
	h.accept(m)
	h.accept(form(2)) // the others are not held up
	for range 7 {
		h.want(1, 1, 1, 0)
		h.sweep()
	}
	h.want(1, 1, 0, 1)
	q, err := h.Quarantined(t.Context(), m.ID)
	if err != nil || q.Attempts != 8 || !strings.Contains(q.Error, "no such thread") || q.Message == nil || q.Message.Text != "hello" || time.Since(q.Since) > time.Minute {
		t.Fatalf("Quarantined = %+v, %v", q, err)
	}
	h.sweep() // it stays there
	h.want(1, 1, 0, 1)
	h.accept(m) // accepted again, it is where it is
	h.want(1, 1, 0, 1)

	h.accept(form(1)) // now the thread is there
	if err := h.Retry(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	h.want(2, 2, 1, 0)
	h.sweep()
	h.want(2, 3, 0, 0)
	for _, do := range []func() error{
		func() error { return h.Retry(t.Context(), m.ID) },
		func() error { return h.Drop(t.Context(), m.ID) },
		func() error { _, err := h.Quarantined(t.Context(), m.ID); return err },
	} {
		if err := do(); !errors.Is(err, intake.ErrNone) {
			t.Errorf("of what is not in quarantine = %v, want ErrNone", err)
		}
	}
}

func TestRetryThatFailsAgainComesBackAfterAsManyTries(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	m := poison(1)
	h.accept(m)
	for range 7 {
		h.sweep()
	}
	if err := h.Retry(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		h.sweep()
		if s, err := h.Status(t.Context()); err != nil || s.Quarantine == 1 {
			if n != 6 {
				t.Errorf("back after %d sweeps, want 7: the journal counts from the start", n+1)
			}
			break
		}
		if n > 10 {
			t.Fatal("it never comes back")
		}
	}
	h.want(0, 0, 0, 1)
}

func TestDropDeletesForGood(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	m := form(1)
	m.Problem = "the mail has no end"
	h.accept(m)
	h.want(0, 0, 0, 1)
	if err := h.Drop(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	h.want(0, 0, 0, 0)
	h.accept(m)
	h.sweep()
	h.want(0, 0, 0, 0)
}

func TestWhatCannotBeParsedIsShownAtOnce(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	m := form(1)
	m.Problem, m.Raw = "the mail has no end", []byte{0xff, 0}
	h.accept(m)
	q, err := h.Quarantined(t.Context(), m.ID)
	if err != nil || q.Error != m.Problem || q.Attempts != 0 || q.Message == nil {
		t.Fatalf("Quarantined = %+v, %v", q, err)
	}
	if err := h.Retry(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	h.sweep()
	h.want(1, 1, 0, 0)
}

func TestUnreadableEntryOfTheJournalIsShownAsItIs(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	left, h := newEnv(t, st, dying("resolved")), newEnv(t, st)
	m := form(1)
	left.accept(m)
	for p := range 64 {
		if key := fmt.Sprintf("lk:{j%d}:b", p); st.Redis().HExists(t.Context(), key, m.ID).Val() {
			st.Redis().HSet(t.Context(), key, m.ID, "{torn")
		}
	}
	for range 2 {
		h.sweep()
		h.want(0, 0, 0, 1)
		q, err := h.Quarantined(t.Context(), m.ID)
		if err != nil || q.Message != nil || q.Body != "{torn" || !strings.Contains(q.Error, "cannot be read") {
			t.Fatalf("Quarantined = %+v, %v", q, err)
		}
		if err := h.Retry(t.Context(), m.ID); err != nil {
			t.Fatal(err)
		}
	}
	h.sweep()
	if err := h.Drop(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	h.want(0, 0, 0, 0)
}

func TestQuarantineIsListedOldestFirstInPages(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	const many = 23
	var want []string
	begun := time.Now()
	for n := range many {
		m := form(n)
		m.Problem, m.Received = "x", begun.Add(time.Duration(n/3)*time.Minute) // some at the same instant
		h.accept(m)
		want = append(want, m.ID)
	}
	for _, limit := range []int{1, 2, 7, many, 100} {
		var got []string
		last := time.Time{}
		for cursor := ""; ; {
			page, next, err := h.Quarantine(t.Context(), limit, cursor)
			if err != nil || len(page) > limit {
				t.Fatalf("page of %d, %v", len(page), err)
			}
			for _, q := range page {
				if q.Since.Before(last) || q.Message == nil {
					t.Errorf("%+v comes after %v", q, last)
				}
				got, last = append(got, q.ID), q.Since
			}
			if cursor = next; cursor == "" {
				break
			}
			if len(got) > many {
				t.Fatal("the list does not end")
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d gave %d messages, want each of %d once", limit, len(got), many)
		}
	}
}
