package calendar_test

import (
	"fmt"
	"testing"
	"time"

	"loket/router/calendar"
)

const wall = "2006-01-02 15:04"

// offices are the calendars of the vectors.
func offices() map[string]calendar.Config {
	workdays := map[string]string{"mon-fri": "09:00-17:00"}
	always := map[string]string{"mon-sun": "24h"}
	in := func(zone string, week map[string]string) calendar.Config {
		return calendar.Config{Zone: zone, Week: week}
	}
	with := func(c calendar.Config, holidays ...string) calendar.Config { c.Holidays = holidays; return c }
	own := in("Europe/Amsterdam", workdays)
	own.Holidays = []string{"nl", "2026-08-03..2026-08-07", "10-02"}
	own.Dates = map[string]string{"2026-12-05": "09:00-15:00", "2026-12-25": "10:00-12:00", "12-24": "09:00-13:00", "12-29..01-02": "closed"}
	return map[string]calendar.Config{
		"office":   with(in("Europe/Amsterdam", map[string]string{"mon-fri": "09:00-17:30", "sat": "10:00-14:00"}), "nl"),
		"pause":    in("Europe/Amsterdam", map[string]string{"mon-fri": "09:00-12:30, 13:30-17:00"}),
		"always":   in("Europe/Amsterdam", always),
		"feast":    with(in("Europe/Amsterdam", always), "nl"),
		"small":    in("Europe/Amsterdam", map[string]string{"mon-sun": "01:00-04:00"}),
		"gap":      in("Europe/Amsterdam", map[string]string{"mon-sun": "02:00-03:00"}),
		"half":     in("Europe/Amsterdam", map[string]string{"mon-sun": "01:00-02:30"}),
		"evening":  in("Europe/Amsterdam", map[string]string{"mon": "18:00-24:00", "tue": "00:00-02:00, 18:00-24:00"}),
		"own":      own,
		"delhi":    with(in("Asia/Kolkata", map[string]string{"mon-sat": "09:30-18:30"}), "08-15"),
		"york":     with(in("America/New_York", workdays), "us"),
		"howe":     in("Australia/Lord_Howe", map[string]string{"mon-sun": "01:00-04:00"}),
		"samoa":    in("Pacific/Apia", always),
		"cairo":    in("Africa/Cairo", map[string]string{"mon-sun": "00:00-02:00"}),
		"berlin":   with(in("Europe/Berlin", workdays), "de-by"),
		"brussels": with(in("Europe/Brussels", workdays), "be"),
		"paris":    with(in("Europe/Paris", workdays), "fr"),
		"london":   with(in("Europe/London", workdays), "gb"),
		"glasgow":  with(in("Europe/London", workdays), "gb-sct"),
		"never":    in("Europe/Amsterdam", map[string]string{"mon": "closed"}),
	}
}

