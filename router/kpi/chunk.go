package kpi

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// A chunk is rows as they are stored and as they are read: for each kind a table, for each column of it the smallest
// value, a width in bytes, and each value less the smallest in so many bytes. Most columns of most tables take none to
// three bytes. Nothing has to be decoded to be summed: a chunk keeps to the bytes that came from the store.
type chunk struct {
	sorts  []Sort
	agents []string
	tables []table
	size   int
}

type table struct {
	kind Kind
	n    int
	cols [columns]column
}

// The columns, in the order in which they are stored.
const (
	colMs = iota
	colSeq
	colBack // how long before the event the row counts
	colTask
	colSort
	colAgent
	colWait
	colEnding
	colWall
	colWorking
	colTarget
	colPicked
	colSpeed
	colSpeedWork
	colHeld
	colHeldWork
	colHandling
	colResolved
	colResolWork
	colFlag
	columns
)

type column struct {
	base  int64
	width int
	b     []byte
}

// at is the value of row i.
func (c *column) at(i int) int64 {
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

// layout is the first byte of a chunk.
const layout = 1

// encode makes a chunk of rows.
func encode(rows []Row) []byte {
	w := &writer{strings: map[string]uint64{}, sorts: map[Sort]int64{}, agents: map[string]int64{}}
	var tables [kinds][]*Row
	for i := range rows {
		tables[rows[i].Kind] = append(tables[rows[i].Kind], &rows[i])
	}
	var body []byte
	for kind, of := range tables {
		if len(of) == 0 {
			continue
		}
		body = append(body, byte(kind))
		body = binary.AppendUvarint(body, uint64(len(of)))
		values := make([]int64, len(of))
		for col := range columns {
			for i, r := range of {
				values[i] = w.value(r, col)
			}
			body = appendColumn(body, values)
		}
	}
	return append(w.head(), body...)
}

// writer gives numbers to what repeats.
type writer struct {
	strings  map[string]uint64
	texts    []string
	sorts    map[Sort]int64
	sortList []Sort
	agents   map[string]int64
	names    []string
}

func (w *writer) value(r *Row, col int) int64 {
	switch col {
	case colMs:
		return r.ID.Ms
	case colSeq:
		return r.ID.Seq
	case colBack:
		return r.ID.Ms - r.At
	case colTask:
		return r.Task
	case colSort:
		return number(w.sorts, &w.sortList, r.Sort)
	case colAgent:
		return number(w.agents, &w.names, r.Agent)
	case colWait:
		return int64(r.Wait)
	case colEnding:
		return int64(r.Ending)
	case colFlag:
		if r.Aside || r.DueSoon {
			return 1
		}
		return 0
	}
	return *r.span(col)
}

// span is the field of a row that a column of spans holds.
func (r *Row) span(col int) *int64 {
	return [...]*int64{
		&r.Wall, &r.Working, &r.Target, &r.Picked, &r.Speed, &r.SpeedWork, &r.Held, &r.HeldWork, &r.Handling, &r.Resolved, &r.ResolWork,
	}[col-colWall]
}

func number[T comparable](have map[T]int64, list *[]T, v T) int64 {
	n, ok := have[v]
	if !ok {
		n = int64(len(*list))
		have[v] = n
		*list = append(*list, v)
	}
	return n
}

func (w *writer) text(s string) uint64 {
	n, ok := w.strings[s]
	if !ok {
		n = uint64(len(w.texts))
		w.strings[s] = n
		w.texts = append(w.texts, s)
	}
	return n
}

func (w *writer) head() []byte {
	var refs []byte
	refs = binary.AppendUvarint(refs, uint64(len(w.sortList)))
	for _, s := range w.sortList {
		for _, t := range []string{s.Team, s.Channel, s.Connector, s.Priority, s.Rule, s.tags} {
			refs = binary.AppendUvarint(refs, w.text(t))
		}
	}
	refs = binary.AppendUvarint(refs, uint64(len(w.names)))
	for _, a := range w.names {
		refs = binary.AppendUvarint(refs, w.text(a))
	}
	b := binary.AppendUvarint([]byte{layout}, uint64(len(w.texts)))
	for _, t := range w.texts {
		b = append(binary.AppendUvarint(b, uint64(len(t))), t...)
	}
	return append(b, refs...)
}

func appendColumn(b []byte, values []int64) []byte {
	least, most := values[0], values[0]
	for _, v := range values {
		least, most = min(least, v), max(most, v)
	}
	width := (bits.Len64(uint64(most-least)) + 7) / 8
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

var errChunk = errors.New("rows cannot be read")

// decode reads a chunk. It keeps b, which must not change any more.
func decode(b []byte) (*chunk, error) {
	r := &reader{b: b}
	if r.byte() != layout {
		return nil, fmt.Errorf("%w: unknown layout", errChunk)
	}
	texts := make([]string, r.count(1))
	for i := range texts {
		texts[i] = string(r.take(r.count(1)))
	}
	text := func() string {
		if n := r.uvarint(); n < uint64(len(texts)) {
			return texts[n]
		}
		r.bad = true
		return ""
	}
	c := &chunk{size: len(b), sorts: make([]Sort, r.count(6))}
	for i := range c.sorts {
		c.sorts[i] = Sort{Team: text(), Channel: text(), Connector: text(), Priority: text(), Rule: text(), tags: text()}
	}
	c.agents = make([]string, r.count(1))
	for i := range c.agents {
		c.agents[i] = text()
	}
	for len(r.b) > 0 && !r.bad {
		t := table{kind: Kind(r.byte()), n: int(min(r.uvarint(), math.MaxInt32))}
		if t.n > len(b) { // no two rows are the same, so each has a byte somewhere
			return nil, errChunk
		}
		for i := range t.cols {
			base, width := r.varint(), int(r.byte())
			if width > 4 && width != 8 {
				r.bad = true
			}
			t.cols[i] = column{base, width, r.take(width * t.n)}
		}
		if r.bad || t.kind >= kinds || !t.within(colSort, len(c.sorts)) || !t.within(colAgent, len(c.agents)) {
			return nil, errChunk
		}
		c.tables = append(c.tables, t)
	}
	if r.bad {
		return nil, errChunk
	}
	return c, nil
}

// within tells whether every value of a column is an index into n things.
func (t *table) within(col, n int) bool {
	for i := range t.n {
		if v := t.cols[col].at(i); v < 0 || v >= int64(n) {
			return false
		}
	}
	return true
}

// row is row i as a whole.
func (c *chunk) row(t *table, i int) Row {
	r := Row{
		ID: ID{t.cols[colMs].at(i), t.cols[colSeq].at(i)}, Kind: t.kind, Task: t.cols[colTask].at(i),
		Sort: c.sorts[t.cols[colSort].at(i)], Agent: c.agents[t.cols[colAgent].at(i)],
		Wait: int(t.cols[colWait].at(i)), Ending: Ending(t.cols[colEnding].at(i)),
	}
	flag := t.cols[colFlag].at(i) == 1
	r.Aside, r.DueSoon = flag && t.kind != Running, flag && t.kind == Running
	r.At = r.ID.Ms - t.cols[colBack].at(i)
	for col := colWall; col <= colResolWork; col++ {
		*r.span(col) = t.cols[col].at(i)
	}
	return r
}

// rows are all rows of the chunk.
func (c *chunk) rows() []Row {
	var all []Row
	for i := range c.tables {
		for j := range c.tables[i].n {
			all = append(all, c.row(&c.tables[i], j))
		}
	}
	return all
}

// reader reads what may be damaged: after bad, everything is empty.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if r.bad || n < 0 || n > len(r.b) {
		r.bad = true
		return nil
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if r.bad || n <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if r.bad || n <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count is how many things follow that take at least least bytes each.
func (r *reader) count(least int) int {
	n := r.uvarint()
	if n > uint64(len(r.b)/least) {
		r.bad = true
		return 0
	}
	return int(n)
}
