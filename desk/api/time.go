package api

import (
	"time"
)

// A Time is an instant as programs see it: RFC 3339, UTC, exactly three digits of a second.
type Time struct{ time.Time }

const milliseconds = "2006-01-02T15:04:05.000Z"

// MarshalJSON writes the instant; null when it has not come.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return []byte(t.UTC().Format(`"` + milliseconds + `"`)), nil
}

// instant is one of the queue, 0 for one that has not come.
func instant(ms int64) Time {
	if ms == 0 {
		return Time{}
	}
	return Time{time.UnixMilli(ms).UTC()}
}
