package cli

import (
	"slices"
	"testing"
	"time"
)

func TestSpanHasTwoUnits(t *testing.T) {
	for in, want := range map[time.Duration]string{
		0: "0s", -time.Second: "0s", 45 * time.Second: "45s", 12*time.Minute + 50*time.Second: "12m", 3 * time.Hour: "3h",
		3*time.Hour + 12*time.Minute: "3h12m", 76 * time.Hour: "3d4h", 72 * time.Hour: "3d", 24*time.Hour + time.Minute: "1d",
	} {
		if got := span(in); got != want {
			t.Errorf("span(%v) = %q, want %q", in, got, want)
		}
	}
}

func TestDueSaysHowLate(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	p := &page{now: now}
	for in, want := range map[time.Duration]styled{
		3*time.Hour + 12*time.Minute: {plain, "due in 3h12m"}, 5 * time.Minute: {yellow, "due in 5m"}, -5 * time.Minute: {red, "LATE by 5m"},
	} {
		if got := p.due(now.Add(in)); got != want {
			t.Errorf("due in %v = %v, want %v", in, got, want)
		}
	}
	if got := p.due(time.Time{}); got.text != "" {
		t.Errorf("due never = %v, want nothing", got)
	}
}

func TestClockNamesTheDayWhenItIsAnother(t *testing.T) {
	p := &page{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), zone: time.FixedZone("", 3600)}
	for in, want := range map[string]string{
		"2026-11-22T08:05:00Z": "09:05", "2026-11-22T23:30:00Z": "23 Nov 00:30", "2027-01-02T08:00:00Z": "2027-01-02 09:00",
	} {
		at, err := time.Parse(time.RFC3339, in)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.clock(at); got != want {
			t.Errorf("clock(%s) = %q, want %q", in, got, want)
		}
	}
}

func TestTheZoneOfTimesIsSaidOnceAndWhenItChanges(t *testing.T) {
	p := &page{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), zone: time.UTC}
	at := p.now
	var got []string
	for _, zone := range []string{"Europe/Amsterdam", "Europe/Amsterdam", "Asia/Tokyo", "nowhere", "Local", "Europe/Amsterdam"} {
		p.in(zone)
		got = append(got, p.clock(at))
	}
	want := []string{"13:00 Europe/Amsterdam", "13:00", "21:00 Asia/Tokyo", "21:00", "21:00", "13:00 Europe/Amsterdam"}
	if !slices.Equal(got, want) {
		t.Errorf("times are %q, want %q", got, want)
	}
}

func TestMomentIsReadInTheReadersZone(t *testing.T) {
	zone := time.FixedZone("", 3600)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, zone)
	for in, want := range map[string]string{
		"17:30": "2026-11-22T17:30:00+01:00", "09:00": "2026-11-23T09:00:00+01:00", "2026-12-01": "2026-12-01T00:00:00+01:00",
		"2026-12-01 08:15": "2026-12-01T08:15:00+01:00", "2h": "2h", "3d": "3d", "2026-12-01T08:15:00Z": "2026-12-01T08:15:00Z",
		"": "", "whenever": "whenever",
	} {
		if got := moment(in, now, zone); got != want {
			t.Errorf("moment(%q) = %q, want %q", in, got, want)
		}
	}
}
