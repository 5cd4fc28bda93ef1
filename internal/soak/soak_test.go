package soak_test

import (
	"testing"

	"loket/internal/soak"
)

func TestTheWholeIsDoneWhenAskedFor(t *testing.T) {
	for env, want := range map[string]int{"": 1, "1": 2} {
		t.Setenv("LOKET_SOAK", env)
		if got := soak.Pick(1, 2); got != want {
			t.Errorf("Pick with LOKET_SOAK=%q = %d, want %d", env, got, want)
		}
	}
}
