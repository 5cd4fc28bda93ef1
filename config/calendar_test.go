package config_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/config"
)

func TestImpossibleCalendarsHaveTheirPlace(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "bad.ics"), "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:soon\nEND:VEVENT\nEND:VCALENDAR\n")
	_, err := config.Parse("f", []byte(`
calendars:
  office:
    zone: Europe/Amsterdm
    week: {mon: "09:00-12:00, 11:00-13:00", tue: 17:00-09:00, wed: 09:00-25:00, thr: 24h}
    dates:
      2026-02-30: closed
      2026-01-01..3026-01-01: closed
    holidays: [nl, nll, "de-bv", "not Kerst"]
  file: {zone: UTC, week: {mon: 24h}, closures: bad.ics}
  gone: {zone: UTC, week: {mon: 24h}, closures: gone.ics}
  shut: {zone: UTC, week: {mon-sun: closed}}
teams:
  support: {calendar: office, targets: {hgih: {first_reply: 1h}, low: {first_reply: 0s}}, first_reply: 8h, resolution: 4h}
  other: {calendar: shut}
rules:
  - {name: a, when: 'open("office") and hour("ofice") > 3', team: support}
fallback_team: support
connectors: [{name: phone, type: bare, calendar: offise}]
`), dir, types())
	got := strings.Split(fmt.Sprint(err), "\n")
	want := []string{
		`f:4:11: calendars.office.zone: no time zone is called "Europe/Amsterdm": must be one such as Europe/Amsterdam`,
		`f:5:17: calendars.office.week.mon: must come in order and not overlap, as "11:00-13:00" does`,
		`f:5:50: calendars.office.week.tue: must end after it begins, not "17:00-09:00"`,
		`f:5:68: calendars.office.week.wed: a day ends at 24:00, not 25:00`,
		`f:5:86: calendars.office.week.thr: days are mon, tue, wed, thu, fri, sat and sun, or a range such as mon-fri, not "thr"`,
		`f:7:19: calendars.office.dates.2026-02-30: there is no day "2026-02-30"`,
		`f:8:31: calendars.office.dates.2026-01-01..3026-01-01: must be between 1970 and 2099, not "3026-01-01"`,
		`f:9:20: calendars.office.holidays[1]: must be a day such as 2026-12-24, or a country whose holidays are known, such as nl, de-by or gb, not "nll" (did you mean "nl"?)`,
		`f:9:25: calendars.office.holidays[2]: holidays of "de-bv" are not known: of de, those of de-bb, de-be, de-bw, de-by, de-hb, de-he, de-hh, de-mv, de-ni, de-nw, de-rp, de-sh, de-sl, de-sn, de-st, de-th are`,
		`f:9:34: calendars.office.holidays[3]: no holiday before it is called "Kerst"`,
		`f:10:49: calendars.file.closures: read closures: ` + filepath.Join(dir, "bad.ics") + `: line 3: no date or time is written "soon"`,
		`f:11:49: calendars.gone.closures: read closures: open ` + filepath.Join(dir, "gone.ics") + `: no such file or directory`,
		`f:14:47: teams.support.targets.hgih: targets are for urgent, high, normal and low, not "hgih" (did you mean "high"?)`,
		`f:14:85: teams.support.targets.low.first_reply: must be more than 0: leave it out for the default`,
		`f:14:120: teams.support.resolution: must leave time for the answer: resolution is 4h, first_reply 8h`,
		`f:15:21: teams.other.calendar: calendar "shut" is never open: nothing would ever be due`,
		`f:17:46: rules[0].when: no calendar is called "ofice" at column 25 (did you mean "office"?)`,
		`f:19:50: connectors[0].calendar: no calendar is called "offise" (did you mean "office"?)`,
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("mistakes (-got +want):\n%s", diff)
	}
}
