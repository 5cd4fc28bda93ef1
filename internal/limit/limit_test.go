package limit

import (
	"fmt"
	"testing"
	"time"
)

func TestLimiterForgetsAndIsBounded(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	l := New(1, func() time.Time { return now })
	for i := range 3 * maxBuckets {
		l.Take(fmt.Sprintf("10.%d.%d.%d:1", i>>16, i>>8&255, i&255))
	}
	if got := len(l.young) + len(l.old); got > 2*maxBuckets {
		t.Errorf("limiter holds %d buckets, want at most %d", got, 2*maxBuckets)
	}
	now = now.Add(2 * time.Minute)
	l.Take("10.0.0.1:1")
	if got := len(l.young) + len(l.old); got != 1 {
		t.Errorf("limiter holds %d buckets after two quiet minutes, want 1", got)
	}
}
