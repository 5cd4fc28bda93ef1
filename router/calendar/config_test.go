package calendar_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/internal/field"
	"loket/router/calendar"
)

func TestValidateTakesWhatPeopleWrite(t *testing.T) {
	for _, week := range []map[string]string{
		{"mon-fri": "09:00-17:30", "sat": "10:00-14:00"},
		{"mon,wed-thu": "09:00-12:30, 13:00-17:00", "sun": "00:00-24:00"},
		{"mon-fri": "24h", "sat, sun": "closed"},
	} {
		c := calendar.Config{
			Zone: "Europe/Amsterdam", Week: week, Holidays: []string{"nl", "2026-12-24", "12-31", "2026-07-01..2026-07-03", "not Koningsdag"},
			Dates: map[string]string{"2026-12-24..2027-01-02": "closed", "12-24": "24h", "02-29": "10:00-11:00", "12-24..01-02": "09:00-10:00"},
		}
		if err := c.Validate(); err != nil {
			t.Errorf("Validate(%v) = %v", week, err)
		}
	}
	if err := (calendar.Config{Zone: "UTC", Dates: map[string]string{"2026-12-05": "09:00-10:00"}}).Validate(); err != nil {
		t.Errorf("a calendar of dates alone: %v", err)
	}
}

func TestValidateNamesEveryMistake(t *testing.T) {
	c := calendar.Config{
		Zone: "Europe/Amsterdm",
		Week: map[string]string{
			"fri": "09:00-17:30", "mon-fri": "9-17", "sat-mon": "10:00-14:00", "sun": "12:00-11:00",
			"sat": "10:00-12:00,11:00-13:00", "zon": "10:00-24:30", "mon": "25:00-26:00", "tue": "18:00-00:00",
		},
		Dates: map[string]string{
			"2026-02-30": "24h", "2026-12-24..2026-12-20": "closed", "2026-01-01..3026-01-01": "closed", "2026-01-01..2027-06-01": "closed",
			"12-24..2026-12-26": "closed", "soon": "closed", "2026-05-01": "nine", "2026-08-01..2026-08-10": "closed", "2026-08-10..2026-08-12": "24h",
			"1066-10-14": "closed",
		},
		Holidays: []string{"nl", "NL", "2026-02-30", "xx", "de-bv", "au", "not Kerst", "not Eerste Kerstag"},
	}
	want := []string{
		`zone: no time zone is called "Europe/Amsterdm": must be one such as Europe/Amsterdam`,
		`week.mon: a day ends at 24:00, so nothing begins at 25:00`,
		`week.mon-fri: mon has hours in "mon" already`,
		`week.mon-fri: must be hours such as 09:00-17:30, 24h or closed, not "9-17"`,
		`week.sat: must come in order and not overlap, as "11:00-13:00" does`,
		`week.sat-mon: days are mon, tue, wed, thu, fri, sat and sun, or a range such as mon-fri, not "sat-mon"`,
		`week.sun: must end after it begins, not "12:00-11:00"`,
		`week.tue: must end after it begins: write 24:00 for the end of the day, not "18:00-00:00"`,
		`week.zon: days are mon, tue, wed, thu, fri, sat and sun, or a range such as mon-fri, not "zon"`,
		`week.zon: a day ends at 24:00, not 24:30`,
		`dates.1066-10-14: must be between 1970 and 2099, not "1066-10-14"`,
		`dates.12-24..2026-12-26: must give the year on both sides of .. or on neither, not "12-24..2026-12-26"`,
		`dates.2026-01-01..2027-06-01: must be at most 366 days, not 517`,
		`dates.2026-01-01..3026-01-01: must be between 1970 and 2099, not "3026-01-01"`,
		`dates.2026-02-30: there is no day "2026-02-30"`,
		`dates.2026-05-01: must be hours such as 09:00-17:30, 24h or closed, not "nine"`,
		`dates.2026-08-10..2026-08-12: 2026-08-10 has hours in "2026-08-01..2026-08-10" already`,
		`dates.2026-12-24..2026-12-20: must end after it begins, not "2026-12-24..2026-12-20"`,
		`dates.soon: must be a day such as 2026-12-24, or 12-24 for each year, not "soon"`,
		`holidays[1]: must be a day such as 2026-12-24, or a country whose holidays are known, such as nl, de-by or gb, not "NL" (did you mean "nl"?)`,
		`holidays[2]: there is no day "2026-02-30"`,
		`holidays[3]: must be a day such as 2026-12-24, or a country whose holidays are known, such as nl, de-by or gb, not "xx"`,
		`holidays[4]: holidays of "de-bv" are not known: of de, those of de-bb, de-be, de-bw, de-by, de-hb, de-he, de-hh, de-mv, de-ni, de-nw, de-rp, de-sh, de-sl, de-sn, de-st, de-th are`,
		`holidays[5]: holidays of "au" are not known: of au, those of au-act, au-nsw, au-nt, au-qld, au-sa, au-tas, au-vic, au-wa are`,
		`holidays[6]: no holiday before it is called "Kerst"`,
		`holidays[7]: no holiday before it is called "Eerste Kerstag" (did you mean "Eerste Kerstdag"?)`,
	}
	if diff := cmp.Diff(strings.Split(c.Validate().Error(), "\n"), want); diff != "" {
		t.Errorf("mistakes (-got +want):\n%s", diff)
	}
	if _, err := calendar.New(c); len(field.All(err)) != len(want) {
		t.Errorf("New = %v, want the same mistakes", err)
	}
	if got, want := (calendar.Config{}).Validate().Error(),
		"zone: must name a time zone, such as Europe/Amsterdam\nweek: must give the hours of at least one day"; got != want {
		t.Errorf("Validate = %q, want %q", got, want)
	}
}

func TestResolvePathsLeavesAbsoluteOnes(t *testing.T) {
	for path, want := range map[string]string{"": "", "office.ics": filepath.Join("/etc/loket", "office.ics"), "/srv/office.ics": "/srv/office.ics"} {
		c := calendar.Config{Closures: path}
		c.ResolvePaths("/etc/loket")
		if c.Closures != want {
			t.Errorf("ResolvePaths of %q = %q, want %q", path, c.Closures, want)
		}
	}
}
