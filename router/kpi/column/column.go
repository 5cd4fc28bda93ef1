// Package column keeps tables of whole numbers in few bytes, column by column, so that they can be read where they lie,
// and finds percentiles of what is in them. What the numbers mean, those know who keep them.
package column

import (
	"encoding/binary"
	"math/bits"
)

// A Column is the values of one column of a table: the smallest of them, and each less the smallest in so many bytes.
// Nothing has to be decoded to be read. It may be read concurrently.
type Column struct {
	base  int64
	width int
	mask  uint64 // of the bytes of a value
	b     []byte // and at least seven more, so that each value is read as eight bytes, without a look at its width
}

// At is the value of row i, which must be one of the table.
func (c *Column) At(i int) int64 {
	return c.base + int64(binary.LittleEndian.Uint64(c.b[i*c.width:])&c.mask)
}

// appendColumn appends values, of which there is at least one.
func appendColumn(b []byte, values []int64) []byte {
	least, greatest := values[0], values[0]
	for _, v := range values {
		least, greatest = min(least, v), max(greatest, v)
	}
	width := (bits.Len64(uint64(greatest-least)) + 7) / 8
	if width > 4 {
		width = 8
	}
	b = append(binary.AppendVarint(b, least), byte(width))
	var full [8]byte
	for _, v := range values {
		binary.LittleEndian.PutUint64(full[:], uint64(v-least))
		b = append(b, full[:width]...)
	}
	return b
}

// column reads what appendColumn wrote, of a table of so many rows.
func (r *reader) column(rows int) Column {
	base, width := r.varint(), int(r.byte())
	if width > 4 && width != 8 {
		r.bad = true
	}
	return Column{base, width, 1<<(8*width) - 1, r.takeMore(width*rows, 8)}
}
