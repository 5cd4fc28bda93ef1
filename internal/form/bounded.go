package form

import (
	"errors"
	"io"
)

// A limitedBody remembers that there was more than it may give, whatever its readers make of the error.
type limitedBody struct {
	r        io.Reader
	left     int64
	exceeded bool
}

func (l *limitedBody) Read(b []byte) (int, error) {
	if l.exceeded {
		return 0, errTooLarge
	}
	if int64(len(b)) > l.left+1 {
		b = b[:l.left+1]
	}
	n, err := l.r.Read(b)
	if int64(n) > l.left {
		l.exceeded = true
		n, err = int(l.left), errTooLarge
	}
	l.left -= int64(n)
	return n, err
}

var errTooLarge = errors.New("body too large")
