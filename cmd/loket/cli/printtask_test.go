package cli

import (
	"strings"
	"testing"
	"time"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

func TestHeadlineSaysWhoseTurnItIs(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	p := &page{format.Page{Now: now, Zone: time.UTC, Said: "UTC"}}
	until := api.Time{Time: now.Add(2 * time.Hour)}
	for _, tt := range []struct {
		name  string
		task  api.Task
		waits bool // the customer, for us
		want  string
	}{
		{"kept for one", api.Task{State: "queued", Lane: "@joris"}, true, "queued for joris · support · due in 1h (13:00)"},
		{"held", api.Task{State: "claimed", Agent: "anna", Lane: "@joris"}, true, "claimed by anna · support · due in 1h (13:00)"},
		{"answered", api.Task{State: "waiting", Lane: "@joris"}, false, "waiting · support"},
		{"put off", api.Task{State: "waiting", Until: until}, true, "waiting until 14:00 · support · due in 1h (13:00)"},
		{"closed", api.Task{State: "closed", Lane: "@joris"}, false, "closed · support"},
		{"with an outcome", api.Task{State: "closed", Outcome: "solved"}, false, "closed as solved · support"},
	} {
		tt.task.Team, tt.task.Due = "support", api.Time{Time: now.Add(time.Hour)}
		if tt.waits {
			tt.task.Wait.Since = api.Time{Time: now}
		}
		if got := p.headline(&tt.task).Text; got != tt.want {
			t.Errorf("%s: headline = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestWhoIsNotWhomTheTaskIsFromIsNamedByTheirAddress(t *testing.T) {
	at := api.Time{Time: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	kate := []string{"email:kate@example.org"}
	for _, tt := range []struct {
		name string
		m    api.Message
		want string
	}{
		{"the customer", api.Message{From: kate, Name: "Kate"}, "Kate\n"},
		{"by another address too", api.Message{From: []string{"email:kate@work.example", "email:kate@example.org"}, Name: "Kate"}, "Kate\n"},
		{"somebody of that name", api.Message{From: []string{"email:kate@evil.example"}, Name: "Kate", Marks: []string{"new participant"}}, "Kate email:kate@evil.example new participant\n"},
		{"somebody without a name", api.Message{From: []string{"email:x@evil.example"}}, "customer email:x@evil.example\n"},
		{"us", api.Message{Direction: "out", From: []string{"email:help@example.org"}, Agent: "anna"}, "anna\n"},
	} {
		var out strings.Builder
		p := &page{format.Page{Out: &out, Now: at.Time, Zone: time.UTC, Said: "UTC"}}
		tt.m.Received = at
		p.message(&tt.m, kate)
		if got := out.String(); got != "\n── 12:00 "+tt.want {
			t.Errorf("%s: %q, want the line to end with %q", tt.name, got, tt.want)
		}
	}
}
