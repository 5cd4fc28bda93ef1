package field_test

import (
	"testing"
	"time"

	"loket/internal/field"
)

func TestParseDurationKnowsDays(t *testing.T) {
	const day = 24 * time.Hour
	for in, want := range map[string]time.Duration{
		"30s": 30 * time.Second, "7d": 7 * day, "1d12h": 36 * time.Hour, "-2d": -2 * day, "1h30m": 90 * time.Minute, "0": 0,
	} {
		got, err := field.ParseDuration(in)
		if err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v, want %v", in, got, err, want)
		}
		if back, err := field.ParseDuration(field.FormatDuration(got)); err != nil || back != got {
			t.Errorf("ParseDuration(FormatDuration(%v)) = %v, %v", got, back, err)
		}
	}
	for _, in := range []string{"", "d", "7", "x", "1.5d", "7days", "1d-2h", "99999999999d", "1d1d", "4 h"} {
		if got, err := field.ParseDuration(in); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", in, got)
		}
	}
}

func TestFormatDurationIsShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 2 * time.Minute: "2m", 4 * time.Hour: "4h", 168 * time.Hour: "7d", 90 * time.Minute: "1h30m",
		10 * time.Millisecond: "10ms", time.Hour + time.Second: "1h0m1s", 30 * time.Second: "30s",
	} {
		if got := field.FormatDuration(d); got != want {
			t.Errorf("FormatDuration(%v) = %q, want %q", int64(d), got, want)
		}
	}
}

func TestDidYouMeanFindsNearOnes(t *testing.T) {
	known := []string{"webform", "email", "channel", "connectors", "support", "web"}
	for in, want := range map[string]string{
		"webfrom": ` (did you mean "webform"?)`, "chanel": ` (did you mean "channel"?)`,
		"connecters": ` (did you mean "connectors"?)`, "suport": ` (did you mean "support"?)`,
		"biling": "", "": "", "x": "", "wbe": ` (did you mean "web"?)`,
	} {
		if got := field.DidYouMean(in, known); got != want {
			t.Errorf("DidYouMean(%q) = %q, want %q", in, got, want)
		}
	}
}
