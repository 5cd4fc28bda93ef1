package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

const (
	done   = "done"
	failed = "failed"
	why    = ".error.txt" // behind the name of a file that failed
)

// putAway moves what was taken. Its sidecar goes first, because without its file it would be something else.
func (f *Folder) putAway(s *sighted) error {
	if err := f.move(s, done); err != nil {
		return err
	}
	_ = os.Remove(filepath.Join(f.cfg.Directory, failed, s.name+why)) // of an earlier try; there may be none
	return nil
}

// putAside moves what can't be taken, beside a file that says why. Put back, it is tried again.
func (f *Folder) putAside(s *sighted, reason string) error {
	dir := filepath.Join(f.cfg.Directory, failed)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	text := reason + "\nMove the file back to try again.\n"
	if err := os.WriteFile(filepath.Join(dir, s.name+why), []byte(text), 0o600); err != nil {
		return err
	}
	return f.move(s, failed)
}

// move moves a file, and the sidecar if it is of no other file that is still there.
func (f *Folder) move(s *sighted, to string) error {
	if err := os.MkdirAll(filepath.Join(f.cfg.Directory, to), 0o700); err != nil {
		return err
	}
	if side := f.sidecar(s); side != nil && len(f.files(side)) == 1 {
		if err := f.rename(side, to); err != nil {
			return err
		}
	}
	return f.rename(s, to)
}

// rename never replaces what is there: another file of the same name gets a number.
func (f *Folder) rename(s *sighted, to string) error {
	ending := filepath.Ext(s.name)
	target := filepath.Join(f.cfg.Directory, to, s.name)
	for n := 2; exists(target); n++ {
		target = filepath.Join(f.cfg.Directory, to, stem(s.name)+"-"+strconv.Itoa(n)+ending)
	}
	err := os.Rename(s.path, target)
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // who took it away meanwhile has it
		return err
	}
	delete(f.seen, s.name)
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
