package desk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"loket/internal/blob"
	"loket/internal/field"
	"loket/internal/message"
)

const mostFiles = 50

// A FileToTake is an attachment on its way in. In JSON its data is base64.
type FileToTake struct {
	Name string  `json:"name"`
	Type string  `json:"type"`
	Size int64   `json:"size,omitempty"` // counts only where there is no data, in dry runs
	Data *string `json:"data"`

	bytes []byte
}

func (f *FileToTake) size() int64 {
	if f.Data == nil {
		return f.Size
	}
	return int64(len(f.bytes))
}

func readFiles(given []FileToTake) ([]FileToTake, error) {
	if len(given) > mostFiles {
		return nil, field.Errorf("attachments", "must be at most %d", mostFiles)
	}
	files := make([]FileToTake, len(given))
	var errs []error
	for i, f := range given {
		f.Name = message.CleanFileName(f.Name)
		if f.Data != nil {
			var err error
			if f.bytes, err = base64.StdEncoding.DecodeString(*f.Data); err != nil {
				errs = append(errs, field.Errorf(field.At("attachments", i)+".data", "must be base64 with padding"))
			}
		}
		f.Type = mediaType(f.Type, f.bytes)
		files[i] = f
	}
	return files, errors.Join(errs...)
}

// mediaType is what the sender says it is, where that is a media type, else what it looks like.
func mediaType(said string, data []byte) string {
	for _, t := range []string{said, http.DetectContentType(data)} {
		if kind, _, err := mime.ParseMediaType(t); err == nil && strings.Contains(kind, "/") {
			return kind
		}
	}
	return "application/octet-stream"
}

// keep stores the files under the message's id. A name holds the digest of its bytes: what came twice is
// stored once, and the same id with other bytes never replaces what is there.
func (d *Desk) keep(ctx context.Context, id string, files []FileToTake) ([]message.Attachment, error) {
	var kept []message.Attachment
	for i, f := range files {
		sum := sha256.Sum256(f.bytes)
		name := fmt.Sprintf("%s/%d-%s", id, i+1, hex.EncodeToString(sum[:8]))
		size, err := d.blobs.Put(ctx, name, bytes.NewReader(f.bytes))
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
