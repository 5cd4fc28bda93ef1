package column

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// A Shape says what chunks hold. They are read with the shape that they were written with.
type Shape struct {
	Layout  byte  // the first byte; a chunk that begins otherwise is not read
	Lists   []int // of texts: for each list, how many texts an entry has, at least one
	Columns int   // of each table
}

// A Chunk is tables, and lists of texts that their values may refer to by place.
type Chunk struct {
	Lists  [][][]string // of each list the entries, of each entry the texts
	Tables []Table
}

// A Table is rows of one kind. It has no more rows than its chunk has bytes.
type Table struct {
	Kind    byte
	Rows    int
	Columns []Column
}

// Within tells whether every value of a column is the place of one of n things.
func (t *Table) Within(col, n int) bool {
	c := &t.Columns[col]
	for i := range t.Rows {
		if v := c.At(i); v < 0 || v >= int64(n) {
			return false
		}
	}
	return true
}

// ErrDamaged says that bytes are no chunk of the shape.
var ErrDamaged = errors.New("rows cannot be read")

// A Writer puts a chunk together: each table, followed by all its columns. It is for one goroutine.
type Writer struct {
	shape Shape
	body  []byte
}

// NewWriter makes a Writer of an empty chunk.
func NewWriter(shape Shape) *Writer { return &Writer{shape: shape} }

// Table begins a table of so many rows, at least one.
func (w *Writer) Table(kind byte, rows int) {
	w.body = binary.AppendUvarint(append(w.body, kind), uint64(rows))
}

// Column adds the next column of the table: a value for each row.
func (w *Writer) Column(values []int64) { w.body = appendColumn(w.body, values) }

// Chunk ends the chunk and gives its bytes. lists are those of the shape.
func (w *Writer) Chunk(lists ...[][]string) []byte {
	var texts Dictionary[string]
	var refs []byte
	for _, list := range lists {
		refs = binary.AppendUvarint(refs, uint64(len(list)))
		for _, entry := range list {
			for _, text := range entry {
				refs = binary.AppendUvarint(refs, uint64(texts.Number(text)))
			}
		}
	}
	b := binary.AppendUvarint([]byte{w.shape.Layout}, uint64(len(texts.Values)))
	for _, text := range texts.Values {
		b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
	}
	return append(append(b, refs...), w.body...)
}

// Decode reads a chunk, or gives ErrDamaged. It never does more work than b is long. It keeps b, which must not change
// any more.
func Decode(shape Shape, b []byte) (*Chunk, error) {
	r := &reader{b: b}
	if r.byte() != shape.Layout {
		return nil, fmt.Errorf("%w: unknown layout", ErrDamaged)
	}
	c := &Chunk{Lists: r.lists(shape.Lists)}
	for len(r.b) > 0 && !r.bad {
		t := Table{Kind: r.byte(), Rows: int(min(r.uvarint(), math.MaxInt32)), Columns: make([]Column, shape.Columns)}
		if t.Rows > len(b) {
			return nil, ErrDamaged
		}
		for i := range t.Columns {
			t.Columns[i] = r.column(t.Rows)
		}
		c.Tables = append(c.Tables, t)
	}
	if r.bad {
		return nil, ErrDamaged
	}
	return c, nil
}

// lists reads the texts, and the lists that refer to them.
func (r *reader) lists(widths []int) [][][]string {
	texts := make([]string, r.count(1))
	for i := range texts {
		texts[i] = string(r.take(r.count(1)))
	}
	lists := make([][][]string, len(widths))
	for i, width := range widths {
		lists[i] = make([][]string, r.count(width))
		for j := range lists[i] {
			entry := make([]string, width)
			for k := range entry {
				if n := r.uvarint(); n < uint64(len(texts)) {
					entry[k] = texts[n]
				} else {
					r.bad = true
				}
			}
			lists[i][j] = entry
		}
	}
	return lists
}
