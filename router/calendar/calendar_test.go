package calendar_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/router/calendar"
)

func TestValidateTakesWhatPeopleWrite(t *testing.T) {
	for _, week := range []map[string]string{
		{"mon-fri": "09:00-17:30", "sat": "10:00-14:00"},
		{"mon,wed-thu": "09:00-12:30, 13:00-17:00", "sun": "00:00-24:00"},
	} {
		c := calendar.Config{Zone: "Europe/Amsterdam", Week: week, Holidays: []string{"nl", "2026-12-24"}}
		if err := c.Validate(); err != nil {
			t.Errorf("Validate(%v) = %v", week, err)
		}
	}
}

func TestValidateNamesEveryMistake(t *testing.T) {
	c := calendar.Config{
		Zone: "Europe/Amsterdm",
		Week: map[string]string{
			"fri": "09:00-17:30", "mon-fri": "9-17", "sat-mon": "10:00-14:00", "sun": "12:00-11:00",
			"sat": "10:00-12:00,11:00-13:00", "zon": "10:00-24:30",
		},
		Holidays: []string{"nl", "NL", "2026-02-30"},
	}
	want := []string{
		`zone: no time zone is called "Europe/Amsterdm": must be one such as Europe/Amsterdam`,
		`week.mon-fri: fri has hours in "fri" already`,
		`week.mon-fri: must be hours such as 09:00-17:30, not "9-17"`,
		`week.sat: must come in order and not overlap, as "11:00-13:00" does`,
		`week.sat-mon: days are mon, tue, wed, thu, fri, sat and sun, or a range such as mon-fri, not "sat-mon"`,
		`week.sun: must end after it begins, not "12:00-11:00"`,
		`week.zon: days are mon, tue, wed, thu, fri, sat and sun, or a range such as mon-fri, not "zon"`,
		`week.zon: a day ends at 24:00, not 24:30`,
		`holidays[1]: must be a day such as 2026-12-24 or the two small letters of a country, not "NL"`,
		`holidays[2]: must be a day such as 2026-12-24 or the two small letters of a country, not "2026-02-30"`,
	}
	if diff := cmp.Diff(strings.Split(c.Validate().Error(), "\n"), want); diff != "" {
		t.Errorf("mistakes (-got +want):\n%s", diff)
	}
	if got, want := (calendar.Config{}).Validate().Error(),
		"zone: must name a time zone, such as Europe/Amsterdam\nweek: must give the hours of at least one day"; got != want {
		t.Errorf("Validate = %q, want %q", got, want)
	}
}
