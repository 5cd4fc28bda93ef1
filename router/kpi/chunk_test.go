package kpi

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func anyRow(t *rapid.T) Row {
	span := rapid.OneOf(rapid.Just(None), rapid.Int64Range(0, 100), rapid.Int64Range(0, 1<<45))
	text := rapid.SampledFrom([]string{"", "support", "webcare", "é\"\n"})
	r := Row{
		ID: ID{rapid.Int64Range(0, 1<<42).Draw(t, "ms"), rapid.Int64Range(0, 1000).Draw(t, "seq")}, Kind: Kind(rapid.IntRange(0, int(kinds)-1).Draw(t, "kind")),
		Task: rapid.Int64Range(0, 1<<40).Draw(t, "task"), Agent: text.Draw(t, "agent"), Wait: rapid.IntRange(0, 70_000).Draw(t, "wait"),
		Ending: Ending(rapid.IntRange(0, 3).Draw(t, "ending")),
		Sort:   Sort{Team: text.Draw(t, "team"), Rule: text.Draw(t, "rule"), tags: rapid.SampledFrom([]string{"", "a", "a\x00b"}).Draw(t, "tags")},
	}
	r.At = r.ID.Ms - rapid.Int64Range(0, 1<<33).Draw(t, "back")
	for col := colWall; col <= colResolWork; col++ {
		*r.span(col) = span.Draw(t, "span")
	}
	if flag := rapid.Bool().Draw(t, "flag"); r.Kind == Running {
		r.DueSoon = flag
	} else {
		r.Aside = flag
	}
	return r
}

func TestRowsComeBackAsTheyWereStored(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(anyRow), 1, 40).Draw(t, "rows")
		slices.SortStableFunc(rows, func(a, b Row) int { return int(a.Kind) - int(b.Kind) }) // a chunk keeps kinds together
		c, err := decode(encode(rows))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rows, c.rows(), cmp.AllowUnexported(Sort{})); diff != "" {
			t.Fatalf("(-stored +read):\n%s", diff)
		}
	})
}

// FuzzDecode: what is damaged is an error, or rows that can be read; never more work than its length.
func FuzzDecode(f *testing.F) {
	f.Add(encode([]Row{{ID: ID{1_795_387_609_284, 1}, At: 1_795_387_609_284, Sort: Sort{Team: "support"}, Agent: "anna", Wall: 4_000}}))
	f.Add([]byte{layout, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := decode(b)
		if err != nil {
			return
		}
		if n := len(c.rows()); n > len(b)*int(kinds) {
			t.Errorf("%d rows in %d bytes", n, len(b))
		}
	})
}

func TestPercentilesAreTheSmallestThatSoManyDoNotExceed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var lists samples
		var all, room []int64
		value := rapid.OneOf(rapid.Int64Range(0, 5), rapid.Int64Range(0, 1<<40))
		for range rapid.IntRange(1, 6).Draw(t, "lists") {
			var s sample
			long := rapid.SampledFrom([]int{3, 200, 700}).Draw(t, "long")
			base := value.Draw(t, "base")
			for i := range rapid.IntRange(0, long).Draw(t, "n") { // few choices make long lists cheap to draw
				v := (base + int64(i)*7919) % (base + int64(i%13) + 1)
				s.add(v)
				all = append(all, v)
			}
			room = order(s.values, room)
			if !slices.IsSorted(s.values) {
				t.Fatal("not sorted")
			}
			lists.add(&s)
		}
		if diff := cmp.Diff(describe(all), lists.stats(), approximately()); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

func TestADaysChunksStayFew(t *testing.T) {
	var es entries
	rows, written := 0, 0
	for range 5000 {
		with, merged := es.add(3)
		for _, e := range es[len(es)-merged:] {
			written += e.rows
		}
		written += 3
		es, rows = with, rows+3
	}
	sum := 0
	for _, e := range es {
		sum += e.rows
	}
	if len(es) > 60 || sum != rows || written > 6*rows {
		t.Errorf("%d chunks of %d rows for %d rows, written %d times", len(es), sum, rows, written/rows)
	}
	back, err := parseEntries(es.String())
	if err != nil || !slices.Equal(back, es) {
		t.Errorf("index %q comes back as %v, %v", es, back, err)
	}
}
