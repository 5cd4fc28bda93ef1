package mailbox

import (
	"errors"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// strays are FETCH responses that the library could not match to the command they answer: it knows a response by its
// UID and only the first of each, so one that names its UID behind the body, or comes in two pieces, is nobody's.
// Without this such mails would be missing, with no error.
type strays struct {
	mu     sync.Mutex
	busy   int           // responses being read
	free   chan struct{} // closed when none is; nil while nobody waits
	want   *expected
	found  map[uint32]body
	absurd bool
}

// expected is what the command that runs asked for.
type expected struct {
	section *imap.FetchItemBodySection
	limit   func(uid uint32) int64
	broke   func(error) // called when a body cannot be read
}

// expect forgets what was found and sets what is looked for, nil for nothing.
func (s *strays) expect(want *expected) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.want, s.found, s.absurd = want, nil, false
}

// take reads one response. The library calls it in a goroutine and reads on when the body has been consumed, so when
// a command has ended, take has begun for every body that came before.
func (s *strays) take(msg *imapclient.FetchMessageData) {
	s.mu.Lock()
	s.busy++
	want := s.want
	s.mu.Unlock()
	var uid uint32
	var b body
	var err error
	if want != nil {
		if uid, b, err = collect(msg, want.section, want.limit); err != nil {
			want.broke(err)
		}
	}
	for msg.Next() != nil {
		continue // to its end, or the library waits for ever
	}
	s.done(want, uid, b, errors.Is(err, errAbsurd))
}

func (s *strays) done(want *expected, uid uint32, b body, absurd bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.want == want && want != nil {
		if uid != 0 && b.came {
			if s.found == nil {
				s.found = map[uint32]body{}
			}
			s.found[uid] = b
		}
		s.absurd = s.absurd || absurd
	}
	s.busy--
	if s.busy == 0 && s.free != nil {
		close(s.free)
		s.free = nil
	}
}

// collect gives what was found since expect, when nothing is being read any more.
func (s *strays) collect() map[uint32]body {
	s.wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.found
	s.found = nil
	return found
}

func (s *strays) sawAbsurd() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.absurd
}

// wait returns when nothing is being read.
func (s *strays) wait() {
	s.mu.Lock()
	if s.busy == 0 {
		s.mu.Unlock()
		return
	}
	if s.free == nil {
		s.free = make(chan struct{})
	}
	free := s.free
	s.mu.Unlock()
	<-free
}
