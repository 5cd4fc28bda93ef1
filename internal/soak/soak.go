// Package soak says how much of a slow proof a test does: a short form in every go test, the whole under make soak.
package soak

import "os"

// Whole tells whether slow proofs are done whole: LOKET_SOAK is set, as make soak sets it.
func Whole() bool { return os.Getenv("LOKET_SOAK") != "" }

// Pick is the short form of a number, a time or a list, or under make soak the whole. Both must prove the same kinds of thing:
// the short one fewer times.
func Pick[T any](short, whole T) T {
	if Whole() {
		return whole
	}
	return short
}
