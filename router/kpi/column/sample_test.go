package column

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"loket/internal/proptest"
)

// ranked counts up to the first value that so many do not exceed.
func ranked(sorted []int64, p int) int64 {
	for i, v := range sorted {
		if (i+1)*100 >= p*len(sorted) {
			return v
		}
	}
	return 0
}

func TestPercentilesAreTheSmallestThatSoManyDoNotExceed(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		var lists Samples
		var all, scratch []int64
		value := rapid.OneOf(rapid.Int64Range(0, 5), rapid.Int64Range(0, 1<<40))
		for range rapid.IntRange(1, 6).Draw(t, "lists") {
			var s Sample
			long := rapid.SampledFrom([]int{3, 200, 700}).Draw(t, "long")
			base := value.Draw(t, "base")
			for i := range rapid.IntRange(0, long).Draw(t, "n") { // few choices make long lists cheap to draw
				v := (base + int64(i)*7919) % (base + int64(i%13) + 1)
				s.Add(v)
				all = append(all, v)
			}
			scratch = s.Sort(scratch)
			if !slices.IsSorted(s.values) {
				t.Fatal("not sorted")
			}
			lists.Add(&s)
		}
		var sum int64
		for _, v := range all {
			sum += v
		}
		if lists.Count() != len(all) || lists.Sum() != sum {
			t.Fatalf("%d values of %d together, want %d of %d", lists.Count(), lists.Sum(), len(all), sum)
		}
		if len(all) == 0 {
			return
		}
		slices.Sort(all)
		ps := []int{1, 50, 90, 95, 100}
		want := make([]int64, len(ps))
		for i, p := range ps {
			want[i] = ranked(all, p)
		}
		if diff := cmp.Diff(want, lists.Percentiles(ps...)); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

func TestADictionaryNumbersValuesInTheirOrder(t *testing.T) {
	var d Dictionary[string]
	var got []int
	for _, v := range []string{"b", "a", "b", "", "a"} {
		got = append(got, d.Number(v))
	}
	if diff := cmp.Diff([]int{0, 1, 0, 2, 1}, got); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"b", "a", ""}, d.Values); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}
