package kpi

import (
	"encoding/hex"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"loket/internal/proptest"
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
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
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

// Rows that were stored once are read by every later version.
func TestRowsKeepTheBytesTheyWereStoredIn(t *testing.T) {
	rows := []Row{
		{
			ID: ID{1_795_387_609_284, 1}, Kind: Answer, At: 1_795_387_600_000, Task: 17, Agent: "anna",
			Sort: Sort{Team: "support", Channel: "email", Connector: "mail", Priority: "high", Rule: "r", tags: "a\x00b"},
			Wait: 1, Ending: Answered, Wall: 4_000, Working: None, Target: 14_400_000, Picked: 60_000, Speed: 1, SpeedWork: None,
			Held: 70_000, HeldWork: None, Handling: 5_000_000_000, Resolved: None, ResolWork: None,
		},
		{ID: ID{1_795_387_609_999, 0}, Kind: Answer, At: 1_795_387_609_999, Task: 70_000, Sort: Sort{Team: "webcare", Channel: "x"}},
		{ID: ID{1_795_387_609_284, 2}, Kind: Closing, At: 1_795_387_609_284, Task: 17, Agent: "anna", Sort: Sort{Team: "support"}, Aside: true},
	}
	const stored = "" +
		"010a07737570706f727405656d61696c046d61696c0468696768017203610062077765626361726501780004616e6e61030001020304050607080808" +
		"08000808080808020908000288c386d7c068020000cb020001010000024424000022030000005f1101000100010001000100010100000101000002a0" +
		"0f000001010001000300badb000000000260ea00000001010001010001000370110100000001010001000800f2052a01000000000000000000000001" +
		"010001010100010000010188c386d7c068000400000022000400000000000000000000000000000000000000000000000000000000000200"
	if got := hex.EncodeToString(encode(rows)); got != stored {
		t.Errorf("stored as %s, want %s", got, stored)
	}
}

// FuzzDecode: what is damaged is an error, or rows that can be read; never more work than its length.
func FuzzDecode(f *testing.F) {
	f.Add(encode([]Row{{ID: ID{1_795_387_609_284, 1}, At: 1_795_387_609_284, Sort: Sort{Team: "support"}, Agent: "anna", Wall: 4_000}}))
	f.Add([]byte{shape().Layout, 0, 0, 0})
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