// TestVectors holds instants on the wall clock of each office, worked out by hand with a paper calendar.
func TestVectors(t *testing.T) {
	made := map[string]*calendar.Calendar{}
	for _, row := range []struct {
		office, from, working, until string
	}{
		// One office week. 2026-11-20 is a Friday.
		{"office", "2026-11-20 09:00", "4h", "2026-11-20 13:00"},
		{"office", "2026-11-20 08:00", "4h", "2026-11-20 13:00"},
		{"office", "2026-11-20 15:30", "4h", "2026-11-21 12:00"},
		{"office", "2026-11-20 17:30", "4h", "2026-11-21 14:00"},
		{"office", "2026-11-20 17:30", "4h0m1s", "2026-11-23 09:00+1s"},
		{"office", "2026-11-20 09:00", "8h30m", "2026-11-20 17:30"},
		{"office", "2026-11-21 14:00", "1m", "2026-11-23 09:01"},
		{"office", "2026-11-22 12:00", "8h30m", "2026-11-23 17:30"},
		{"office", "2026-11-16 09:00", "46h30m", "2026-11-21 14:00"},
		{"office", "2026-11-16 09:00", "93h", "2026-11-28 14:00"},
		{"office", "2026-11-20 10:00", "0s", "2026-11-20 10:00"},
		{"office", "2026-11-22 10:00", "0s", "2026-11-22 10:00"},
		{"office", "2026-11-20 17:29+59s", "2s", "2026-11-21 10:00+1s"},
		{"office", "2026-11-20 17:29+59.9995s", "1ms", "2026-11-21 10:00+0.0005s"},
		{"office", "2026-11-20 17:29+59s", "1s", "2026-11-20 17:30"},
		// A pause.
		{"pause", "2026-11-20 12:00", "1h", "2026-11-20 14:00"},
		{"pause", "2026-11-20 12:30", "1h", "2026-11-20 14:30"},
		{"pause", "2026-11-20 13:00", "3h30m", "2026-11-20 17:00"},
		{"pause", "2026-11-20 12:00", "30m", "2026-11-20 12:30"},
		{"pause", "2026-11-20 16:30", "1h", "2026-11-23 09:30"},
		// Dutch holidays: Christmas 2026 on Friday and Saturday; Good Friday is worked; King's Day 2025 was kept on
		// Saturday the 26th since the 27th was a Sunday; Liberation Day in 2025 and 2030, not in 2026; Easter Monday 2026 on
		// 6 April, Ascension on 14 May, Whit Monday on 25 May.
		{"office", "2026-12-24 16:30", "2h", "2026-12-28 10:00"},
		{"office", "2026-12-31 16:30", "2h", "2027-01-02 11:00"},
		{"office", "2026-04-03 09:00", "1h", "2026-04-03 10:00"},
		{"office", "2026-04-04 13:00", "2h", "2026-04-07 10:00"},
		{"office", "2025-04-25 17:00", "1h", "2025-04-28 09:30"},
		{"office", "2026-04-25 13:00", "2h", "2026-04-28 10:00"},
		{"office", "2025-05-05 10:00", "1h", "2025-05-06 10:00"},
		{"office", "2026-05-05 10:00", "1h", "2026-05-05 11:00"},
		{"office", "2026-05-13 17:00", "1h", "2026-05-15 09:30"},
		{"office", "2026-05-25 10:00", "1h", "2026-05-26 10:00"},
		{"feast", "2025-04-25 23:00", "2h", "2025-04-27 01:00"},
		// Daylight saving in Amsterdam: 02:00 to 03:00 is missing on 2026-03-29 and comes twice on 2026-10-25.
		{"always", "2026-03-28 12:00", "24h", "2026-03-29 13:00"},
		{"always", "2026-10-24 12:00", "24h", "2026-10-25 11:00"},
		{"small", "2026-03-29 00:00", "2h", "2026-03-29 04:00"},
		{"small", "2026-03-29 00:00", "2h30m", "2026-03-30 01:30"},
		{"small", "2026-10-25 00:00", "4h", "2026-10-25 04:00"},
		{"small", "2026-10-25 00:00", "3h30m", "2026-10-25 03:30"},
		{"gap", "2026-03-28 02:00", "90m", "2026-03-30 02:30"},
		{"gap", "2026-10-25 00:00", "2h", "2026-10-25 03:00"},
		{"gap", "2026-10-25 00:00", "2h30m", "2026-10-26 02:30"},
		{"half", "2026-10-25 00:00", "2h15m", "2026-10-26 01:15"},
		{"half", "2026-03-29 00:00", "90m", "2026-03-30 01:30"},
		{"office", "2026-03-28 13:00", "2h", "2026-03-30 10:00"},
		{"office", "2026-10-24 13:00", "2h", "2026-10-26 10:00"},
		// To midnight and past it: Monday evening and Tuesday night are one span. 2026-11-23 is a Monday.
		{"evening", "2026-11-23 23:00", "1h", "2026-11-24 00:00"},
		{"evening", "2026-11-23 23:00", "3h", "2026-11-24 02:00"},
		{"evening", "2026-11-23 23:00", "3h1m", "2026-11-24 18:01"},
		{"evening", "2026-11-24 23:30", "1h", "2026-11-30 18:30"},
		// Days with hours of their own, which come before holidays. 2026-12-05 is a Saturday.
		{"own", "2026-12-04 16:00", "2h", "2026-12-05 10:00"},
		{"own", "2026-12-05 14:00", "2h", "2026-12-07 10:00"},
		{"own", "2026-12-24 12:00", "2h", "2026-12-25 11:00"},
		{"own", "2026-12-25 11:00", "2h", "2026-12-28 10:00"},
		{"own", "2026-12-28 16:00", "2h", "2027-01-04 10:00"},
		{"own", "2026-07-31 16:00", "2h", "2026-08-10 10:00"},
		{"own", "2026-10-01 16:30", "1h", "2026-10-05 09:30"},
		{"own", "2027-12-23 16:00", "2h", "2027-12-24 10:00"},
		// Leap days: 2028 has one, 2027 none. 2028-02-28 is a Monday.
		{"pause", "2028-02-28 16:00", "2h", "2028-02-29 10:00"},
		{"pause", "2027-02-26 16:00", "2h", "2027-03-01 10:00"},
		{"always", "2028-02-28 12:00", "48h", "2028-03-01 12:00"},
		{"always", "2027-02-28 12:00", "48h", "2027-03-02 12:00"},
		{"always", "2000-02-28 00:00", "48h", "2000-03-01 00:00"},
		// Other zones and countries.
		{"delhi", "2026-08-14 18:00", "1h", "2026-08-17 10:00"},
		{"delhi", "2026-11-21 18:30", "9h", "2026-11-23 18:30"},
		{"york", "2026-11-25 16:00", "2h", "2026-11-27 10:00"},
		{"york", "2026-07-02 16:00", "2h", "2026-07-06 10:00"},
		{"york", "2026-03-06 16:00", "2h", "2026-03-09 10:00"},
		{"york", "2026-10-30 16:00", "2h", "2026-11-02 10:00"},
		{"howe", "2026-04-05 00:00", "3h30m", "2026-04-05 04:00"},
		{"howe", "2026-10-04 00:00", "2h30m", "2026-10-04 04:00"},
		{"howe", "2026-10-04 00:00", "3h", "2026-10-05 01:30"},
		{"samoa", "2011-12-29 12:00", "24h", "2011-12-31 12:00"},
		{"cairo", "2026-04-23 23:00", "2h", "2026-04-25 01:00"},
		{"berlin", "2026-01-05 16:00", "2h", "2026-01-07 10:00"},
		{"berlin", "2026-04-02 16:00", "2h", "2026-04-07 10:00"},
		{"brussels", "2026-07-20 16:00", "2h", "2026-07-22 10:00"},
		{"paris", "2026-07-13 16:00", "2h", "2026-07-15 10:00"},
		{"london", "2027-12-24 16:00", "2h", "2027-12-29 10:00"},
		{"london", "2022-06-01 16:00", "2h", "2022-06-06 10:00"},
		{"london", "2026-08-28 16:00", "2h", "2026-09-01 10:00"},
		{"glasgow", "2026-08-28 16:00", "2h", "2026-08-31 10:00"},
		{"glasgow", "2025-12-31 16:00", "2h", "2026-01-05 10:00"},
		{"glasgow", "2022-12-30 16:00", "2h", "2023-01-04 10:00"},
	} {
		if made[row.office] == nil {
			made[row.office] = open(t, offices()[row.office])
		}
		c := made[row.office]
		from, until := at(t, row.from, c.Zone()), at(t, row.until, c.Zone())
		d := duration(t, row.working)
		if got := c.Add(from, d); !got.Equal(until) {
			t.Errorf("%s: %s and %s = %s, want %s", row.office, row.from, row.working, got.In(c.Zone()), until)
		}
		if got := c.Between(from, until); got != d {
			t.Errorf("%s: from %s to %s = %s, want %s", row.office, row.from, row.until, got, d)
		}
		if got := c.Between(until, from); got != -d {
			t.Errorf("%s: backwards from %s to %s = %s, want %s", row.office, row.until, row.from, got, -d)
		}
	}
}

