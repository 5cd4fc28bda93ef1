package e2e_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"loket/desk/api"
)

// Whatever zone the machines of the daemon and of its people have, times are read in that of the team, else of the daemon.
func TestTimesAreReadInOneZoneWhichIsSaid(t *testing.T) {
	t.Setenv("TZ", "Pacific/Auckland")
	d := newDaemon(t, strings.NewReplacer(
		"support: {", "support: {calendar: office, ", "teams:", `zone: America/New_York
calendars:
  office: {zone: Europe/Amsterdam, week: {mon-sun: 24h}}
teams:`).Replace(fmt.Sprintf(standard, embedded)), "TZ=Asia/Tokyo").start()
	office, daemon := location(t, "Europe/Amsterdam"), location(t, "America/New_York")
	a, err := d.post("one", "a question")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.post("two", "no signal"); err != nil {
		t.Fatal(err)
	}
	d.await("both tasks", func() bool { return len(d.tasks("support")) == 1 && len(d.tasks("network")) == 1 })
	ask := func(want []string, args ...string) {
		t.Helper()
		out, code := d.loket("", args...)
		if code != 0 {
			t.Fatalf("loket %v = %d:\n%s", args, code, out)
		}
		for _, w := range append(want, "") {
			if !strings.Contains(out, w) || strings.Contains(out, "Local") {
				t.Errorf("loket %v lacks %q, or says Local:\n%s", args, w, out)
			}
		}
	}
	for team, zone := range map[string]*time.Location{"support": office, "network": daemon} {
		task := d.tasks(team)[0]
		if task.Zone != zone.String() {
			t.Errorf("the task of %s is of zone %q", team, task.Zone)
		}
		ask([]string{zone.String(), task.Created.In(zone).Format("15:04")}, "show", task.Number)
		ask(nil, "claim", task.Number)
		ask([]string{"17:30 " + zone.String()}, "wait", task.Number, "--until", "17:30")
		now := time.Now().In(zone)
		until := time.Date(now.Year(), now.Month(), now.Day(), 17, 30, 0, 0, zone)
		if !until.After(now) {
			until = time.Date(now.Year(), now.Month(), now.Day()+1, 17, 30, 0, 0, zone)
		}
		if got := d.tasks(team)[0].Until; !got.Equal(until) {
			t.Errorf("17:30 for %s is %v, want %v", team, got, until)
		}
		ask([]string{"17:30 " + zone.String()}, "list", "--team", team)
		ask([]string{"(" + zone.String() + ")"}, "kpi", "--team", team)
		ask([]string{zone.String()}, "kpi", "tasks", "messages", "--team", team)
	}
	ask([]string{"(America/New_York)"}, "kpi")
	ask([]string{"America/New_York"}, "status")
	if page := d.get(d.page(a)); !strings.Contains(page, "Europe/Amsterdam") || strings.Contains(page, "Local") {
		t.Errorf("the customer's page does not say whose times it has:\n%s", page)
	}
	out, _ := d.loket("", "kpi", "--format", "json")
	var f api.Figures
	if err := json.Unmarshal([]byte(out), &f); err != nil || f.Zone != "America/New_York" {
		t.Errorf("kpi is of zone %q, %v", f.Zone, err)
	}
}

func location(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
