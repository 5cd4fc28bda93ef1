// Package spool keeps messages safe on disk while the store is away.
package spool

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"loket/internal/message"
)

// The errors of Get.
var (
	ErrNone    = errors.New("there is none")
	ErrCorrupt = errors.New("file cannot be read as a message")
)

// The names in the directory: <id>.json is a message, <id>.bad what was one, .put-… is being written.
const (
	good = ".json"
	bad  = ".bad"
	half = ".put-"
)

// A Spool is a directory with one file per message. Its methods may be called concurrently. One process has it.
type Spool struct {
	dir    string
	synced *syncer
	moves  sync.Mutex // a file comes to its name, or leaves it, with its entry

	mu      sync.Mutex
	entries map[string]entry
	order   []string // ids, oldest first; some have gone, but never the first
	gone    int      // how many left at the head of order
	bytes   int64
	bad     int
	closed  bool
}

type entry struct {
	at   time.Time
	size int64
	turn int  // position in order, counted from the first there ever was
	sure bool // this process wrote it, whole and to the disk
}

// Stats says how much waits.
type Stats struct {
	Messages int
	Bytes    int64
	Oldest   time.Time // since when the oldest waits; zero when none does
	Bad      int       // files moved aside because they could not be read
}

// Open makes the directory when there is none, and takes stock of what a process before left there. What it had not
// finished writing is removed: nobody was told that it was stored.
func Open(dir string) (*Spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open spool: %w", err)
	}
	synced, err := newSyncer(dir)
	if err != nil {
		return nil, fmt.Errorf("open spool: %w", err)
	}
	s := &Spool{dir: dir, synced: synced, entries: map[string]entry{}}
	if err := s.takeStock(); err != nil {
		_ = synced.close()
		return nil, fmt.Errorf("open spool: %w", err)
	}
	return s, nil
}

// Close lets go of the directory; what waits stays there. Put and List fail after it.
func (s *Spool) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	return s.synced.close()
}

// Put keeps m, whose id must be valid. It is on the disk when Put returns nil. Putting a message twice is harmless:
// the first is kept.
func (s *Spool) Put(m *message.Message) error {
	if !message.ValidID(m.ID) {
		return fmt.Errorf("put message %q in spool: id is not valid", m.ID)
	}
	at, sure := s.since(m.ID)
	if sure {
		return nil
	}
	text, err := json.Marshal(m)
	if err == nil {
		err = s.write(m.ID, text, at)
	}
	if err != nil {
		return fmt.Errorf("put message %s in spool: %w", m.ID, err)
	}
	err = s.synced.sync()
	s.add(m.ID, entry{at: at, size: int64(len(text)), sure: err == nil})
	if err != nil {
		return fmt.Errorf("put message %s in spool: %w", m.ID, err)
	}
	return nil
}

// List gives the ids of at most limit messages, those that wait longest first; of all when limit is 0. It is an error
// after Close.
func (s *Spool) List(limit int) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, fmt.Errorf("list spool: %w", fs.ErrClosed)
	}
	if limit <= 0 {
		limit = len(s.entries)
	}
	ids := make([]string, 0, min(limit, len(s.entries)))
	for i, id := range s.order {
		if len(ids) == limit {
			break
		}
		if s.current(i, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// Get reads a message. It is ErrNone when it does not wait here, and ErrCorrupt when its file cannot be read: the file
// is moved aside then, is counted, and is not in the way of the others any more.
func (s *Spool) Get(id string) (*message.Message, error) {
	if !message.ValidID(id) {
		return nil, fmt.Errorf("get message %q from spool: %w", id, ErrNone)
	}
	m, err := s.read(id)
	if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrNone) {
		return m, err
	}
	s.moves.Lock()
	defer s.moves.Unlock()
	m, err = s.read(id) // it may have been put again in between
	switch {
	case errors.Is(err, ErrNone):
		s.drop(id, false)
	case errors.Is(err, ErrCorrupt):
		err = errors.Join(err, os.Rename(s.path(id, good), s.path(id, bad)))
		s.drop(id, true)
	}
	return m, err
}

func (s *Spool) read(id string) (*message.Message, error) {
	text, err := os.ReadFile(s.path(id, good))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("get message %s from spool: %w", id, ErrNone)
	case err != nil && passing(err):
		return nil, fmt.Errorf("get message %s from spool: %w", id, err)
	}
	m := &message.Message{}
	if err == nil {
		err = json.Unmarshal(text, m)
	}
	if err == nil && m.ID != id {
		err = fmt.Errorf("holds message %q", m.ID)
	}
	if err != nil {
		return nil, fmt.Errorf("get message %s from spool: %w: %w", id, ErrCorrupt, err)
	}
	return m, nil
}

// Remove takes a message out. One that is not there is fine. After a power cut it may be back: putting it through
// again must be harmless.
func (s *Spool) Remove(id string) error {
	if !message.ValidID(id) {
		return nil
	}
	s.moves.Lock()
	defer s.moves.Unlock()
	if err := os.Remove(s.path(id, good)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove message %s from spool: %w", id, err)
	}
	s.drop(id, false)
	return nil
}

// Stats says how much waits. It does not touch the disk.
func (s *Spool) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := Stats{Messages: len(s.entries), Bytes: s.bytes, Bad: s.bad}
	if len(s.order) > 0 {
		st.Oldest = s.entries[s.order[0]].at
	}
	return st
}

func (s *Spool) takeStock() error {
	files, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	type found struct {
		id   string
		at   time.Time
		size int64
	}
	var all []found
	for _, f := range files {
		id, isGood := strings.CutSuffix(f.Name(), good)
		switch {
		case strings.HasPrefix(f.Name(), half):
			if err := os.Remove(filepath.Join(s.dir, f.Name())); err != nil {
				return err
			}
		case strings.HasSuffix(f.Name(), bad):
			s.bad++
		case isGood && message.ValidID(id):
			info, err := f.Info()
			if err != nil {
				return err
			}
			all = append(all, found{id, info.ModTime(), info.Size()})
		}
	}
	slices.SortFunc(all, func(a, b found) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return strings.Compare(a.id, b.id)
	})
	for _, f := range all {
		s.add(f.id, entry{at: f.at, size: f.size})
	}
	return nil
}

func (s *Spool) path(id, ending string) string { return filepath.Join(s.dir, id+ending) }
