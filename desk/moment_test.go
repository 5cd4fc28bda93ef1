package desk

import (
	"testing"
	"time"
)

func TestMomentsAreReadOnTheClockOfTheirZone(t *testing.T) {
	zone, err := time.LoadLocation("Africa/Cairo")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 4, 23, 12, 0, 0, 0, zone) // UTC+2, from the next midnight on UTC+3
	for _, tt := range []struct {
		text string
		past bool
		want string
	}{
		{"17:30", false, "2026-04-23T15:30:00Z"}, {"09:00", false, "2026-04-24T06:00:00Z"}, {"17:30", true, "2026-04-22T15:30:00Z"},
		{"09:00", true, "2026-04-23T07:00:00Z"}, {"2026-04-24", false, "2026-04-23T22:00:00Z"}, {"2026-04-24 08:15", false, "2026-04-24T05:15:00Z"},
		{"2026-04-24T08:15", false, "2026-04-24T05:15:00Z"}, {"2h", false, "2026-04-23T12:00:00Z"}, {"1d", true, "2026-04-22T10:00:00Z"},
		{"2026-04-24T08:15:00+02:00", false, "2026-04-24T06:15:00Z"}, {"", false, "0001-01-01T00:00:00Z"},
	} {
		got, err := Moment{Path: "until", Text: tt.text, Now: now, Zone: zone, Past: tt.past}.Read()
		if err != nil || got.Format(time.RFC3339) != tt.want {
			t.Errorf("%q (past: %v) is %s, %v; want %s", tt.text, tt.past, got.Format(time.RFC3339), err, tt.want)
		}
	}
	if _, err := (Moment{Path: "until", Text: "whenever", Now: now, Zone: zone}).Read(); err == nil {
		t.Error("whenever is a moment")
	}
}
