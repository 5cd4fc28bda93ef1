package fetch

import (
	"bufio"
	"errors"
	"io"

	"loket/internal/message"
)

// A body gives what a host sends, and remembers which error was the host's.
type body struct {
	r    *bufio.Reader
	left int64
	err  error // nil and at the end of the file
}

func newBody(r io.Reader, most int64) *body {
	return &body{r: bufio.NewReaderSize(r, message.Sniffed), left: most}
}

// head is how the file begins. It is read all the same.
func (b *body) head() []byte {
	start, _ := b.r.Peek(message.Sniffed) // what is wrong comes again
	return start
}

func (b *body) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	switch b.left -= int64(n); {
	case b.left < 0:
		b.err = ErrTooLarge
		return 0, ErrTooLarge
	case err != nil && !errors.Is(err, io.EOF):
		b.err = err
	}
	return n, err
}
