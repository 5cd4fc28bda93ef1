package router_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/internal/field"
	"loket/router"
	"loket/router/calendar"
)

// working has a team by office hours in Amsterdam, one by those of Delhi, and one around the clock.
func working(t testing.TB, rules ...router.Rule) router.Config {
	t.Helper()
	made := map[string]*calendar.Calendar{}
	for name, cfg := range map[string]calendar.Config{
		"office": {Zone: "Europe/Amsterdam", Week: map[string]string{"mon-fri": "09:00-17:30"}, Holidays: []string{"nl"}},
		"delhi":  {Zone: "Asia/Kolkata", Week: map[string]string{"mon-sat": "09:30-18:30"}},
		"shut":   {Zone: "UTC", Week: map[string]string{"mon-sun": "closed"}},
	} {
		c, err := calendar.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		made[name] = c
	}
	return router.Config{
		Teams: map[string]router.Team{
			"support": {
				Calendar: "office", FirstReply: 4 * time.Hour, NextReply: 8 * time.Hour, Resolution: 17 * time.Hour, Languages: []string{"nl", "en"},
				Targets: map[string]router.Targets{"urgent": {FirstReply: 30 * time.Minute, NextReply: time.Hour}, "low": {Resolution: 85 * time.Hour}},
			},
			"night":   {FirstReply: time.Hour},
			"billing": {Calendar: "delhi", FirstReply: 2 * time.Hour},
		},
		Rules: rules, Fallback: "support", Calendars: made,
	}
}

// friday is 2026-11-20, 16:30 in Amsterdam and 21:00 in Delhi.
var friday = time.Date(2026, 11, 20, 15, 30, 0, 0, time.UTC)

func TestDueCountsInTheTeamsWorkingTime(t *testing.T) {
	r := newRouter(t, working(t,
		router.Rule{Name: "night", When: `subject == "night"`, Team: "night"},
		router.Rule{Name: "urgent", When: `subject == "urgent"`, Team: "support", Priority: "urgent"},
		router.Rule{Name: "own", When: `subject == "own"`, Team: "support", Priority: "urgent", FirstReply: 90 * time.Minute, Resolution: 3 * time.Hour},
		router.Rule{Name: "low", When: `subject == "low"`, Team: "support", Priority: "low"},
		router.Rule{Name: "bill", When: `subject == "bill"`, Team: "billing"},
	))
	on := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC) }
	for _, row := range []struct {
		subject        string
		due, resolveBy time.Time
		next           time.Duration
		calendar       string
	}{
		{"", on(23, 11, 0), on(24, 15, 30), 8 * time.Hour, "office"},                                    // Monday 12:00; Tuesday 16:30
		{"urgent", on(20, 16, 0), on(24, 15, 30), time.Hour, "office"},                                  // Friday 17:00
		{"own", on(23, 8, 30), on(23, 10, 0), time.Hour, "office"},                                      // Monday 09:30 and 11:00
		{"low", on(23, 11, 0), time.Date(2026, 12, 4, 15, 30, 0, 0, time.UTC), 8 * time.Hour, "office"}, // ten days of 8.5h
		{"night", on(20, 16, 30), time.Time{}, time.Hour, ""},
		{"bill", on(21, 6, 0), time.Time{}, 2 * time.Hour, "delhi"}, // Saturday 11:30 there
	} {
		got := r.Route(router.Facts{Subject: row.subject}, friday)
		if !got.Due.Equal(row.due) || !got.ResolveBy.Equal(row.resolveBy) || got.NextReply != row.next || got.Calendar != row.calendar {
			t.Errorf("%q: due %s, resolve by %s, next %s, calendar %q; want %+v", row.subject, got.Due, got.ResolveBy, got.NextReply, got.Calendar, row)
		}
	}
	for _, row := range []struct {
		team, priority string
		want           time.Time
	}{
		{"support", "normal", on(23, 15, 0)},
		{"support", "urgent", on(20, 16, 30)},
		{"gone", "normal", on(20, 23, 30)},
	} {
		_, next, _ := r.Targets(row.team, row.priority)
		if got := r.After(row.team, friday, next); !got.Equal(row.want) {
			t.Errorf("a later message is due %s by %s at %s, want %s", got, row.team, row.priority, row.want)
		}
	}
}

func TestRulesAskCalendars(t *testing.T) {
	for _, row := range []struct {
		when string
		want bool
	}{
		{`open("office")`, true},
		{`open("delhi")`, false},
		{`not open("delhi") and open("office")`, true},
		{`hour("office") == 16`, true},
		{`hour("delhi") == 21`, true},
		{`hour("office") >= 18 or hour("office") < 9`, false},
		{`weekday("office") == "fri"`, true},
		{`weekday("delhi") in ["sat", "sun"]`, false},
		{`open("shut")`, false},
	} {
		r := newRouter(t, working(t, router.Rule{Name: "it", When: row.when, Team: "night"}))
		if d := r.Route(router.Facts{}, friday); (d.Rule == "it") != row.want {
			t.Errorf("%s: %+v, want %v", row.when, d.Tried, row.want)
		}
	}
}

