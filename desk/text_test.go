package desk

import (
	"encoding/json"
	"testing"
	"time"
)

func TestTimeHasExactlyMilliseconds(t *testing.T) {
	zone := time.FixedZone("", 3600)
	for want, in := range map[string]time.Time{
		`"2026-11-22T09:30:00.000Z"`: time.Date(2026, 11, 22, 10, 30, 0, 0, zone),
		`"2026-11-22T09:30:00.123Z"`: time.Date(2026, 11, 22, 9, 30, 0, 123_456_789, time.UTC),
		`null`:                       {},
	} {
		got, err := json.Marshal(Time{in})
		if err != nil || string(got) != want {
			t.Errorf("%v is written %s, %v; want %s", in, got, err, want)
		}
	}
}

func TestEventIDsSortByTheirNumbers(t *testing.T) {
	ordered := []string{"", "0-1", "9-0", "10-2", "10-10", "1700000000000-0"}
	for i := range ordered[1:] {
		if compareEventIDs(ordered[i], ordered[i+1]) >= 0 {
			t.Errorf("%q does not come before %q", ordered[i], ordered[i+1])
		}
	}
}
