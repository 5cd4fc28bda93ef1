package blob

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// put writes beside, then moves into place: whoever looks sees the whole blob or none.
func (s *Store) put(ctx context.Context, path string, r io.Reader) (int64, error) {
	f, err := os.CreateTemp(filepath.Join(s.dir, tmp), "put-")
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(f, &watched{ctx, r})
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = s.place(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return 0, err
	}
	return n, nil
}

// place moves the file to path and has every directory that learned a name on the disk.
func (s *Store) place(from, path string) error {
	shard := filepath.Dir(path)
	if _, known := s.shards.Load(shard); !known {
		if err := os.Mkdir(shard, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := syncDir(s.dir); err != nil { // another process may have made it, and not be done
			return err
		}
		s.shards.Store(shard, true)
	}
	if err := os.Rename(from, path); err != nil {
		s.shards.Delete(shard) // somebody may have cleared away
		return err
	}
	return syncDir(shard)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// watched ends a copy with its context.
type watched struct {
	ctx context.Context
	r   io.Reader
}

func (w *watched) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.r.Read(p)
}
