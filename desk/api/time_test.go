package api_test

import (
	"encoding/json"
	"testing"
	"time"

	"loket/desk/api"
)

func TestTimeHasExactlyMilliseconds(t *testing.T) {
	zone := time.FixedZone("", 3600)
	for want, in := range map[string]time.Time{
		`"2026-11-22T09:30:00.000Z"`: time.Date(2026, 11, 22, 10, 30, 0, 0, zone),
		`"2026-11-22T09:30:00.123Z"`: time.Date(2026, 11, 22, 9, 30, 0, 123_456_789, time.UTC),
		`null`:                       {},
	} {
		got, err := json.Marshal(api.Time{Time: in})
		if err != nil || string(got) != want {
			t.Errorf("%v is written %s, %v; want %s", in, got, err, want)
		}
	}
}
