package folder

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"loket/internal/message"
)

const (
	done    = "done"
	failed  = "failed"
	why     = ".error.txt" // behind the name of a file that failed
	maxName = 200          // bytes, so that something can stand behind it
)

// putAway moves what was taken.
func (f *Folder) putAway(s *sighted) error {
	if err := f.move(s, done, ""); err != nil {
		return err
	}
	_ = os.Remove(filepath.Join(f.cfg.Directory, failed, s.name+why)) // of an earlier try; there may be none
	return nil
}

// putAside moves what can't be taken, beside a file that says why. Put back, it is tried again.
func (f *Folder) putAside(s *sighted, reason string) error {
	return f.move(s, failed, reason+"\nMove the file back to try again.\n")
}

// move moves a file, beside a note if there is one, and its sidecar if that is of no other file that is still there. The sidecar goes first: without
// its file it would be something else.
func (f *Folder) move(s *sighted, to, note string) error {
	above, err := os.Stat(f.cfg.Directory)
	if err == nil {
		err = os.Mkdir(filepath.Join(f.cfg.Directory, to), above.Mode().Perm()) // who may put files there may see what became of them
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	target := f.free(s, to)
	if note != "" {
		if err := write(target+why, note); err != nil {
			return err
		}
	}
	if side := f.sidecar(s); side != nil && len(f.files(side)) == 1 {
		if err := f.rename(side, f.free(side, to)); err != nil {
			return err
		}
	}
	return f.rename(s, target)
}

func (f *Folder) rename(s *sighted, target string) error {
	if err := os.Rename(s.path, target); err != nil && !errors.Is(err, fs.ErrNotExist) { // who took it away meanwhile has it
		return err
	}
	delete(f.seen, s.name)
	return nil
}

// free is where a file goes. It never replaces what is there: another file of the same name gets a number.
func (f *Folder) free(s *sighted, to string) string {
	ending := message.Head(filepath.Ext(s.name), 20)
	called := cmp.Or(message.Head(stem(s.name), maxName-len(ending)), "file")
	for n := 1; ; n++ {
		name := called + ending
		if n > 1 {
			name = called + "-" + strconv.Itoa(n) + ending
		}
		if target := filepath.Join(f.cfg.Directory, to, name); !exists(target) {
			return target
		}
	}
}

// write makes a new file in place of what has its name: others may write into the directory, and a link there leads anywhere.
func write(path, content string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o640)
	if err != nil {
		return err
	}
	_, err = file.WriteString(content)
	return errors.Join(err, file.Close())
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
