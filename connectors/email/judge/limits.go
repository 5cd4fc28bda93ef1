package judge

import "time"

// A Limit is how many automatic mails may go out within a time.
type Limit struct {
	Count  int
	Within time.Duration
}

// ThreadLimits are those for automatic mails of one thread to one address. Whoever keeps the history keeps it for
// the longest of them.
func ThreadLimits() []Limit {
	return []Limit{
		{10, 10 * time.Minute}, {15, 30 * time.Minute}, {25, time.Hour}, {50, 3 * time.Hour}, {100, 10 * time.Hour},
	}
}

// AddressLimits are those for all automatic mails to one address.
func AddressLimits() []Limit {
	return []Limit{
		{30, 10 * time.Minute}, {60, 30 * time.Minute}, {120, time.Hour}, {240, 3 * time.Hour}, {360, 10 * time.Hour},
	}
}

// Allowed tells whether one more mail may go out now, when the earlier ones went out at the instants of history, in any
// order. What lies ahead counts as well: clocks differ, and a loop must not profit from it.
func Allowed(history []time.Time, now time.Time, limits []Limit) bool {
	for _, l := range limits {
		sent := 0
		for _, at := range history {
			if now.Sub(at) < l.Within {
				sent++
			}
		}
		if sent >= l.Count {
			return false
		}
	}
	return true
}
