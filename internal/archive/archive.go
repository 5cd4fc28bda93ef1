// Package archive keeps what is old outside the store: one compressed document for each thing, on disk, found by its
// kind and id alone, so that nothing has to remember where it is.
package archive

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"loket/internal/blob"
)

// ErrNone says that there is no document of that kind and id.
var ErrNone = errors.New("not archived")

// version is that of the envelope. A document of a later one is not touched.
const version = 1

// An Archive is a directory of documents. Its methods may be called concurrently, by several processes too. A nil Archive
// has no documents and takes none.
type Archive struct {
	blobs *blob.Store
	dir   string
}

// envelope is what a document is stored in.
type envelope struct {
	Version int             `json:"version"`
	Kind    string          `json:"kind"`
	ID      string          `json:"id"`
	At      time.Time       `json:"at"`
	Data    json.RawMessage `json:"data"`
}

// Open makes the directory when there is none.
func Open(dir string) (*Archive, error) {
	blobs, err := blob.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("open archive: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, locks), 0o700); err != nil {
		return nil, fmt.Errorf("open archive: %w", err)
	}
	return &Archive{blobs: blobs, dir: dir}, nil
}

// Put stores v as JSON, in the place of what was there. When it returns nil the document is on the disk, and was read
// back as it was given. kind is a short word of a to z.
func (a *Archive) Put(ctx context.Context, kind, id string, v any) error {
	if a == nil {
		return fmt.Errorf("archive %s %s: there is no archive", kind, id)
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("archive %s %s: %w", kind, id, err)
	}
	whole, err := json.Marshal(envelope{version, kind, id, time.Now().UTC(), data})
	if err != nil {
		return fmt.Errorf("archive %s %s: %w", kind, id, err)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err = w.Write(whole)
	if err = errors.Join(err, w.Close()); err != nil {
		return fmt.Errorf("archive %s %s: %w", kind, id, err)
	}
	if _, err := a.blobs.Put(ctx, name(kind, id), &packed); err != nil {
		return fmt.Errorf("archive %s %s: %w", kind, id, err)
	}
	var back json.RawMessage
	if err := a.Get(ctx, kind, id, &back); err != nil {
		return err
	}
	if !bytes.Equal(back, data) {
		return fmt.Errorf("archive %s %s: it reads back differently", kind, id)
	}
	return nil
}

// Get reads a document into v, or is ErrNone. One that is damaged, or of a later loket, is another error.
func (a *Archive) Get(ctx context.Context, kind, id string, v any) error {
	if a == nil {
		return fmt.Errorf("%s %s: %w", kind, id, ErrNone)
	}
	f, _, err := a.blobs.Get(ctx, name(kind, id))
	if errors.Is(err, blob.ErrNone) {
		return fmt.Errorf("%s %s: %w", kind, id, ErrNone)
	}
	if err != nil {
		return fmt.Errorf("read archived %s %s: %w", kind, id, err)
	}
	defer f.Close()
	e, err := unpack(f)
	if err == nil && (e.Kind != kind || e.ID != id) {
		err = fmt.Errorf("it is %s %s", e.Kind, e.ID)
	}
	if err == nil {
		err = json.Unmarshal(e.Data, v)
	}
	if err != nil {
		return fmt.Errorf("read archived %s %s (%s): %w", kind, id, name(kind, id), err)
	}
	return nil
}

func unpack(r io.Reader) (*envelope, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	whole, err := io.ReadAll(z) // what we wrote ourselves: its sum is checked at the end
	if err != nil {
		return nil, err
	}
	var e envelope
	if err := json.Unmarshal(whole, &e); err != nil {
		return nil, err
	}
	if e.Version != version {
		return nil, fmt.Errorf("its version is %d, this loket reads %d", e.Version, version)
	}
	return &e, nil
}

// Has tells whether there is a document, without reading it.
func (a *Archive) Has(ctx context.Context, kind, id string) (bool, error) {
	if a == nil {
		return false, nil
	}
	f, _, err := a.blobs.Get(ctx, name(kind, id))
	if errors.Is(err, blob.ErrNone) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for archived %s %s: %w", kind, id, err)
	}
	return true, f.Close()
}

// Delete removes a document. One that is not there is fine.
func (a *Archive) Delete(ctx context.Context, kind, id string) error {
	if a == nil {
		return nil
	}
	if err := a.blobs.Delete(ctx, name(kind, id)); err != nil {
		return fmt.Errorf("delete archived %s %s: %w", kind, id, err)
	}
	return nil
}

// name spreads the documents evenly over directories, some hundred in each when there are ten millions.
func name(kind, id string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + id))
	h := encoding.EncodeToString(sum[:16])
	return h[:3] + "/" + h[3:] + "." + kind
}

var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
