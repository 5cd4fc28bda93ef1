package fetch

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"strings"

	"loket/internal/message"
)

// A body gives what a host sends, and remembers which error was the host's.
type body struct {
	r    *bufio.Reader
	left int64
	sum  string // of the whole, as File.SHA256; "" is not compared
	read hash.Hash
	err  error // nil and at the end of the file
}

func newBody(r io.Reader, most int64, sum string) *body {
	return &body{r: bufio.NewReaderSize(r, message.Sniffed), left: most, sum: sum, read: sha256.New()}
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
	_, _ = b.read.Write(p[:n]) // never fails
	switch b.left -= int64(n); {
	case b.left < 0:
		b.err = ErrTooLarge
		return 0, ErrTooLarge
	case errors.Is(err, io.EOF) && !b.whole():
		b.err = ErrDamaged
		return 0, ErrDamaged
	case err != nil && !errors.Is(err, io.EOF):
		b.err = err
	}
	return n, err
}

// whole tells whether what was read has the sum that it should.
func (b *body) whole() bool {
	sum := b.read.Sum(nil)
	return b.sum == "" || strings.EqualFold(b.sum, hex.EncodeToString(sum)) || b.sum == base64.StdEncoding.EncodeToString(sum)
}
