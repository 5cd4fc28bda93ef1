// Package blob keeps what is too large for the store: attachments, raw originals, archives.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// ErrNone says that there is no blob of that name. It is also fs.ErrNotExist, for those who don't know this package.
var ErrNone = fmt.Errorf("there is none: %w", fs.ErrNotExist)

// ErrName says that a name is not of the form <message id>/<word>.
var ErrName = errors.New("must be <message id>/<word>: a to z, 0 to 9, and in the word also . _ - but not at its start a dot")

// A Store keeps blobs as files below one directory. Its methods may be called concurrently, by several processes too.
type Store struct {
	dir    string
	shards sync.Map // directories that are surely on the disk
}

// leftover is how old a temporary file must be to be nobody's any more.
const leftover = 24 * time.Hour

// tmp holds what is being written. The directories beside it have names of one or two characters.
const tmp = "tmp"

// Open makes the directory when there is none, and clears away what a process that was killed left half written.
func Open(dir string) (*Store, error) {
	s := &Store{dir: dir}
	half := filepath.Join(dir, tmp)
	if err := os.MkdirAll(half, 0o700); err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	entries, err := os.ReadDir(half)
	if err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > leftover {
			_ = os.Remove(filepath.Join(half, e.Name()))
		}
	}
	return s, nil
}

// Put stores what r gives under name, which is <message id>/<word>, and tells its size. It is on the disk when Put
// returns nil; on an error nothing is left, and what was there before stays. Putting a name twice keeps the second.
func (s *Store) Put(ctx context.Context, name string, r io.Reader) (int64, error) {
	path, err := s.path(name)
	if err != nil {
		return 0, fmt.Errorf("put blob %q: %w", name, err)
	}
	n, err := s.put(ctx, path, r)
	if err != nil {
		return 0, fmt.Errorf("put blob %s: %w", name, err)
	}
	return n, nil
}

// Get opens a blob for reading and tells its size. The caller closes it. It is ErrNone when there is none.
func (s *Store) Get(_ context.Context, name string) (io.ReadSeekCloser, int64, error) {
	path, err := s.path(name)
	if err != nil {
		return nil, 0, fmt.Errorf("get blob %q: %w", name, err)
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, fmt.Errorf("get blob %s: %w", name, ErrNone)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("get blob %s: %w", name, err)
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, 0, fmt.Errorf("get blob %s: %w", name, err)
	}
	return f, info.Size(), nil
}

// Delete removes a blob. One that is not there is fine.
func (s *Store) Delete(_ context.Context, name string) error {
	path, err := s.path(name)
	if err != nil {
		return fmt.Errorf("delete blob %q: %w", name, err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete blob %s: %w", name, err)
	}
	return nil
}

// Forget removes every blob of a message. The message may have none.
func (s *Store) Forget(_ context.Context, messageID string) error {
	path, err := s.path(messageID + "/all")
	if err != nil {
		return fmt.Errorf("forget blobs of %q: %w", messageID, err)
	}
	path = strings.TrimSuffix(path, "all")
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget blobs of %s: %w", messageID, err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), filepath.Base(path)) {
			continue
		}
		if err := os.Remove(filepath.Join(filepath.Dir(path), e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("forget blobs of %s: %w", messageID, err)
		}
	}
	return nil
}

var form = regexp.MustCompile(`^[a-z0-9]{1,64}/[a-z0-9_-][a-z0-9._-]{0,63}$`)

// path spreads the blobs over directories by the first two characters of the messages' ids, which are hashes. A message
// has no directory of its own: making one costs as much as the file.
func (s *Store) path(name string) (string, error) {
	if !form.MatchString(name) {
		return "", ErrName
	}
	id, word, _ := strings.Cut(name, "/")
	return filepath.Join(s.dir, id[:min(2, len(id))], id+"."+word), nil
}
