// Package body reads what strangers send, within bounds that hold while it is read: what exceeds them costs no more than
// what does not.
package body

import (
	"errors"
	"fmt"
	"io"
)

// Limits bound one body. A limit of 0 is none.
type Limits struct {
	Bytes  int64 // of the whole
	Depth  int   // of objects and lists in each other
	Values int   // in the whole
	Each   int   // members of one object, elements of one list, fields of a form
}

// ErrTooLarge says that there was more than Bytes.
var ErrTooLarge = errors.New("body is too large")

// A ShapeError says what about the form of a body is refused.
type ShapeError struct {
	// At is the member of the outermost object that it lies in, "" outside of all.
	At     string
	Reason string // such as "has more than 100 elements"

	many bool
}

func (e *ShapeError) Error() string {
	if e.At == "" {
		return "body " + e.Reason
	}
	return e.At + " " + e.Reason
}

// TooMany tells whether err says that a body has more in it than may be: it is large, if not in bytes.
func TooMany(err error) bool {
	var shape *ShapeError
	return errors.As(err, &shape) && shape.many
}

// Read gives the whole body. An error of r is given as it is.
func Read(r io.Reader, l Limits) ([]byte, error) {
	return read(r, l, func([]byte) error { return nil })
}

const firstRead = 4 << 10

// read reads r in pieces that see may refuse. What it takes of memory is at most twice what has come.
func read(r io.Reader, l Limits, see func([]byte) error) ([]byte, error) {
	b := make([]byte, 0, firstRead)
	for {
		if len(b) == cap(b) {
			b = append(make([]byte, 0, 2*cap(b)), b...)
		}
		n, err := r.Read(b[len(b):cap(b)])
		fresh := b[len(b) : len(b)+n]
		b = b[:len(b)+n]
		if l.Bytes > 0 && int64(len(b)) > l.Bytes {
			return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, l.Bytes)
		}
		if refused := see(fresh); refused != nil {
			return nil, refused
		}
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
