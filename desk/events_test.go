package desk

import (
	"testing"
)

func TestEventIDsSortByTheirNumbers(t *testing.T) {
	ordered := []string{"", "0-1", "9-0", "10-2", "10-10", "1700000000000-0"}
	for i := range ordered[1:] {
		if CompareEvents(ordered[i], ordered[i+1]) >= 0 {
			t.Errorf("%q does not come before %q", ordered[i], ordered[i+1])
		}
	}
}
