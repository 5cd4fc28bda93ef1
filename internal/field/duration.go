package field

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads a Go duration that may begin with days of 24 hours: 30m, 1h30m, 7d, 1d12h.
// Its error does not repeat s.
func ParseDuration(s string) (time.Duration, error) {
	rest, negative := strings.CutPrefix(s, "-")
	days, after, ok := strings.Cut(rest, "d")
	if !ok {
		d, err := time.ParseDuration(s)
		if err != nil {
			return 0, errDuration
		}
		return d, nil
	}
	n, err := strconv.ParseUint(days, 10, 32)
	if err != nil || n > math.MaxInt64/uint64(2*day) {
		return 0, errDuration
	}
	d := time.Duration(n) * day
	if after != "" {
		part, err := time.ParseDuration(after)
		if err != nil || part < 0 || part > day*365 {
			return 0, errDuration
		}
		d += part
	}
	if negative {
		d = -d
	}
	return d, nil
}

// FormatDuration writes d the way people write it in the configuration: 2m, 1h30m, 7d. ParseDuration reads it.
func FormatDuration(d time.Duration) string {
	if d != 0 && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Within is an Error at path when d is not between least and most.
func Within(path string, d, least, most time.Duration) error {
	switch {
	case d < least:
		return Errorf(path, "must be at least %s, not %s", FormatDuration(least), FormatDuration(d))
	case d > most:
		return Errorf(path, "must be at most %s, not %s", FormatDuration(most), FormatDuration(d))
	}
	return nil
}

const day = 24 * time.Hour

var errDuration = errors.New("must be a duration such as 30s, 15m, 4h or 7d")
