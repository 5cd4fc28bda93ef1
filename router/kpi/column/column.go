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
	b     []byte
}

// At is the value of row i, which must be one of the table.
func (c *Column) At(i int) int64 {
	switch c.width {
	case 0:
		return c.base
	case 1:
		return c.base + int64(c.b[i])
	case 2:
		return c.base + int64(binary.LittleEndian.Uint16(c.b[2*i:]))
	case 3:
		b := c.b[3*i : 3*i+3]
		return c.base + int64(uint32(b[0])|uint32(b[1])<<8|uint32(b[2])<<16)
	case 4:
		return c.base + int64(binary.LittleEndian.Uint32(c.b[4*i:]))
	}
	return c.base + int64(binary.LittleEndian.Uint64(c.b[8*i:]))
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
	return Column{base, width, r.take(width * rows)}
}
