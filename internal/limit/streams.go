package limit

import (
	"net/netip"
	"sync"
)

// Streams bounds how many answers that go on for long are open at the same time: for each client address, and in all. Its methods may be
// called concurrently.
type Streams struct {
	each, all int

	mu   sync.Mutex
	open int
	of   map[netip.Prefix]int
}

// NewStreams allows each client address so many, and all of them together so many.
func NewStreams(each, all int) *Streams {
	return &Streams{each: each, all: all, of: map[netip.Prefix]int{}}
}

// Enter opens one for the client at addr, host:port, and tells whether it may. If so, leave must be called once when it is over.
func (s *Streams) Enter(addr string) (leave func(), ok bool) {
	client := Network(addr)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open >= s.all || s.of[client] >= s.each {
		return nil, false
	}
	s.open++
	s.of[client]++
	return func() { s.leave(client) }, true
}

func (s *Streams) leave(client netip.Prefix) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
	if s.of[client]--; s.of[client] == 0 {
		delete(s.of, client)
	}
}