func TestAnOfficeIsOpenFromOpeningToClosing(t *testing.T) {
	for _, row := range []struct {
		office, at    string
		want          bool
		opens, closes string
	}{
		{"office", "2026-11-20 08:59+59s", false, "2026-11-20 09:00", "2026-11-20 17:30"},
		{"office", "2026-11-20 09:00", true, "2026-11-20 09:00", "2026-11-20 17:30"},
		{"office", "2026-11-20 17:29+59s", true, "2026-11-20 09:00", "2026-11-20 17:30"},
		{"office", "2026-11-20 17:30", false, "2026-11-21 10:00", "2026-11-21 14:00"},
		{"office", "2026-12-25 12:00", false, "2026-12-28 09:00", "2026-12-28 17:30"},
		{"pause", "2026-11-20 13:00", false, "2026-11-20 13:30", "2026-11-20 17:00"},
		{"evening", "2026-11-24 00:00", true, "2026-11-23 18:00", "2026-11-24 02:00"},
		{"gap", "2026-03-28 12:00", false, "2026-03-30 02:00", "2026-03-30 03:00"},
		{"half", "2026-10-25 01:00+105m", false, "2026-10-25 01:00+2h", "2026-10-25 01:00+150m"}, // 02:00 to 02:30 comes once more
	} {
		c := open(t, offices()[row.office])
		when := at(t, row.at, c.Zone())
		if got := c.Open(when); got != row.want {
			t.Errorf("%s: open at %s = %v, want %v", row.office, row.at, got, row.want)
		}
		opens, closes := c.Next(when)
		if !opens.Equal(at(t, row.opens, c.Zone())) || !closes.Equal(at(t, row.closes, c.Zone())) {
			t.Errorf("%s: next at %s = %s to %s, want %s to %s", row.office, row.at, opens, closes, row.opens, row.closes)
		}
	}
}

