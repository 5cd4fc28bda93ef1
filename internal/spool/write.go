package spool

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"time"
)

// write gives the id a file with the text: beside first, so that it is whole or absent. That the name is on the disk
// too is left to synced. The time of the file keeps the message's place over a restart.
func (s *Spool) write(id string, text []byte, at time.Time) error {
	f, err := os.CreateTemp(s.dir, half)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = os.Chtimes(f.Name(), at, at)
	}
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		s.moves.Lock()
		err = os.Rename(f.Name(), s.path(id, good))
		s.moves.Unlock()
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// passing tells want of means from a file that is broken.
func passing(err error) bool {
	for _, e := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EINTR, syscall.EAGAIN} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// syncer puts the names in a directory on the disk, once for all who came while the time before took.
type syncer struct {
	dir  *os.File
	turn sync.Mutex // who has it syncs

	mu   sync.Mutex
	next *round
}

type round struct {
	done chan struct{}
	err  error
}

func newSyncer(dir string) (*syncer, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	s := &syncer{dir: f}
	return s, s.sync()
}

// sync returns when a sync that began after it was called has ended.
func (s *syncer) sync() error {
	s.mu.Lock()
	r := s.next
	if r != nil {
		s.mu.Unlock()
		<-r.done
		return r.err
	}
	r = &round{done: make(chan struct{})}
	s.next = r
	s.mu.Unlock()

	s.turn.Lock()
	s.mu.Lock()
	s.next = nil // who comes from here on may have a name that this sync does not see
	s.mu.Unlock()
	r.err = s.dir.Sync()
	s.turn.Unlock()
	close(r.done)
	return r.err
}

func (s *syncer) close() error {
	s.turn.Lock()
	defer s.turn.Unlock()
	return s.dir.Close()
}
