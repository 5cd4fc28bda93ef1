package kpi

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/internal/archive"
	"loket/internal/store/storetest"
	"loket/router/queue"
)

func TestArchivedRowsStillCount(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	old, err := archive.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	open := func() *Ledger {
		return ledgerOn(t, Options{Store: st, Queue: queueOn(t, st), Working: offices(t), Archive: old})
	}
	week(t).on(st)
	l := open()
	report := func() *Report {
		t.Helper()
		r, err := open().Report(t.Context(), weekQuery(t, ByTeam, ByDay), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	before := report()
	friday := time.Date(2026, 4, 3, 12, 0, 0, 0, time.UTC)
	n, err := l.ArchiveBefore(t.Context(), friday)
	if err != nil || n != 6 { // 28 March to 2 April
		t.Fatalf("ArchiveBefore = %d, %v; want 6 days", n, err)
	}
	if n, err := l.ArchiveBefore(t.Context(), friday); err != nil || n != 0 {
		t.Errorf("again = %d, %v; want nothing to do", n, err)
	}
	if keys := st.Redis().Keys(t.Context(), "lk:{k}:d:*").Val(); len(keys) != 1 {
		t.Errorf("days in the store: %q, want only the 3rd of April", keys)
	}
	if diff := cmp.Diff(before, report(), cmp.AllowUnexported(Figures{})); diff != "" {
		t.Errorf("after archiving (-before +after):\n%s", diff)
	}
	// A message that was held up for long comes into a day that is archived; the day is archived again.
	late := &script{tb: t}
	late.events = append(late.events, queue.Event{Number: 10, Task: "T10", Type: queue.Created, Team: "support", Channel: "letter",
		Created: clock(t, "30 10:00"), At: clock(t, "4 10:00"), Message: "m", Wait: 1, WaitSince: clock(t, "30 10:00")})
	late.on(st)
	more := report()
	if more.Total.Count("messages") != before.Total.Count("messages")+1 {
		t.Errorf("%d messages, want one more than %d", more.Total.Count("messages"), before.Total.Count("messages"))
	}
	if n, err := l.ArchiveBefore(t.Context(), friday); err != nil || n != 1 {
		t.Errorf("archived %d days again, %v; want the one that changed", n, err)
	}
	if diff := cmp.Diff(more, report(), cmp.AllowUnexported(Figures{})); diff != "" {
		t.Errorf("after archiving again (-before +after):\n%s", diff)
	}
	if _, err := l.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(more, report(), cmp.AllowUnexported(Figures{})); diff != "" {
		t.Errorf("computed anew (-before +after):\n%s", diff)
	}
}

func TestRowsWhoseEventsAreGoneStayWhenComputedAnew(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	week(t).on(st)
	l := ledgerOn(t, Options{Store: st, Queue: queueOn(t, st), Working: offices(t)})
	q := weekQuery(t, ByTeam)
	before, err := l.Report(t.Context(), q, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, left := range []int64{20, 1, 0} {
		if err := st.Redis().XTrimMaxLen(t.Context(), "lk:{q}:e", left).Err(); err != nil {
			t.Fatal(err)
		}
		if n, err := l.Rebuild(t.Context()); err != nil || n != int(left) {
			t.Fatalf("Rebuild with %d events left = %d, %v", left, n, err)
		}
		after, err := l.Report(t.Context(), q, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, after, cmp.AllowUnexported(Figures{})); diff != "" {
			t.Errorf("with %d events left (-before +after):\n%s", left, diff)
		}
	}
}