func TestWhatIsNeverOpenEndsNever(t *testing.T) {
	c := open(t, offices()["never"])
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	opens, closes := c.Next(now)
	if !c.Empty() || c.Open(now) || !opens.Equal(calendar.Never()) || !closes.Equal(calendar.Never()) {
		t.Errorf("Next = %s to %s, want never", opens, closes)
	}
	if got := c.Add(now, time.Nanosecond); !got.Equal(calendar.Never()) {
		t.Errorf("Add = %s, want never", got)
	}
	if got := c.Between(now, now.AddDate(10, 0, 0)); got != 0 {
		t.Errorf("Between = %s, want 0", got)
	}
	always := open(t, offices()["always"])
	if got := always.Add(now, 1<<63-1); !got.Equal(calendar.Never()) {
		t.Errorf("Add(the longest duration) = %s, want never", got)
	}
	for _, far := range []time.Time{{}, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-5000, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if always.Open(far) || always.Between(far, far) != 0 {
			t.Errorf("open at %s", far)
		}
	}
}

func TestHolidaysByChoice(t *testing.T) {
	week := map[string]string{"mon-sun": "24h"}
	for _, row := range []struct {
		holidays []string
		date     string
		closed   bool
		name     string
	}{
		{[]string{"nl"}, "2026-05-05", false, ""},
		{[]string{"nl"}, "2030-05-05", true, "Bevrijdingsdag"},
		{[]string{"nl-5may"}, "2026-05-05", true, "Bevrijdingsdag"},
		{[]string{"nl-5may"}, "2026-04-03", false, ""},
		{[]string{"nl-official"}, "2026-04-03", true, "Goede Vrijdag"},
		{[]string{"nl-official", "not goede vrijdag"}, "2026-04-03", false, ""},
		{[]string{"nl", "be"}, "2026-07-21", true, "Nationale Feestdag"},
		{[]string{"de"}, "2026-01-06", false, ""},
		{[]string{"de-by"}, "2026-01-06", true, "Heilige Drei Könige"},
		{[]string{"gb"}, "2028-01-01", true, "New Year's Day"}, // a Saturday,
		{[]string{"gb"}, "2028-01-03", true, "New Year's Day"}, // kept on Monday too
		{[]string{"us"}, "2021-12-31", true, "New Year's Day"}, // kept in the year before
		{[]string{"gb-nir"}, "2026-07-13", true, "Battle of the Boyne"},
		{[]string{"fr", "2026-07-15"}, "2026-07-15", true, ""},
		{[]string{"02-29"}, "2028-02-29", true, ""},
		{[]string{"02-29"}, "2027-03-01", false, ""},
		{[]string{"12-30..01-02"}, "2027-01-01", true, ""},
		{[]string{"12-30..01-02"}, "1970-01-01", true, ""},
	} {
		c := open(t, calendar.Config{Zone: "UTC", Week: week, Holidays: row.holidays})
		day := c.Day(at(t, row.date+" 12:00", time.UTC))
		if closed := len(day.Hours) == 0; closed != row.closed || day.Name != row.name {
			t.Errorf("%v: %s closed %v %q, want %v %q", row.holidays, row.date, closed, day.Name, row.closed, row.name)
		}
	}
}

