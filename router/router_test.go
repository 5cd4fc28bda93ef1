package router_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"loket/internal/message"
	"loket/internal/proptest"
	"loket/router"
	"loket/router/calendar"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestRouteFirstMatchWins(t *testing.T) {
	r := newRouter(t, config(
		router.Rule{Name: "outage", When: `text matches "(?i)storing|no signal"`, Team: "network", Priority: "high", Tags: []string{"outage"}},
		router.Rule{Name: "public", When: `public`, Team: "webcare", FirstReply: 10 * time.Minute},
		router.Rule{Name: "also public", When: `public`, Team: "network"},
		router.Rule{Name: "anna's", When: `subject contains "Anna"`, Team: "support", Lane: "@anna", NextReply: time.Hour},
	))
	for _, row := range []struct {
		name  string
		facts router.Facts
		want  router.Decision
	}{
		{"the first of two that hold", router.Facts{Text: "Storing!", Public: true}, router.Decision{
			Team: "network", Priority: "high", Band: 1, Rule: "outage", Tags: []string{"outage"},
			FirstReply: 8 * time.Hour, NextReply: 8 * time.Hour,
		}},
		{"a rule's own target", router.Facts{Public: true}, router.Decision{
			Team: "webcare", Priority: "normal", Band: 2, Rule: "public", FirstReply: 10 * time.Minute, NextReply: 30 * time.Minute,
		}},
		{"a lane", router.Facts{Subject: "To Anna"}, router.Decision{
			Team: "support", Priority: "normal", Band: 2, Lane: "@anna", Rule: "anna's", FirstReply: 4 * time.Hour, NextReply: time.Hour,
		}},
		{"nothing holds", router.Facts{}, router.Decision{
			Team: "support", Priority: "normal", Band: 2, Rule: "fallback", FirstReply: 4 * time.Hour, NextReply: 6 * time.Hour,
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.want.At, row.want.Due = noon, noon.Add(row.want.FirstReply)
			got := r.Route(row.facts, noon)
			if diff := cmp.Diff(got, row.want, cmpopts.IgnoreFields(router.Decision{}, "Tried")); diff != "" {
				t.Errorf("Route (-got +want):\n%s", diff)
			}
			if last := got.Tried[len(got.Tried)-1]; last.Rule != row.want.Rule || !last.Matched {
				t.Errorf("last tried = %+v, want %s to have matched", last, row.want.Rule)
			}
		})
	}
}

func TestRouteSeesEveryFact(t *testing.T) {
	phone := message.Identifier{Kind: "phone", Value: "+31612345678", Level: message.Claimed}
	mail := message.Identifier{Kind: "email", Value: "jan@example.org", Level: message.Attested}
	m := &message.Message{
		Channel: "web", Connector: "website", Public: true, Subject: "Rekening", Text: "Klopt niet",
		From: []message.Identifier{mail, phone}, Name: "Jan", Language: "nl", Automatic: message.Bounce,
		Attachments: []message.Attachment{{Name: "a.png", Type: "image/png"}, {Name: "b.pdf", Type: "application/pdf"}},
	}
	customer := router.Customer{ID: "c1", Assurance: "attested", Segment: "business", Tags: []string{"vip"}}
	for _, when := range []string{
		`channel == "web"`, `connector == "website"`, `public`, `subject startsWith "Reken"`, `text contains "niet"`,
		`"email:jan@example.org" in from`, `any(from, # startsWith "phone:+31")`, `name == "Jan"`, `language in ["nl", "en"]`,
		`customer.id != ""`, `customer.assurance == "attested"`, `customer.segment == "business"`, `"vip" in customer.tags`,
		`attachments == 2`, `"image/png" in attachment_types`, `automatic == "bounce"`, `lower(text) == "klopt niet"`,
		`subject endsWith "ing" and not (text == "")`, `len(text) > 5 && (public || false)`, `count(from, # startsWith "email:") == 1`,
		`true`,
	} {
		r := newRouter(t, config(router.Rule{Name: "it", When: when, Team: "network"}))
		d := r.Route(router.FactsOf(m, customer), noon)
		if d.Rule != "it" {
			t.Errorf("%s does not hold: %+v", when, d.Tried)
		}
	}
}

func TestRouteSaysWhy(t *testing.T) {
	for _, row := range []struct {
		when, because string
		facts         router.Facts
		matched       bool
	}{
		{`channel == "web"`, `channel == "web" is false`, router.Facts{Channel: "email"}, false},
		{`channel == 'web'`, `channel == "web" is true`, router.Facts{Channel: "web"}, true},
		{`public and channel == "web" and attachments > 0`, `channel == "web" is false`, router.Facts{Public: true}, false},
		{`public and attachments == 0`, `public and attachments == 0 is true`, router.Facts{Public: true}, true},
		{`public or attachments > 0`, `attachments > 0 is true`, router.Facts{Attachments: 1}, true},
		{`public || attachments > 0`, `public || attachments > 0 is false`, router.Facts{}, false},
		{`public and (attachments > 0 or name == "x")`, `(attachments > 0 or name == "x") is false`, router.Facts{Public: true}, false},
		{`not public`, `not public is false`, router.Facts{Public: true}, false},
		{`true`, `the rule is for every message`, router.Facts{}, true},
		{`from[0] == "x"`, `from[0] == "x" cannot be evaluated: index out of range: 0 (array length is 0)`, router.Facts{}, false},
	} {
		r := newRouter(t, config(router.Rule{Name: "it", When: row.when, Team: "network"}))
		got := r.Route(row.facts, noon).Tried[0]
		if want := (router.Tried{Rule: "it", Matched: row.matched, Because: row.because}); got != want {
			t.Errorf("%s: tried = %+v, want %+v", row.when, got, want)
		}
	}
}