func TestCalendarMistakesHaveTheirPlace(t *testing.T) {
	for _, row := range []struct {
		when, want string
		column     int
	}{
		{`open("ofice")`, `no calendar is called "ofice" at column 6 (did you mean "office"?)`, 6},
		{`public and open("x")`, `no calendar is called "x" at column 17`, 17},
		{`open(channel)`, `the calendar of open must be a name between quotes at column 6`, 6},
		{`open()`, `open takes the name of one calendar, as in open("office"), at column 1`, 1},
		{`hour("office", "delhi") > 3`, `hour takes the name of one calendar, as in hour("office"), at column 1`, 1},
		{`public and hour > 17`, `hour is asked of a calendar, as in hour("office"), at column 12`, 12},
		{`weekdy("office") == "sat"`, `unknown name "weekdy" at column 1 (did you mean "weekday"?)`, 1},
	} {
		_, err := router.New(working(t, router.Rule{Name: "it", When: row.when, Team: "night"}))
		all := field.All(err)
		if len(all) != 1 {
			t.Errorf("%s: %v, want one mistake", row.when, err)
			continue
		}
		if got, want := *all[0], (field.Error{Path: "rules[0].when", Reason: row.want, Column: row.column}); got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", row.when, got, want)
		}
	}
}

func TestTargetsWithoutSenseAreNamed(t *testing.T) {
	cfg := working(t,
		router.Rule{Name: "a", When: "true", Team: "a", Resolution: time.Minute},
		router.Rule{Name: "b", When: "true", Team: "support", FirstReply: 100 * time.Hour},
		router.Rule{Name: "c", When: "true", Team: "a", Resolution: time.Millisecond, FirstReply: time.Microsecond},
	)
	cfg.Teams["a"] = router.Team{Calendar: "ofice", Resolution: time.Hour}
	cfg.Teams["b"] = router.Team{Calendar: "shut"}
	cfg.Teams["c"] = router.Team{Resolution: 9 * time.Hour, Targets: map[string]router.Targets{
		"hgih": {}, "high": {FirstReply: 400 * 24 * time.Hour}, "low": {FirstReply: 10 * time.Hour}, "urgent": {Resolution: time.Second},
	}}
	_, err := router.New(cfg)
	var got []string
	for _, e := range field.All(err) {
		got = append(got, e.Error())
	}
	want := []string{
		`teams.a.calendar: no calendar is called "ofice" (did you mean "office"?)`,
		`teams.a.resolution: must leave time for the answer: resolution is 1h, first_reply 8h`,
		`teams.b.calendar: calendar "shut" is never open: nothing would ever be due`,
		`teams.c.targets.hgih: targets are for urgent, high, normal and low, not "hgih" (did you mean "high"?)`,
		`teams.c.targets.high.first_reply: must be at most 366d, not 400d`,
		`teams.c.targets.high.first_reply: must leave time for the answer: resolution is 9h, first_reply 400d`,
		`teams.c.targets.low.first_reply: must leave time for the answer: resolution is 9h, first_reply 10h`,
		`teams.c.targets.urgent.resolution: must leave time for the answer: resolution is 1s, first_reply 8h`,
		`rules[0].resolution: must leave time for the answer: resolution is 1m, first_reply 8h`,
		`rules[1].first_reply: must leave time for the answer: resolution is 17h, first_reply 100h`,
		`rules[2].first_reply: must be at least 1s, not 1µs`,
		`rules[2].resolution: must be at least 1s, not 1ms`,
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("mistakes (-got +want):\n%s", diff)
	}
}

func TestTheLanguageIsGuessedWhenTheChannelDoesNotSay(t *testing.T) {
	r := newRouter(t, working(t, router.Rule{Name: "english", When: `language == "en"`, Team: "night"}))
	for _, row := range []struct {
		facts          router.Facts
		rule, language string
	}{
		{router.Facts{Text: "Where is my parcel? I have been waiting for weeks"}, "english", "en"},
		{router.Facts{Text: "Waar blijft mijn pakket? Ik wacht al weken"}, "fallback", "nl"},
		{router.Facts{Text: "Wo bleibt mein Paket? Ich warte schon seit Wochen"}, "fallback", ""},
		{router.Facts{Text: "Where is my parcel?", Language: "nl"}, "fallback", "nl"},
		{router.Facts{Text: "ok"}, "fallback", ""},
	} {
		if got := r.Route(row.facts, friday); got.Rule != row.rule || got.Language != row.language {
			t.Errorf("%q: rule %s, language %q, want %s, %q", row.facts.Text, got.Rule, got.Language, row.rule, row.language)
		}
	}
}

func TestOpenIsByTheFallbackTeamUnlessNamed(t *testing.T) {
	r := newRouter(t, working(t))
	for calendar, want := range map[string]bool{"": true, "office": true, "delhi": false} {
		if got := r.Open(calendar, friday); got != want {
			t.Errorf("Open(%q) = %v, want %v", calendar, got, want)
		}
	}
	if r.Open("", friday.Add(2*time.Hour)) {
		t.Error("open after hours")
	}
	if around := newRouter(t, config()); !around.Open("", friday.Add(12*time.Hour)) {
		t.Error("without a calendar: closed")
	}
}
