package webform

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"

	"loket/internal/message"
)

// A staged file waits until the whole post is read: only then is the id of its message known, by which it is
// stored. Small ones wait in memory, others in a file without a name.
type staged struct {
	name string
	sent string // the name as it came
	kind string // media type
	size int64
	sum  []byte
	mem  []byte
	file *os.File
}

const stageInMemory = 256 << 10

// stage reads r to its end. kind is what the sender says of it and may be empty.
func stage(r io.Reader, name, kind string) (*staged, error) {
	s := &staged{name: message.CleanFileName(name), sent: name}
	h := sha256.New()
	r = io.TeeReader(r, h)
	var head bytes.Buffer
	n, err := io.CopyN(&head, r, stageInMemory)
	s.size, s.mem = n, head.Bytes()
	if err == nil {
		err = s.spill(r)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		s.close()
		return nil, err
	}
	s.sum = h.Sum(nil)
	s.kind = mediaType(kind, s.mem)
	return s, nil
}

func (s *staged) spill(r io.Reader) error {
	file, err := os.CreateTemp("", "loket-form-*")
	if err != nil {
		return &stageError{err}
	}
	s.file = file
	if err := os.Remove(file.Name()); err != nil {
		return &stageError{err}
	}
	n, err := io.Copy(diskWriter{file}, r)
	s.size += n
	return err
}

// open reads the file from its start.
func (s *staged) open() (io.Reader, error) {
	if s.file == nil {
		return bytes.NewReader(s.mem), nil
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read staged file: %w", err)
	}
	return io.MultiReader(bytes.NewReader(s.mem), s.file), nil
}

func (s *staged) close() {
	if s.file != nil {
		_ = s.file.Close() // it has no name any more: closing is deleting
	}
}

// A stageError is our trouble, not the sender's.
type stageError struct{ err error }

func (e *stageError) Error() string { return "stage file: " + e.err.Error() }
func (e *stageError) Unwrap() error { return e.err }

type diskWriter struct{ file *os.File }

func (d diskWriter) Write(b []byte) (int, error) {
	n, err := d.file.Write(b)
	if err != nil {
		err = &stageError{err}
	}
	return n, err
}

func mediaType(said string, head []byte) string {
	if kind, _, err := mime.ParseMediaType(said); err == nil && strings.Contains(kind, "/") {
		return kind
	}
	kind, _, err := mime.ParseMediaType(http.DetectContentType(head))
	if err != nil {
		return "application/octet-stream"
	}
	return kind
}
