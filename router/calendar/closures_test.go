package calendar_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"loket/router/calendar"
)

// office closes with what programs write.
const office = "\ufeffBEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Calendar//EN\r\n" +
	"BEGIN:VTIMEZONE\r\nTZID:W. Europe Standard Time\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n" +
	"BEGIN:VEVENT\r\nSUMMARY:Teamdag\\, met\r\n  z'n allen\r\nDTSTART;VALUE=DATE:20261111\r\nDTEND;VALUE=DATE:20261113\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nSUMMARY:Verjaardag van de zaak\r\nRRULE:FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=1;UNTIL=20280101\r\nDTSTART;VALUE=DATE:20250901\r\nEXDATE;VALUE=DATE:20270901\r\n" +
	"BEGIN:VALARM\r\nTRIGGER:-PT15M\r\nDTSTART:nonsense\r\nEND:VALARM\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nDTSTART;TZID=Europe/Amsterdam:20261120T140000\r\nDTEND;TZID=Europe/Amsterdam:20261120T153000\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nDTSTART:20261117T080000Z\r\nDURATION:PT1H30M\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nDTSTART;TZID=\"W. Europe Standard Time\":20261118T160000\r\nDTEND;TZID=W. Europe Standard Time:20261119T100000\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nSTATUS:CANCELLED\r\nDTSTART;VALUE=DATE:20261116\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20240229\r\nRRULE:FREQ=YEARLY;COUNT=2\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nDTSTART:20261002T120000\r\nDTEND:20261002T170000\r\nRRULE:FREQ=YEARLY;INTERVAL=2\r\nEND:VEVENT\r\n" +
	"END:VCALENDAR\r\n"

func TestClosuresOfAFile(t *testing.T) {
	c := open(t, closing(t, office))
	for _, row := range []struct {
		date    string
		working time.Duration
		name    string
	}{
		{"2026-11-10", 8 * time.Hour, ""},
		{"2026-11-11", 0, "Teamdag, met z'n allen"},
		{"2026-11-12", 0, "Teamdag, met z'n allen"},
		{"2026-11-13", 8 * time.Hour, ""},
		{"2025-09-01", 0, "Verjaardag van de zaak"},
		{"2026-09-01", 0, "Verjaardag van de zaak"},
		{"2027-09-01", 8 * time.Hour, ""},
		{"2028-09-01", 8 * time.Hour, ""},
		{"2026-11-20", 390 * time.Minute, ""},
		{"2026-11-17", 390 * time.Minute, ""}, // 08:00 in UTC is 09:00 there
		{"2026-11-18", 7 * time.Hour, ""},
		{"2026-11-19", 7 * time.Hour, ""},
		{"2026-11-16", 8 * time.Hour, ""},
		{"2024-02-29", 0, ""},
		{"2028-02-29", 0, ""},
		{"2032-03-01", 8 * time.Hour, ""},
		{"2026-10-02", 3 * time.Hour, ""},
		{"2028-10-02", 3 * time.Hour, ""},
		{"2029-10-02", 8 * time.Hour, ""},
	} {
		day := c.Day(at(t, row.date+" 12:00", c.Zone()))
		if day.Working != row.working || day.Name != row.name {
			t.Errorf("%s: %s of work, %q; want %s, %q", row.date, day.Working, day.Name, row.working, row.name)
		}
	}
}

func TestClosuresThatCannotBeReadAreNamed(t *testing.T) {
	event := func(lines string) string {
		return "BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + lines + "\nEND:VEVENT\nEND:VCALENDAR\n"
	}
	for _, row := range []struct{ text, want string }{
		{"", "is no iCalendar file"},
		{"<html>", "is no iCalendar file"},
		{event("SUMMARY:x"), "line 2: an event without DTSTART"},
		{event("DTSTART;VALUE=DATE:20260230"), `line 3: no date or time is written "20260230"`},
		{event("DTSTART:20260101T0000"), `line 3: no date or time is written "20260101T0000"`},
		{event("DTSTART:20260101T000000\nDTEND:20250101T000000"), "line 2: an event that ends before it begins"},
		{event("DTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:30260101"), "line 2: an event longer than 366 days"},
		{event("DTSTART:20260101T000000\nDURATION:P99999D"), "line 4: an event longer than 366 days"},
		{event("DTSTART:20260101T000000\nDURATION:soon"), `line 4: no duration is written "soon"`},
		{event("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=WEEKLY"), `line 4: only FREQ=YEARLY on the event's own day is understood, not "FREQ=WEEKLY"`},
		{event("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY;BYDAY=1MO"), `not "BYDAY=1MO"`},
		{event("DTSTART;VALUE=DATE:20260101\nRDATE:20260105"), "line 4: RDATE is not understood"},
		{"BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "ends before END:VEVENT"},
		{"BEGIN:VCALENDAR\nEND:VEVENT\n", "line 2: END:VEVENT without its BEGIN"},
		{"BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:VEVENT\n", 20), "one inside the other"},
		{"BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:VEVENT\nDTSTART;VALUE=DATE:19700101\nRRULE:FREQ=YEARLY\nEND:VEVENT\n", 2000) + "END:VCALENDAR", "more than 100000 closed times"},
		{"BEGIN:VCALENDAR\n" + strings.Repeat("X-LONG:"+strings.Repeat("x", 1000)+"\n", 1100), "larger than 1048576 bytes"},
	} {
		err := closing(t, row.text).Validate()
		if err == nil || !strings.HasPrefix(err.Error(), "closures: read closures: ") || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%.80q: %v, want %q", row.text, err, row.want)
		}
	}
	c := closing(t, "")
	c.Closures += ".gone"
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a file that is not there: %v", err)
	}
}

// FuzzClosures looks for a file that makes reading panic, hang, or give a calendar that contradicts itself.
func FuzzClosures(f *testing.F) {
	f.Add(office)
	f.Add("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:00010101T000000\nDTEND:00020101T000000\nRRULE:FREQ=YEARLY;INTERVAL=999\nEND:VEVENT\nEND:VCALENDAR\n")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(dir, "f.ics")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := calendar.New(calendar.Config{Zone: "Europe/Amsterdam", Week: map[string]string{"mon-fri": "09:00-17:00"}, Closures: path})
		if err != nil {
			return
		}
		from := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
		if until := c.Add(from, time.Hour); !until.Equal(calendar.Never()) && c.Between(from, until) != time.Hour {
			t.Errorf("Add = %s", until)
		}
	})
}

// closing is an office that a file closes at times.
func closing(t *testing.T, text string) calendar.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "office.ics")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return calendar.Config{Zone: "Europe/Amsterdam", Week: map[string]string{"mon-fri": "09:00-17:00", "sun": "09:00-17:00"}, Closures: path}
}
