package cli

import (
	"encoding/json"
	"strings"
	"testing"
)

const offices = `
calendars:
  office:
    zone: Europe/Amsterdam
    week: {mon-fri: "09:00-12:30, 13:30-17:00", sun: "00:00-24:00"}
    dates: {12-24: 09:00-12:00}
    holidays: [nl]
  delhi: {zone: Asia/Kolkata, week: {mon-sat: 09:30-18:30}}
  shut: {zone: UTC, week: {mon: closed}}
teams: {support: {calendar: office, first_reply: 4h, resolution: 14h, languages: [nl, en]}}
fallback_team: support
`

func TestCalendarShowsTheComingDays(t *testing.T) {
	config := write(t, "config.yaml", offices)
	got := typed(t, "", nil, "calendar", "-c", config, "office", "--from", "2026-12-23 16:00", "--days", "6", "--add", "4h", "--until", "2026-12-28 10:00")
	want := `office  Europe/Amsterdam · at Wed 23 Dec 2026 16:00 open until Wed 23 Dec 2026 17:00
  Wed 23 Dec 2026  09:00-12:30, 13:30-17:00  7h
  Thu 24 Dec 2026  09:00-12:00               3h
  Fri 25 Dec 2026  closed                         Eerste Kerstdag
  Sat 26 Dec 2026  closed                         Tweede Kerstdag
  Sun 27 Dec 2026  00:00-24:00               24h
  Mon 28 Dec 2026  09:00-12:30, 13:30-17:00  7h
  41h of working time in 6 days
  4h of working time from Wed 23 Dec 2026 16:00: Thu 24 Dec 2026 12:00
  from Wed 23 Dec 2026 16:00 to Mon 28 Dec 2026 10:00: 29h of working time
`
	if got.code != exitDone || got.out != want || got.err != "" {
		t.Errorf("calendar = %d %s\n%s\nwant\n%s", got.code, got.err, got.out, want)
	}
	got = typed(t, "", nil, "calendar", "-c", config, "shut", "--days", "1", "--add", "1s", "--from", "2026-12-23")
	if got.code != exitDone || !strings.Contains(got.out, "never open again") || !strings.Contains(got.out, "1s of working time from Wed 23 Dec 2026 00:00: never\n") {
		t.Errorf("calendar that is never open = %+v", got)
	}
}

func TestCalendarAnswersPrograms(t *testing.T) {
	config := write(t, "config.yaml", offices)
	got := typed(t, "", nil, "calendar", "-c", config, "office", "--json", "--from", "2026-10-25T00:00:00+02:00", "--days", "1", "--add", "1d")
	var a struct {
		Name, Zone, From string
		Open             bool
		Next             struct{ Opens, Closes string }
		Days             []struct {
			Date, Weekday, Wall string
			Hours               []struct{ Opens, Closes string }
			Working             float64
		}
		Add struct {
			Working float64
			End     string
		}
	}
	if err := json.Unmarshal([]byte(got.out), &a); err != nil {
		t.Fatalf("%v in %s %s", err, got.out, got.err)
	}
	// The night in which clocks go back: a day of 25 hours.
	if a.From != "2026-10-24T22:00:00.000Z" || !a.Open || a.Next.Closes != "2026-10-25T23:00:00.000Z" || len(a.Days) != 1 ||
		a.Days[0].Working != 25*3600 || a.Days[0].Wall != "00:00-24:00" || a.Days[0].Weekday != "sun" || a.Add.End != "2026-10-25T22:00:00.000Z" ||
		a.Add.Working != 86400 || a.Zone != "Europe/Amsterdam" || a.Days[0].Hours[0].Opens != "2026-10-24T22:00:00.000Z" {
		t.Errorf("calendar --json = %s", got.out)
	}
	if got := typed(t, "", nil, "calendar", "-c", config, "shut", "--json", "--add", "1h"); !strings.Contains(got.out, `"end": null`) || strings.Contains(got.out, `"next"`) {
		t.Errorf("calendar that is never open = %+v", got)
	}
}

func TestCalendarTellsWhatIsWrong(t *testing.T) {
	config := write(t, "config.yaml", offices)
	for _, row := range []struct {
		args string
		want string
	}{
		{"", "which calendar: delhi, office, shut?"},
		{"ofice", `no calendar is called "ofice": there are delhi, office, shut (did you mean "office"?)`},
		{"office --from soon", "--from: must be a time such as"},
		{"office --from 1066-10-14", "--from: must be between 1970 and 2099"},
		{"office --until 3026-10-14", "--until: must be between 1970 and 2099"},
		{"office --add lots", "--add: must be a duration"},
		{"office --add -1h", "--add"},
		{"office --days 0", "--days: must be from 1 to 3660"},
	} {
		got := typed(t, "", nil, append([]string{"calendar", "-c", config}, strings.Fields(row.args)...)...)
		if got.code != exitUsage || !strings.Contains(got.err, row.want) || got.out != "" {
			t.Errorf("calendar %s = %+v, want %q", row.args, got, row.want)
		}
	}
	bad := write(t, "config.yaml", strings.Replace(offices, "mon-sat: 09:30-18:30", "mon-sat: 25:00-26:00", 1))
	got := typed(t, "", nil, "calendar", "-c", bad, "delhi")
	if got.code != exitNo || !strings.Contains(got.err, bad+":8:47: calendars.delhi.week.mon-sat: a day ends at 24:00") {
		t.Errorf("a configuration with a mistake = %+v", got)
	}
}

func TestRouteCountsWorkingTime(t *testing.T) {
	config := write(t, "config.yaml", offices)
	mail := write(t, "m.json", `{"channel":"web","text":"Where is my parcel? I have been waiting for two weeks"}`)
	got := typed(t, "", nil, "route", "-c", config, "--json", "--at", "2026-12-23T15:00:00Z", mail)
	for _, want := range []string{
		`"due":"2026-12-24T11:00:00.000Z"`, `"resolution":"14h0m0s"`, `"resolve_by":"2026-12-27T09:00:00.000Z"`, `"calendar":"office"`, `"language":"en"`,
	} {
		if !strings.Contains(got.out, want) {
			t.Errorf("route prints %s\nwithout %s", got.out, want)
		}
	}
	if got := typed(t, "", nil, "route", "-c", config, mail); !strings.Contains(got.out, "(4h of working time, calendar office)") {
		t.Errorf("route = %s", got.out)
	}
}
