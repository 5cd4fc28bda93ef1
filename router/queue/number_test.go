package queue_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"loket/internal/proptest"
	"loket/router/queue"
)

func TestNumberReadsBack(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		n := rapid.Int64Range(0, 1e15).Draw(t, "number")
		s := queue.FormatNumber(n)
		for _, form := range []string{s, strings.ToLower(s), " " + s + "\n", strings.ReplaceAll(s, "-", ""), strings.TrimPrefix(s, "T-")} {
			if got, err := queue.ParseNumber(form); err != nil || got != n {
				t.Fatalf("ParseNumber(%q) = %d, %v; want %d", form, got, err, n)
			}
		}
	})
}

func TestNumberFindsEveryWrongDigit(t *testing.T) {
	for n := int64(1); n < 3000; n++ {
		s := queue.FormatNumber(n)
		for i, c := range s {
			if c < '0' || c > '9' {
				continue
			}
			for wrong := '0'; wrong <= '9'; wrong++ {
				if other := s[:i] + string(wrong) + s[i+1:]; wrong != c {
					if got, err := queue.ParseNumber(other); err == nil {
						t.Fatalf("ParseNumber(%s) = %d, one digit away from %s", other, got, s)
					}
				}
			}
		}
	}
}

func TestNumberFindsNearlyEverySwap(t *testing.T) {
	swaps, missed := 0, 0
	for n := int64(100); n < 3000; n++ {
		digits := fmt.Sprint(n)
		s := queue.FormatNumber(n)
		for i := range len(digits) - 1 {
			if digits[i] == digits[i+1] {
				continue
			}
			swaps++
			at := len("T-") + i
			if _, err := queue.ParseNumber(s[:at] + s[at+1:at+2] + s[at:at+1] + s[at+2:]); err == nil {
				missed++
			}
		}
	}
	if missed*20 > swaps {
		t.Errorf("%d of %d swaps are not found", missed, swaps)
	}
}

func TestParseNumberRefuses(t *testing.T) {
	for _, s := range []string{"", "T", "T-", "7", "T-7", "-", "T-1042", "T-10x2-7", "１０４２-7", "T-99999999999999999999-1", "T-1042-7-7", "TT-1042-7"} {
		if got, err := queue.ParseNumber(s); err == nil {
			t.Errorf("ParseNumber(%q) = %d, want an error", s, got)
		}
	}
}
