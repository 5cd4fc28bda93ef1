package field

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// DidYouMean is ` (did you mean "…"?)` with the known word nearest to word, or nothing when none is near.
// It is written to stand behind a reason.
func DidYouMean(word string, known []string) string {
	n := utf8.RuneCountInString(word)
	if n > 64 {
		return ""
	}
	best, least := "", 1+min(2, max(1, n/3)) // one slip in a short word, two in a longer one
	for _, k := range slices.Sorted(slices.Values(known)) {
		if k == "" || k == word {
			continue
		}
		if d := distance([]rune(word), []rune(k)); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// distance counts the letters to insert, remove, replace, or swap with their neighbour, to get from a to b.
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