func TestDayShowsWhatPeopleSee(t *testing.T) {
	for _, row := range []struct{ office, date, want string }{
		{"office", "2026-11-20", "09:00-17:30 8h30m0s"},
		{"pause", "2026-11-20", "09:00-12:30 13:30-17:00 7h0m0s"},
		{"office", "2026-12-25", "0s Eerste Kerstdag differs"},
		{"own", "2026-12-25", "10:00-12:00 2h0m0s differs"},
		{"evening", "2026-11-24", "00:00-02:00 18:00-00:00 8h0m0s"},
		{"always", "2026-10-25", "00:00-00:00 25h0m0s"},
		{"small", "2026-03-29", "01:00-04:00 2h0m0s"},
		{"cairo", "2026-04-24", "01:00-02:00 1h0m0s"},
	} {
		c := open(t, offices()[row.office])
		d := c.Day(at(t, row.date+" 13:00", c.Zone()))
		got := ""
		for _, s := range d.Hours {
			got += s.Opens.In(c.Zone()).Format("15:04-") + s.Closes.In(c.Zone()).Format("15:04 ")
		}
		got += d.Working.String()
		if d.Name != "" {
			got += " " + d.Name
		}
		if d.Differs {
			got += " differs"
		}
		if got != row.want {
			t.Errorf("%s: %s = %q, want %q", row.office, row.date, got, row.want)
		}
		if next, want := c.Following(d).Date, at(t, row.date+" 12:00", c.Zone()).AddDate(0, 0, 1); next.YearDay() != want.YearDay() {
			t.Errorf("%s: the day after %s is %s", row.office, row.date, next)
		}
	}
}

func open(t testing.TB, cfg calendar.Config) *calendar.Calendar {
	t.Helper()
	c, err := calendar.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// at reads an instant on a wall clock, with + and a duration after it.
func at(t testing.TB, s string, zone *time.Location) time.Time {
	t.Helper()
	var plus time.Duration
	if len(s) > len(wall) {
		plus = duration(t, s[len(wall)+1:])
		s = s[:len(wall)]
	}
	when, err := time.ParseInLocation(wall, s, zone)
	if err != nil {
		t.Fatal(err)
	}
	return when.Add(plus)
}

func duration(t testing.TB, s string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(fmt.Errorf("%q: %w", s, err))
	}
	return d
}
