package desk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"loket/internal/blob"
	"loket/internal/field"
	"loket/internal/message"
)

const maxFiles = 50

// A FileToTake is an attachment on its way in.
type FileToTake struct {
	Name  string
	Type  string // a media type
	Size  int64  // counts only where no data was given, in dry runs
	Data  []byte
	Given bool // there is data, which may be empty
	// Mistake is why the data could not be read, by the path of the field: it is told together with all else that is wrong.
	Mistake error
}

// Length is how long the file is, or is said to be.
func (f *FileToTake) Length() int64 {
	if !f.Given {
		return f.Size
	}
	return int64(len(f.Data))
}

// CheckFiles gives the files back, and all that is wrong with them.
func CheckFiles(given []FileToTake) ([]FileToTake, error) {
	if len(given) > maxFiles {
		return nil, field.Errorf("attachments", "must be at most %d", maxFiles)
	}
	var errs []error
	for i := range given {
		errs = append(errs, given[i].Mistake)
	}
	return given, errors.Join(errs...)
}

// An upload is the files of an agent's own that go with what they write in a task, under a key.
type upload struct {
	task, key string
	files     []FileToTake
}

// attach adds files to a message. It is an error that says cannot when its channel does not carry it with them.
func (d *Desk) attach(ctx context.Context, m *message.Message, u upload, cannot string) error {
	had := slices.Clip(m.Attachments)
	for _, f := range u.files {
		m.Attachments = append(m.Attachments, message.Attachment{Name: f.Name, Type: f.Type, Size: f.Length()})
	}
	if err := d.canReply(m.Connector, m); err != nil {
		return field.Errorf("", "%s: %v", cannot, err)
	}
	kept, err := d.keep(ctx, message.NewID([]byte("upload"), []byte(u.task), []byte(u.key)), u.files)
	m.Attachments = append(had, kept...)
	return err
}

// keep stores the files under the message's id. A name holds the digest of its bytes: what came twice is
// stored once, and the same id with other bytes never replaces what is there.
func (d *Desk) keep(ctx context.Context, id string, files []FileToTake) ([]message.Attachment, error) {
	var kept []message.Attachment
	for i, f := range files {
		sum := sha256.Sum256(f.Data)
		name := fmt.Sprintf("%s/%d-%s", id, i+1, hex.EncodeToString(sum[:8]))
		size, err := d.blobs.Put(ctx, name, bytes.NewReader(f.Data))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNotNow, err)
		}
		kept = append(kept, message.Attachment{Name: f.Name, Type: f.Type, Size: size, Blob: name})
	}
	return kept, nil
}

// DropFiles removes the files of a message.
func (d *Desk) DropFiles(ctx context.Context, m *message.Message) error {
	names := []string{m.RawBlob}
	for _, a := range m.Attachments {
		names = append(names, a.Blob)
	}
	for _, name := range names {
		if name == "" {
			continue
		}
		if err := d.blobs.Delete(ctx, name); err != nil && !errors.Is(err, blob.ErrName) {
			return fmt.Errorf("drop files of message %s: %w", m.ID, err)
		}
	}
	if err := d.blobs.Forget(ctx, m.ID); err != nil && !errors.Is(err, blob.ErrName) {
		return fmt.Errorf("drop files of message %s: %w", m.ID, err)
	}
	return nil
}
