package format

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
		if got := Span(in); got != want {
			t.Errorf("span(%v) = %q, want %q", in, got, want)
		}
	}
}

func TestDueSaysHowLate(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	p := &Page{Now: now}
	for in, want := range map[time.Duration]Styled{
		3*time.Hour + 12*time.Minute: {Plain, "due in 3h12m"}, 5 * time.Minute: {Yellow, "due in 5m"}, -5 * time.Minute: {Red, "LATE by 5m"},
	} {
		if got := p.Due(now.Add(in)); got != want {
			t.Errorf("due in %v = %v, want %v", in, got, want)
		}
	}
	if got := p.Due(time.Time{}); got.Text != "" {
		t.Errorf("due never = %v, want nothing", got)
	}
}

func TestClockNamesTheDayWhenItIsAnother(t *testing.T) {
	p := &Page{Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), Zone: time.FixedZone("", 3600)}
	for in, want := range map[string]string{
		"2026-11-22T08:05:00Z": "09:05", "2026-11-22T23:30:00Z": "23 Nov 00:30", "2027-01-02T08:00:00Z": "2027-01-02 09:00",
	} {
		at, err := time.Parse(time.RFC3339, in)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Clock(at); got != want {
			t.Errorf("clock(%s) = %q, want %q", in, got, want)
		}
	}
}

func TestTheZoneOfTimesIsSaidOnceAndWhenItChanges(t *testing.T) {
	p := &Page{Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), Zone: time.UTC}
	at := p.Now
	var got []string
	for _, zone := range []string{"Europe/Amsterdam", "Europe/Amsterdam", "Asia/Tokyo", "nowhere", "Local", "Europe/Amsterdam"} {
		p.In(zone)
		got = append(got, p.Clock(at))
	}
	want := []string{"13:00 Europe/Amsterdam", "13:00", "21:00 Asia/Tokyo", "21:00", "21:00", "13:00 Europe/Amsterdam"}
	if !slices.Equal(got, want) {
		t.Errorf("times are %q, want %q", got, want)
	}
}
