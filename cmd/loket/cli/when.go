package cli

import "time"

// moment turns a time as people type it here, 17:30, a date, or both, into RFC 3339. Anything else is left for the
// daemon to read: it knows durations and instants.
func moment(s string, now time.Time, zone *time.Location) string {
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t.Format(time.RFC3339)
		}
	}
	if t, err := time.Parse("15:04", s); err == nil {
		now = now.In(zone)
		next := time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), 0, 0, zone)
		if !next.After(now) {
			next = next.AddDate(0, 0, 1)
		}
		return next.Format(time.RFC3339)
	}
	return s
}