func TestTargetsOfTeams(t *testing.T) {
	r := newRouter(t, config())
	for _, row := range []struct {
		team string
		want time.Duration
	}{
		{"support", 6 * time.Hour}, {"webcare", 30 * time.Minute}, {"gone", 8 * time.Hour},
	} {
		if _, next, resolution := r.Targets(row.team, "normal"); next != row.want || resolution != 0 {
			t.Errorf("Targets(%s) = %v, %v; want %v and no resolution", row.team, next, resolution, row.want)
		}
	}
}

func TestLateTasksRiseInWorkingTime(t *testing.T) {
	never, hour := time.Duration(0), time.Hour
	office, err := calendar.New(calendar.Config{Zone: "Europe/Amsterdam", Week: map[string]string{"mon-fri": "09:00-17:00"}})
	if err != nil {
		t.Fatal(err)
	}
	r := newRouter(t, router.Config{
		Teams: map[string]router.Team{
			"office": {Calendar: "office", FirstReply: 2 * time.Hour}, "always": {AgeAfter: &hour}, "never": {AgeAfter: &never},
		},
		Calendars: map[string]*calendar.Calendar{"office": office}, Fallback: "always",
	})
	friday := time.Date(2026, 11, 27, 15, 0, 0, 0, time.UTC) // four in Amsterdam
	for _, row := range []struct {
		team string
		n    int
		want time.Time
	}{
		{"office", 1, friday.Add(66 * time.Hour)}, {"office", 2, friday.Add(68 * time.Hour)}, {"always", 3, friday.Add(3 * time.Hour)},
		{"never", 1, time.Time{}}, {"gone", 1, friday.Add(8 * time.Hour)},
	} {
		if got := r.LiftedAt(row.team, friday, row.n); !got.Equal(row.want) {
			t.Errorf("LiftedAt(%s, %d) = %v, want %v", row.team, row.n, got, row.want)
		}
	}
}

func TestTeamsHaveTheirDefaults(t *testing.T) {
	r := newRouter(t, config())
	got, ok := r.Team("network")
	age := 8 * time.Hour
	want := router.Team{FirstReply: 8 * time.Hour, NextReply: 8 * time.Hour, Lease: 2 * time.Minute, Reopen: 168 * time.Hour, AgeAfter: &age}
	if diff := cmp.Diff(got, want); !ok || diff != "" {
		t.Errorf("Team(network) = %v, (-got +want):\n%s", ok, diff)
	}
	if _, ok := r.Team("gone"); ok {
		t.Error("Team(gone) is there")
	}
	if diff := cmp.Diff(r.Teams(), []string{"network", "support", "webcare"}); diff != "" {
		t.Error(diff)
	}
}

func TestRouteIsTotalAndDeterministic(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		whens := rapid.SliceOfN(rapid.SampledFrom([]string{
			`public`, `attachments > 2`, `from[0] == "email:a@b"`, `text matches "^(a|b)*$"`, `customer.tags[1] == "x" or public`,
			`channel == "web" and name[0:1] == "a"`, `any(from, # contains name)`, `10 / attachments > 2`,
		}), 0, 6).Draw(t, "rules")
		var rules []router.Rule
		for i, when := range whens {
			rules = append(rules, router.Rule{Name: fmt.Sprint("r", i), When: when, Team: "webcare"})
		}
		r, err := router.New(config(rules...))
		if err != nil {
			t.Fatal(err)
		}
		f := router.Facts{
			Channel: rapid.SampledFrom([]string{"", "web"}).Draw(t, "channel"), Public: rapid.Bool().Draw(t, "public"),
			Text: rapid.String().Draw(t, "text"), Name: rapid.String().Draw(t, "name"), Attachments: rapid.IntRange(0, 5).Draw(t, "attachments"),
			From: rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, "from"), Customer: router.Customer{Tags: rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, "tags")},
		}
		one, two := r.Route(f, noon), r.Route(f, noon)
		if diff := cmp.Diff(one, two); diff != "" {
			t.Fatalf("two answers:\n%s", diff)
		}
		if _, ok := r.Team(one.Team); !ok || one.Rule == "" || !one.Due.After(noon) || len(one.Tried) == 0 {
			t.Fatalf("incomplete decision %+v", one)
		}
		for i, tried := range one.Tried {
			if tried.Matched != (i == len(one.Tried)-1) {
				t.Fatalf("only the last may match: %+v", one.Tried)
			}
		}
	})
}

func BenchmarkRoute50Rules(b *testing.B) {
	var rules []router.Rule
	for i := range 50 {
		rules = append(rules, router.Rule{
			Name: fmt.Sprint("rule", i), Team: "network",
			When: fmt.Sprintf(`channel == "web" and text matches "(?i)word%d|other%d"`, i, i),
		})
	}
	r := newRouter(b, config(rules...))
	f := router.Facts{Channel: "web", Text: "My phone has had no signal since this morning, can you look whether something is wrong with my line?"}
	b.ReportAllocs()
	for b.Loop() {
		r.Route(f, noon)
	}
}

func config(rules ...router.Rule) router.Config {
	return router.Config{
		Teams: map[string]router.Team{
			"support": {FirstReply: 4 * time.Hour, NextReply: 6 * time.Hour},
			"webcare": {FirstReply: 30 * time.Minute},
			"network": {},
		},
		Rules:    rules,
		Fallback: "support",
	}
}

func newRouter(t testing.TB, cfg router.Config) *router.Router {
	t.Helper()
	r, err := router.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
