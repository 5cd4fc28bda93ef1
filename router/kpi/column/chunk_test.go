package column

import (
	"encoding/hex"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"loket/internal/proptest"
)

var twoColumns = Shape{Layout: 7, Lists: []int{2, 1}, Columns: 2}

// content is what a chunk holds, in the form in which it is written.
type content struct {
	Pairs, Names [][]string
	Tables       []values
}

type values struct {
	Kind byte
	Cols [2][]int64
}

func anyContent(t *rapid.T) content {
	text := rapid.SampledFrom([]string{"", "support", "webcare", "é\"\n", "a\x00b"})
	entries := func(width int) [][]string {
		return rapid.SliceOfN(rapid.SliceOfN(text, width, width), 0, 4).Draw(t, "entries")
	}
	c := content{Pairs: entries(2), Names: entries(1)}
	whole := rapid.OneOf(rapid.Int64Range(-3, 300), rapid.Int64Range(-1, 1<<24), rapid.Int64Range(-1, 1<<40), rapid.Int64())
	for range rapid.IntRange(0, 3).Draw(t, "tables") {
		rows := rapid.IntRange(1, 30).Draw(t, "rows")
		table := values{Kind: rapid.Byte().Draw(t, "kind")}
		for col := range table.Cols {
			table.Cols[col] = rapid.SliceOfN(whole, rows, rows).Draw(t, "values")
		}
		table.Cols[0][0] = int64(rows) // rows of a table are told apart by something: not all columns are one value
		c.Tables = append(c.Tables, table)
	}
	return c
}

func (c *content) write() []byte {
	w := NewWriter(twoColumns)
	for _, t := range c.Tables {
		w.Table(t.Kind, len(t.Cols[0]))
		for _, col := range t.Cols {
			w.Column(col)
		}
	}
	return w.Chunk(c.Pairs, c.Names)
}

func read(c *Chunk) content {
	out := content{Pairs: c.Lists[0], Names: c.Lists[1]}
	for i := range c.Tables {
		t := &c.Tables[i]
		v := values{Kind: t.Kind}
		for col := range v.Cols {
			for row := range t.Rows {
				v.Cols[col] = append(v.Cols[col], t.Columns[col].At(row))
			}
		}
		out.Tables = append(out.Tables, v)
	}
	return out
}

func TestAChunkHoldsWhatWasWritten(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		want := anyContent(t)
		c, err := Decode(twoColumns, want.write())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, read(c)); diff != "" {
			t.Fatalf("(-written +read):\n%s", diff)
		}
	})
}

func TestValuesTakeOnlyTheBytesTheyDifferIn(t *testing.T) {
	for _, tt := range []struct {
		values []int64
		width  int
	}{
		{[]int64{5, 5, 5}, 0}, {[]int64{-1, 254}, 1}, {[]int64{-1, 255}, 2}, {[]int64{0, 1 << 16}, 3}, {[]int64{0, 1 << 24}, 4},
		{[]int64{0, 1 << 32}, 8}, {[]int64{-1 << 63, 1<<63 - 1}, 8},
	} {
		r := &reader{b: appendColumn(nil, tt.values)}
		c := r.column(len(tt.values))
		if c.width != tt.width || r.bad {
			t.Errorf("%d takes %d bytes a value, want %d", tt.values, c.width, tt.width)
		}
		for i, want := range tt.values {
			if got := c.At(i); got != want {
				t.Errorf("%d: value %d is %d", tt.values, i, got)
			}
		}
	}
}

func TestOtherLayoutsAndTornChunksAreNotRead(t *testing.T) {
	c := content{Pairs: [][]string{{"a", "b"}}, Names: [][]string{{"a"}}, Tables: []values{{1, [2][]int64{{1, 2}, {3, 400}}}}}
	whole := c.write()
	other := twoColumns
	other.Layout++
	if _, err := Decode(other, whole); !errors.Is(err, ErrDamaged) {
		t.Errorf("another layout: %v", err)
	}
	begun := len(NewWriter(twoColumns).Chunk(c.Pairs, c.Names)) // a chunk may end before a table
	for n := range whole {
		if _, err := Decode(twoColumns, whole[:n]); (err == nil) != (n == begun) {
			t.Errorf("the first %d of %d bytes (%s): %v", n, len(whole), hex.EncodeToString(whole[:n]), err)
		}
	}
}

func TestWithinTellsWhatIsAPlace(t *testing.T) {
	c := content{Tables: []values{{0, [2][]int64{{0, 1, 2}, {-1, 0, 1}}}}}
	chunk, err := Decode(twoColumns, c.write())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		col, n int
		want   bool
	}{{0, 3, true}, {0, 2, false}, {1, 3, false}} {
		if got := chunk.Tables[0].Within(tt.col, tt.n); got != tt.want {
			t.Errorf("Within(%d, %d) = %v, want %v", tt.col, tt.n, got, tt.want)
		}
	}
}

// FuzzDecode: what is damaged is an error, or a chunk that can be read; never more work than its length.
func FuzzDecode(f *testing.F) {
	c := content{Pairs: [][]string{{"a", "b"}}, Tables: []values{{1, [2][]int64{{1, 2}, {3, 400}}}}}
	f.Add(c.write())
	f.Add([]byte{twoColumns.Layout, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Decode(twoColumns, b)
		if err != nil {
			return
		}
		read(c)
		rows := 0
		for _, table := range c.Tables {
			rows += table.Rows
		}
		if rows > len(b)*len(b) {
			t.Errorf("%d rows in %d bytes", rows, len(b))
		}
	})
}
