package proptest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"loket/internal/proptest"
)

// drawn are the numbers that a property draws.
func drawn(t *testing.T, cases int) []uint64 {
	t.Helper()
	var all []uint64
	proptest.Check(t, cases, func(rt *rapid.T) { all = append(all, rapid.Uint64Range(0, 1<<40).Draw(rt, "number")) })
	return all
}

// share is the part of the cases that rapid draws: a fifth with -short.
func share() int {
	if testing.Short() {
		return 5
	}
	return 1
}

func TestEveryRunDrawsTheSame(t *testing.T) {
	t.Setenv("LOKET_SOAK", "")
	first := drawn(t, 10)
	if want := 10 / share(); len(first) != want {
		t.Errorf("%d cases, want %d", len(first), want)
	}
	if diff := cmp.Diff(first, drawn(t, 10)); diff != "" {
		t.Errorf("another run draws (-first +second):\n%s", diff)
	}
}

func TestASoakDrawsMoreAndOthers(t *testing.T) {
	t.Setenv("LOKET_SOAK", "1")
	first, second := drawn(t, 10), drawn(t, 10)
	if want := 200 / share(); len(first) != want {
		t.Errorf("%d cases, want %d", len(first), want)
	}
	if cmp.Equal(first, second) {
		t.Errorf("two runs draw the same: %v", first)
	}
}

// Otherwise parallel tests would wait for each other.
func TestAPropertyMayBeginWhileAnotherIsChecked(t *testing.T) {
	proptest.Check(t, 5, func(*rapid.T) { proptest.Check(t, 5, func(*rapid.T) {}) })
}
