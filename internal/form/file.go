package form

import (
	"bytes"
	"context"
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

// A File waits until the whole form is read: only then is the id of its message known, by which it is stored. A small one waits
// in memory, another in a file that has no name.
type File struct {
	Name string // as people may see it
	Type string // a media type
	Size int64
	Sum  []byte // SHA-256

	sent string // the name as it came
	mem  []byte
	file *os.File
}

const defaultInMemory = 256 << 10

// stage reads r to its end. kind is what the sender says of it and may be empty.
func stage(r io.Reader, name, kind string, inMemory int64) (*File, error) {
	if inMemory == 0 {
		inMemory = defaultInMemory
	}
	f := &File{Name: message.CleanFileName(name), sent: name}
	h := sha256.New()
	r = io.TeeReader(r, h)
	var head bytes.Buffer
	n, err := io.CopyN(&head, r, inMemory)
	f.Size, f.mem = n, head.Bytes()
	if err == nil {
		err = f.spill(r)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		f.close()
		return nil, err
	}
	f.Sum = h.Sum(nil)
	f.Type = mediaType(kind, f.mem)
	return f, nil
}

func (f *File) spill(r io.Reader) error {
	file, err := os.CreateTemp("", "loket-form-*")
	if err != nil {
		return &stageError{err}
	}
	f.file = file
	if err := os.Remove(file.Name()); err != nil {
		return &stageError{err}
	}
	n, err := io.Copy(diskWriter{file}, r)
	f.Size += n
	return err
}

// Open reads the file from its start. It is no longer there when its post is closed.
func (f *File) Open() (io.Reader, error) {
	if f.file == nil {
		return bytes.NewReader(f.mem), nil
	}
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read staged file: %w", err)
	}
	return io.MultiReader(bytes.NewReader(f.mem), f.file), nil
}

func (f *File) close() {
	if f.file != nil {
		_ = f.file.Close() // it has no name any more: closing is deleting
	}
}

// Attachments says what the files are as those of the message with an id.
func (p *Post) Attachments(id string) []message.Attachment {
	var all []message.Attachment
	for i, f := range p.Files {
		all = append(all, message.Attachment{Name: f.Name, Type: f.Type, Size: f.Size, Blob: blobName(id, i)})
	}
	return all
}

func blobName(id string, index int) string { return fmt.Sprintf("%s/%d", id, index+1) }

// Store puts the files where Attachments says that they are. It may be done again.
func (p *Post) Store(ctx context.Context, id string, put func(ctx context.Context, name string, r io.Reader) (int64, error)) error {
	for i, f := range p.Files {
		r, err := f.Open()
		if err != nil {
			return err
		}
		if _, err := put(ctx, blobName(id, i), r); err != nil {
			return fmt.Errorf("store attachment: %w", err)
		}
	}
	return nil
}

// Digest tells the files of two posts apart: their names, types and contents.
func (p *Post) Digest() [][]byte {
	var parts [][]byte
	for _, f := range p.Files {
		parts = append(parts, []byte(f.Name), []byte(f.Type), f.Sum)
	}
	return parts
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
