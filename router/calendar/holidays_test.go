package calendar_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/router/calendar"
)

// TestPublicHolidaysOfAYear compares with what the governments announced.
func TestPublicHolidaysOfAYear(t *testing.T) {
	for _, row := range []struct {
		country string
		year    int
		want    string
	}{
		{"nl", 2026, "01-01 04-06 04-27 05-14 05-25 12-25 12-26"},
		{"nl", 2025, "01-01 04-21 04-26 05-05 05-29 06-09 12-25 12-26"},
		{"nl-5may", 2027, "01-01 03-29 04-27 05-05 05-06 05-17 12-25 12-26"},
		{"nl-official", 2026, "01-01 04-03 04-06 04-27 05-05 05-14 05-25 12-25 12-26"},
		{"be", 2026, "01-01 04-06 05-01 05-14 05-25 07-21 08-15 11-01 11-11 12-25"},
		{"de", 2026, "01-01 04-03 04-06 05-01 05-14 05-25 10-03 12-25 12-26"},
		// 15 August is a holiday in most of Bavaria's communities but not in all: whoever is in one of them adds 08-15.
		{"de-by", 2026, "01-01 01-06 04-03 04-06 05-01 05-14 05-25 06-04 10-03 11-01 12-25 12-26"},
		{"de-nw", 2026, "01-01 04-03 04-06 05-01 05-14 05-25 06-04 10-03 11-01 12-25 12-26"},
		{"fr", 2026, "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25"},
		{"gb", 2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-26 12-28"},
		{"gb", 2023, "01-01 01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26"},
		{"gb-sct", 2025, "01-01 01-02 04-18 05-05 05-26 08-04 11-30 12-01 12-25 12-26"},
		{"gb-sct", 2023, "01-01 01-02 01-03 04-07 05-01 05-08 05-29 08-07 11-30 12-25 12-26"},
		{"gb-nir", 2025, "01-01 03-17 04-18 04-21 05-05 05-26 07-12 07-14 08-25 12-25 12-26"},
		{"us", 2026, "01-01 01-19 02-16 05-25 06-19 07-03 07-04 09-07 10-12 11-11 11-26 12-25"},
	} {
		if diff := cmp.Diff(closedDays(t, row.country, row.year), row.want); diff != "" {
			t.Errorf("%s %d (-got +want):\n%s", row.country, row.year, diff)
		}
	}
}

func TestHolidaysOfOthersAreKnown(t *testing.T) {
	for country := range strings.FieldsSeq("ar at bg br ca cz dk es gr hr ie it jp lt lv no nz pl ro se si sk ua za au-nsw ch ch-zh de-th") {
		for _, year := range []int{1970, 2026, 2099} {
			if n := len(strings.Fields(closedDays(t, country, year))); n < 4 || n > 40 {
				t.Errorf("%s %d: %d holidays", country, year, n)
			}
		}
	}
}

func closedDays(t *testing.T, country string, year int) string {
	t.Helper()
	c := open(t, calendar.Config{Zone: "UTC", Week: map[string]string{"mon-sun": "24h"}, Holidays: []string{country}})
	var days []string
	for d := time.Date(year, 1, 1, 12, 0, 0, 0, time.UTC); d.Year() == year; d = d.AddDate(0, 0, 1) {
		if !c.Open(d) {
			days = append(days, d.Format("01-02"))
		}
	}
	return strings.Join(days, " ")
}
