package figures

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/desk/access"
	"loket/internal/field"
	"loket/internal/message"
	"loket/internal/store/storetest"
	"loket/router"
	"loket/router/kpi"
	"loket/router/queue"
)

// promises are those of teams that promise nothing but what a decision says.
type promises struct{ queue.Teams }

func (promises) Targets(string, string) (first, next, resolution time.Duration) { return 0, 0, 0 }
func (promises) After(_ string, from time.Time, d time.Duration) time.Time      { return from.Add(d) }
func (promises) LiftedAt(_ string, _ time.Time, _ int) time.Time                { return time.Time{} }
func (promises) Aside(string, string) bool                                      { return false }
func (promises) Lease(string) time.Duration                                     { return time.Minute }
func (promises) Reopen(string) time.Duration                                    { return time.Hour }
func (promises) Answers(string, string) bool                                    { return true }

// asked is a service over the tasks that so many customers of a team began, a second after each other.
func asked(t *testing.T, of map[string]int) *Service {
	t.Helper()
	st := storetest.New(t)
	r, err := router.New(router.Config{Teams: map[string]router.Team{"support": {}, "network": {}}, Fallback: "support"})
	if err != nil {
		t.Fatal(err)
	}
	q, err := queue.New(queue.Options{Store: st, Teams: promises{}})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Second)
	for team, n := range of {
		for i := range n {
			m := &message.Message{
				ID: message.NewID([]byte(fmt.Sprint(team, i))), Connector: "website", Channel: "web", Thread: fmt.Sprint(team, i),
				Subject: fmt.Sprint("matter ", i), Text: "x", Received: now.Add(time.Duration(i-n) * time.Second),
			}
			d := router.Decision{Team: team, Priority: "normal", Band: 2, FirstReply: time.Hour, Due: m.Received.Add(time.Hour), Rule: "all"}
			if _, err := q.Put(t.Context(), queue.Put{Task: m.ID, Message: m, Thread: m.Thread, Decision: d, Decided: now, Priority: "normal", Band: 2}); err != nil {
				t.Fatal(err)
			}
		}
	}
	ledger, err := kpi.New(kpi.Options{Store: st, Queue: q})
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Options{Store: st, Ledger: ledger, Queue: q, Router: func() *router.Router { return r }, Now: func() time.Time { return now.Add(time.Minute) }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Page after page, each task behind a figure stands there once, oldest first, however long the pages are.
func TestPagesOfTasksAddUpToTheFigure(t *testing.T) {
	s := asked(t, map[string]int{"network": 7, "support": 2})
	lead := access.Actor{Principal: &access.Principal{Name: "lead", Person: "lead", Roles: []string{access.RoleManager}}}
	var want []string
	for i := range 7 {
		want = append(want, fmt.Sprint("matter ", i))
	}
	for _, limit := range []int{0, 1, 3, 7, 500} {
		var got []string
		pages := 0
		for cursor := ""; pages == 0 || cursor != ""; pages++ {
			page, err := s.Tasks(t.Context(), lead, Query{Team: "network"}, "messages", limit, cursor)
			if err != nil || pages > 10 {
				t.Fatalf("page %d of %d tasks: %v", pages, limit, err)
			}
			if len(page.Tasks) > max(limit, 1) && limit > 0 {
				t.Errorf("a page of %d has %d tasks", limit, len(page.Tasks))
			}
			for _, one := range page.Tasks {
				got = append(got, one.Subject)
			}
			cursor = page.Cursor
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("in pages of %d (-want +got):\n%s", limit, diff)
		}
	}
}

// What can't be a page, or is of a team that is not theirs, is refused at its field.
func TestPagesThatThereAreNotAreRefused(t *testing.T) {
	s := asked(t, map[string]int{"network": 1})
	lead := access.Actor{Principal: &access.Principal{Name: "lead", Person: "lead", Roles: []string{access.RoleManager}}}
	for name, tc := range map[string]struct {
		figure, cursor string
		limit          int
		field          string
	}{
		"too long": {"messages", "", 501, "limit"}, "none at all": {"messages", "", -1, "limit"},
		"no cursor of ours": {"messages", "next", 0, "cursor"}, "no figure": {"mesages", "", 0, "figure"}, "a figure without tasks": {"service_level", "", 0, "figure"},
	} {
		var wrong *field.Error
		if _, err := s.Tasks(t.Context(), lead, Query{}, tc.figure, tc.limit, tc.cursor); !errors.As(err, &wrong) || wrong.Path != tc.field {
			t.Errorf("%s: %v, want it refused at %s", name, err, tc.field)
		}
	}
	other := access.Actor{Principal: &access.Principal{Name: "web", Teams: []string{"support"}}}
	if _, err := s.Tasks(t.Context(), other, Query{Team: "network"}, "messages", 0, ""); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("tasks of another team: %v, want %v", err, access.ErrForbidden)
	}
}
