package kpi

import (
	"strings"
	"testing"

	"loket/internal/store/storetest"
)

func TestCheckFindsRowsThatAreNotAsTheyShouldBe(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ key, field, value, want string }{
		"a chunk is gone":     {dayKey("1", "2026-04-01"), "0", "", "has 0 rows, its index says"},
		"a chunk too many":    {dayKey("1", "2026-04-01"), "1", "2026-04-01", "has 2 chunks, its index says 1"},
		"of another day":      {dayKey("1", "2026-03-30"), "0", "2026-04-01", "which counts on 2026-04-01"},
		"damaged":             {dayKey("1", "2026-04-01"), "0", "x", "cannot be read"},
		"read too far":        {stateKey, current, "1 1 1774720000000-0", "was not read"},
		"nothing, it is well": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := storetest.New(t)
			week(t).on(st)
			l := ledgerOn(t, Options{Store: st, Queue: queueOn(t, st)})
			if _, err := l.Fold(t.Context()); err != nil {
				t.Fatal(err)
			}
			rdb := st.Redis()
			switch {
			case tt.key == "":
			case tt.value == "":
				rdb.HDel(t.Context(), tt.key, tt.field)
			case strings.HasPrefix(tt.value, "2026"):
				rdb.HSet(t.Context(), tt.key, tt.field, rdb.HGet(t.Context(), dayKey("1", tt.value), "0").Val())
			default:
				rdb.HSet(t.Context(), tt.key, tt.field, tt.value)
			}
			found, err := l.Check(t.Context())
			if got := strings.Join(found, "\n"); err != nil || !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
				t.Errorf("Check = %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}
