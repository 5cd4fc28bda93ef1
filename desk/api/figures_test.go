package api_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/desk/access"
	"loket/desk/api"
	"loket/internal/store"
)

// overtake is a step of the figures at which another begins to rebuild them.
func overtake(st *store.Store, when *atomic.Bool) func(string) {
	return func(string) {
		if when.Load() {
			st.Redis().HSet(context.Background(), "lk:{k}:s", "build", "another 0 ")
		}
	}
}

// figureAnswers makes each call about figures so that it gives each answer the document has for it.
func (h *house) figureAnswers() {
	h.t.Helper()
	for _, path := range []string{"/api/v1/kpi?by=team,day&previous=true", "/api/v1/kpi/tasks?figure=messages"} {
		h.raw("GET", path, adminToken, "")
		h.raw("GET", path+"&team=support", webcareToken, "")
		h.raw("GET", path+"&team=none", adminToken, "")
		h.raw("GET", path+"&from=soon", adminToken, "")
	}
	h.raw("POST", "/api/v1/kpi/rebuild", adminToken, `{}`)
	h.raw("POST", "/api/v1/kpi/rebuild", annaToken, `{}`)
	h.overtaken.Store(true)
	h.raw("POST", "/api/v1/kpi/rebuild", adminToken, `{}`)
	h.overtaken.Store(false)
}

func TestFiguresTellWhatWasAnsweredAndByWhom(t *testing.T) {
	h := open(t)
	first, second := h.arrive("a matter"), h.arrive("another")
	if _, err := h.admin("anna").Reply(t.Context(), first.ID, api.Answer{Text: "here", Close: true}); err != nil {
		t.Fatal(err)
	}
	f, err := h.admin("").Figures(t.Context(), api.FigureQuery{By: "team,agent"})
	if err != nil {
		t.Fatal(err)
	}
	if f.Total.Count("messages") != 2 || f.Total.Count("answered") != 1 || f.Total.Count("resolved") != 1 || !f.Total.Now || f.Total.Count("backlog") != 1 {
		t.Errorf("total = %+v", f.Total)
	}
	var by []string
	for _, g := range f.Groups {
		if g.Count("answered") == 1 {
			by = append(by, g.Key["team"]+" "+g.Key["agent"])
		}
	}
	if len(by) != 1 || by[0] != "support anna" {
		t.Errorf("answered by %q", by)
	}
	for figure, want := range map[string]string{"answered": first.Number, "backlog": second.Number} {
		list, err := h.admin("").FigureTasks(t.Context(), api.FigureQuery{}, figure, 0, "")
		if err != nil || len(list.Tasks) != 1 || list.Tasks[0].Number != want || list.Tasks[0].ID == "" || list.Tasks[0].Seconds == nil {
			t.Errorf("tasks of %s = %+v, %v; want %s", figure, list, err, want)
		}
	}
	// Computed anew they are the same.
	if _, err := h.admin("").RebuildFigures(t.Context()); err != nil {
		t.Fatal(err)
	}
	again, err := h.admin("").Figures(t.Context(), api.FigureQuery{By: "team,agent"})
	if err != nil || again.Total.Count("messages") != 2 || again.Total.Count("answered") != 1 || len(again.Groups) != len(f.Groups) {
		t.Errorf("after rebuilding: %+v, %v", again, err)
	}
}

func TestFigureTasksComeInPages(t *testing.T) {
	h := open(t)
	for range 5 {
		h.arrive("a matter")
	}
	for _, figure := range []string{"messages", "backlog"} {
		seen, cursor := map[string]bool{}, ""
		for range 3 {
			list, err := h.admin("").FigureTasks(t.Context(), api.FigureQuery{}, figure, 2, cursor)
			if err != nil {
				t.Fatal(err)
			}
			for _, task := range list.Tasks {
				if seen[task.Number] {
					t.Errorf("%s: %s comes twice", figure, task.Number)
				}
				seen[task.Number] = true
			}
			cursor = list.Cursor
		}
		if len(seen) != 5 || cursor != "" {
			t.Errorf("%s: %d tasks on three pages, cursor %q", figure, len(seen), cursor)
		}
	}
}

