// Package private keeps files with secrets from others on this machine.
package private

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// ErrOpen says that others on this machine may read or change a file.
var ErrOpen = errors.New("open to others")

// Read gives the first most bytes of a file. It is ErrOpen, and nothing is read, when others may get at it.
func Read(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := judge(path, info); err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(f, most))
}

// Check is ErrOpen when others may read or change the file at path, and says how to mend that. What is no file, such
// as a pipe, is nobody else's; what cannot be looked at is left to whoever reads it.
func Check(path string) error {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	return judge(path, info)
}

func judge(path string, info fs.FileInfo) error {
	if !isOpen(info) {
		return nil
	}
	return fmt.Errorf("%s is %w (%v): chmod 600 %s", path, ErrOpen, info.Mode().Perm(), path)
}

// isOpen tells whether anybody but the owner may get at a file. One that root keeps for a service may be read by the
// service's group: that is how packages install such files.
func isOpen(info fs.FileInfo) bool {
	others := info.Mode().Perm() & 0o077
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid == 0 && os.Geteuid() != 0 {
		others &^= 0o040
	}
	return others != 0
}

// Create writes text to a new file that only its owner may read. It is on the disk before it has its name, so that
// nobody reads half of it; of several who create it at once the first wins, and that is no error.
func Create(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// Close shuts others out of a directory, and tells whether it had been open to them. The error is that of a directory
// that is not ours to change.
func Close(dir string) (wasOpen bool, err error) {
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return false, err
	}
	return true, os.Chmod(dir, info.Mode().Perm()&^0o077)
}
