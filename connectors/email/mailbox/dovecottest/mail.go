package dovecottest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// Deliver puts a mail into a folder of the user as an MTA does, the folder made if need be. Its time of arrival is now.
func (s *Server) Deliver(name, folder string, raw []byte) {
	s.help()
	s.DeliverAt(name, folder, raw, time.Now())
}

// DeliverAt is Deliver with the time of arrival that the mailbox shall show (INTERNALDATE).
func (s *Server) DeliverAt(name, folder string, raw []byte, at time.Time) {
	s.help()
	dir := s.maildir(name, folder)
	s.check(s.makeMaildir(name, folder))
	file := fmt.Sprintf("%d.M%06dP%dQ%d.test", time.Now().Unix(), time.Now().Nanosecond()/1000, os.Getpid(), delivered.Add(1))
	tmp := filepath.Join(dir, "tmp", file)
	s.check(os.WriteFile(tmp, raw, 0o600))
	s.check(os.Chown(tmp, s.as.uid, s.as.gid))
	s.check(os.Chtimes(tmp, at, at))
	s.check(os.Rename(tmp, filepath.Join(dir, "new", file)))
}

// delivered makes the names of files unique in this process.
var delivered atomic.Int64

// MakeFolder makes an empty folder.
func (s *Server) MakeFolder(name, folder string) {
	s.help()
	s.check(s.makeMaildir(name, folder))
}

// A File is one mail as it lies in a maildir.
type File struct {
	Path     string
	Flags    string   // capital letters of the maildir: S is \Seen, T is \Deleted
	Keywords []string // in the order of the folder's list of them
}

// Files lists the mails that lie in a folder, those nobody has looked at included.
func (s *Server) Files(name, folder string) (files []File) {
	s.help()
	words := s.keywords(name, folder)
	for _, sub := range []string{"new", "cur"} {
		entries, err := os.ReadDir(filepath.Join(s.maildir(name, folder), sub))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.check(err)
		}
		for _, e := range entries {
			_, letters, _ := strings.Cut(e.Name(), ":2,")
			f := File{Path: filepath.Join(s.maildir(name, folder), sub, e.Name())}
			for _, l := range letters {
				if l >= 'a' && l <= 'z' {
					f.Keywords = append(f.Keywords, words[l])
				} else {
					f.Flags += string(l)
				}
			}
			files = append(files, f)
		}
	}
	return files
}

// keywords is which letter stands for which keyword in the names of a folder's files.
func (s *Server) keywords(name, folder string) map[rune]string {
	words := map[rune]string{}
	b, _ := os.ReadFile(filepath.Join(s.maildir(name, folder), "dovecot-keywords"))
	for line := range strings.Lines(string(b)) {
		var n rune
		var word string
		if _, err := fmt.Sscan(line, &n, &word); err == nil {
			words['a'+n] = word
		}
	}
	return words
}

// Renumber makes the folder forget its UIDs: UIDVALIDITY changes and every mail gets another UID. Sessions that are
// open end as they do when a server is replaced.
func (s *Server) Renumber(name, folder string) {
	s.help()
	dir := s.maildir(name, folder)
	s.kill()
	entries, err := os.ReadDir(dir)
	s.check(err)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "dovecot") && e.Name() != "dovecot-keywords" {
			s.check(os.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	// The next UIDVALIDITY is made from what was given out last, or the second: without this file it may be the same.
	next := fmt.Sprintf("%08x", uint32(time.Now().Unix())+uint32(delivered.Add(1)))
	home := s.maildir(name, "INBOX")
	old, _ := filepath.Glob(filepath.Join(home, "dovecot-uidvalidity*"))
	for _, path := range old {
		s.check(os.Remove(path))
	}
	for _, file := range []string{"dovecot-uidvalidity", "dovecot-uidvalidity." + next} {
		path := filepath.Join(home, file)
		s.check(os.WriteFile(path, []byte(next), 0o600))
		s.check(os.Chown(path, s.as.uid, s.as.gid))
	}
	s.check(s.again())
}

func (s *Server) makeMaildir(name, folder string) error {
	dirs := []string{s.maildir(name, "INBOX"), s.maildir(name, folder)}
	for _, dir := range dirs {
		for _, sub := range []string{"", "tmp", "new", "cur"} {
			path := filepath.Join(dir, sub)
			if err := os.Mkdir(path, 0o700); err != nil {
				if errors.Is(err, fs.ErrExist) {
					continue
				}
				return err
			}
			if err := os.Chown(path, s.as.uid, s.as.gid); err != nil {
				return err
			}
		}
	}
	return nil
}

// maildir is where a folder lies: INBOX is the maildir itself, others are directories in it that begin with a dot.
func (s *Server) maildir(name, folder string) string {
	home := filepath.Join(s.dir, "mail", name)
	if strings.EqualFold(folder, "INBOX") {
		return home
	}
	return filepath.Join(home, "."+strings.ReplaceAll(folder, "/", "."))
}
