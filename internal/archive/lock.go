package archive

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// locks is the directory of the lock files.
const locks = "locks"

// Lock keeps everybody else who locks, in any process, from changing a document and what it is a copy of, until unlock
// is called. It goes with the process that holds it, however that ends. Not to be asked for by who has it: some share one.
func (a *Archive) Lock(ctx context.Context, kind, id string) (unlock func(), err error) {
	if a == nil {
		return func() {}, nil
	}
	path := filepath.Join(a.dir, locks, name(kind, id)[:1])
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock archive: %w", err)
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = f.Close() }, nil
		}
		if err != syscall.EWOULDBLOCK && err != syscall.EINTR {
			_ = f.Close()
			return nil, fmt.Errorf("lock archive: %w", err)
		}
		select {
		case <-time.After(2 * time.Millisecond):
		case <-ctx.Done():
			_ = f.Close()
			return nil, fmt.Errorf("lock archive: %w", context.Cause(ctx))
		}
	}
}