func TestFiguresSayByWhichClockTheyMeasure(t *testing.T) {
	h := open(t)
	f, err := h.admin("").Figures(t.Context(), api.FigureQuery{Within: "4h"})
	if err != nil {
		t.Fatal(err)
	}
	want := &api.FigureWithin{Seconds: 14400, Clocks: map[string]string{"support": "", "webcare": "", "network": ""}}
	if diff := cmp.Diff(want, f.Within); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
	list, err := h.admin("").FigureTasks(t.Context(), api.FigureQuery{Within: "4h", Team: "support"}, "counted", 0, "")
	if err != nil || list.Within == nil || len(list.Within.Clocks) != 1 {
		t.Errorf("tasks of support say %+v, %v", list.Within, err)
	}
	if f, err = h.admin("").Figures(t.Context(), api.FigureQuery{}); err != nil || f.Within != nil {
		t.Errorf("without it they say %+v, %v", f.Within, err)
	}
}

// What was before stands beside, and each task says what it went through.
func TestFiguresStandBesideThoseBefore(t *testing.T) {
	h := open(t)
	v := h.arrive("a matter")
	if _, err := h.admin("anna").Transfer(t.Context(), v.ID, "webcare", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := h.admin("joris").Reply(t.Context(), v.ID, api.Answer{Text: "here"}); err != nil {
		t.Fatal(err)
	}
	f, err := h.admin("").Figures(t.Context(), api.FigureQuery{Last: "3d", Previous: "true", By: "day"})
	if err != nil || f.Previous == nil {
		t.Fatalf("%+v, %v", f, err)
	}
	if f.Total.Count("answered") != 1 || f.Previous.Total.Count("answered") != 0 || len(f.Groups) != 3 || len(f.Previous.Groups) != 3 || !f.Previous.To.Before(f.From.Time) {
		t.Errorf("%d and before %d in %d days and %d, until %v", f.Total.Count("answered"), f.Previous.Total.Count("answered"), len(f.Groups), len(f.Previous.Groups), f.Previous.To)
	}
	list, err := h.admin("").FigureTasks(t.Context(), api.FigureQuery{Last: "1d", Tag: "-"}, "answered", 0, "")
	if err != nil || len(list.Tasks) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	if why := list.Tasks[0].Why; why == nil || why.Transfers != 1 || why.Rests+why.Returned+why.Failed != 0 {
		t.Errorf("why is %+v, want one transfer", why)
	}
}

func TestADayWithoutMidnightIsAskedForWhole(t *testing.T) {
	h := open(t)
	for _, tt := range []struct{ zone, day, from, to string }{
		{"Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"},
		{"America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"},
		{"America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
	} {
		f, err := h.admin("").Figures(t.Context(), api.FigureQuery{By: "day", Zone: tt.zone, From: tt.day, To: tt.day})
		if err != nil {
			t.Fatal(err)
		}
		from, to := f.From.Format(time.RFC3339), f.To.Format(time.RFC3339)
		if from != tt.from || to != tt.to || len(f.Groups) != 1 || f.Groups[0].Key["day"] != tt.day {
			t.Errorf("%s in %s is %s to %s in %d lines, want %s to %s in one", tt.day, tt.zone, from, to, len(f.Groups), tt.from, tt.to)
		}
	}
}

func TestWrongQueriesOfFiguresNameTheField(t *testing.T) {
	h := open(t)
	for _, tt := range []struct {
		query api.FigureQuery
		field string
		say   string
	}{
		{api.FigureQuery{From: "1026-01-01"}, "from", "between the years 2000 and 2100"},
		{api.FigureQuery{From: "2020-01-01"}, "from", "at most 800 days"},
		{api.FigureQuery{To: "9999-12-31"}, "from", "between the years"},
		{api.FigureQuery{From: "2026-03-02", To: "2026-03-01"}, "to", "later than from"},
		{api.FigureQuery{From: "soon"}, "from", "a day such as"},
		{api.FigureQuery{To: "2026-02-30"}, "to", "a day such as"},
		{api.FigureQuery{By: "taem"}, "by", `did you mean "team"?`},
		{api.FigureQuery{By: "day,hour"}, "by", "one of hour, day and week"},
		{api.FigureQuery{By: "team,team"}, "by", "once"},
		{api.FigureQuery{By: "team,agent,rule,tag"}, "by", "at most 3"},
		{api.FigureQuery{By: "hour", From: "200d"}, "by", "at most 100 days"},
		{api.FigureQuery{Zone: "Europe/Amsterdm"}, "zone", "time zone"},
		{api.FigureQuery{Zone: "../etc/passwd"}, "zone", "time zone"},
		{api.FigureQuery{Within: "fast"}, "within", "duration"},
		{api.FigureQuery{Short: "-1s"}, "short", "from 0s"},
	} {
		_, err := h.admin("").Figures(t.Context(), tt.query)
		var p *api.Problem
		if !errors.As(err, &p) || p.Status != 422 || p.Field != tt.field || !strings.Contains(p.Detail, tt.say) {
			t.Errorf("Figures(%+v) = %v, want 422 at %s: %s", tt.query, err, tt.field, tt.say)
		}
	}
	for figure, cursor := range map[string]string{"backlock": "", "messages": "x"} {
		if _, err := h.admin("").FigureTasks(t.Context(), api.FigureQuery{}, figure, 0, cursor); !api.IsProblem(err, "field") {
			t.Errorf("FigureTasks(%s, %q) = %v, want a field", figure, cursor, err)
		}
	}
}

func TestFiguresOfPersonsAreForManagersAndThatPerson(t *testing.T) {
	h := open(t, access.Person{Name: "anna", Teams: []string{"support"}}, access.Person{Name: "bob", Teams: []string{"support", "network"}})
	for agent, task := range map[string]string{"anna": h.arrive("a matter").ID, "bob": h.arrive("another").ID} {
		if _, err := h.admin(agent).Reply(t.Context(), task, api.Answer{Text: "here"}); err != nil {
			t.Fatal(err)
		}
	}
	h.arrive("er is een storing") // for network
	anna := h.as(annaToken, "")
	f, err := anna.Figures(t.Context(), api.FigureQuery{By: "team"})
	if err != nil || len(f.Groups) != 1 || f.Groups[0].Key["team"] != "support" || f.Total.Count("answered") != 2 {
		t.Errorf("anna sees %+v, %v; want her team", f, err)
	}
	for _, q := range []api.FigureQuery{{By: "agent"}, {Agent: "bob"}, {Team: "network"}, {By: "agent,day", Team: "support"}} {
		if _, err := anna.Figures(t.Context(), q); !api.IsProblem(err, "forbidden") {
			t.Errorf("anna asks %+v: %v, want forbidden", q, err)
		}
	}
	if f, err := anna.Figures(t.Context(), api.FigureQuery{By: "agent", Agent: "anna"}); err != nil || f.Total.Count("answered") != 1 {
		t.Errorf("anna's own: %+v, %v", f, err)
	}
	list, err := anna.FigureTasks(t.Context(), api.FigureQuery{}, "answered", 0, "")
	if err != nil || len(list.Tasks) != 2 {
		t.Fatalf("tasks = %+v, %v", list, err)
	}
	for _, task := range list.Tasks {
		if task.Agent == "bob" {
			t.Error("anna is told who answered what")
		}
	}
}

func TestFiguresOfADayEndWithIt(t *testing.T) {
	h := open(t)
	h.arrive("a matter")
	zone := "Pacific/Kiritimati" // fourteen hours ahead of UTC
	today := time.Now().In(time.FixedZone("", 14*3600)).Format(time.DateOnly)
	f, err := h.admin("").Figures(t.Context(), api.FigureQuery{From: today, To: today, Zone: zone, By: "hour"})
	if err != nil {
		t.Fatal(err)
	}
	if f.Zone != zone || f.Total.Count("messages") != 1 || len(f.Groups) != 24 || f.To.Sub(f.From.Time) != 24*time.Hour {
		t.Errorf("figures = %+v", f)
	}
}
