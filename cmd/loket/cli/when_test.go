package cli

import (
	"testing"
	"time"
)

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
