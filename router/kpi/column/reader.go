package column

import "encoding/binary"

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

// takeMore takes n bytes and gives them with at least some more after them, whatever those are.
func (r *reader) takeMore(n, more int) []byte {
	rest := r.b
	b := r.take(n)
	if r.bad || len(rest) >= n+more {
		return rest[:min(len(rest), n+more)]
	}
	return append(make([]byte, 0, n+more), b...)[:n+more]
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
