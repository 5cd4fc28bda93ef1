package spool

import "time"

// The index mirrors the directory, so that List and Stats cost nothing at every /readyz. order grows at its end and
// loses its head; turn tells where in it an entry stands.

// since is when the message came, now if it did not yet. It is sure when it is on the disk beyond doubt: a file that a
// process before left may be torn.
func (s *Spool) since(id string) (at time.Time, sure bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.entries[id]; ok {
		return e.at, e.sure
	}
	return time.Now(), false
}

// add enters a message. One that is there keeps its place.
func (s *Spool) add(id string, e entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, ok := s.entries[id]; ok {
		s.bytes -= old.size
		e.at, e.turn = old.at, old.turn
	} else {
		e.turn = s.gone + len(s.order)
		s.order = append(s.order, id)
	}
	s.entries[id] = e
	s.bytes += e.size
}

// drop forgets the message, and counts it when its file was moved aside.
func (s *Spool) drop(id string, isBad bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.entries[id]
	if !ok {
		return
	}
	delete(s.entries, id)
	s.bytes -= e.size
	if isBad {
		s.bad++
	}
	for len(s.order) > 0 && !s.current(0, s.order[0]) {
		s.order = s.order[1:]
		s.gone++
	}
	if len(s.order) > 2*len(s.entries)+1024 {
		s.compact()
	}
}

// compact keeps one message that never goes from holding the place of all that went after it.
func (s *Spool) compact() {
	var order []string
	for i, id := range s.order {
		if !s.current(i, id) {
			continue
		}
		e := s.entries[id]
		e.turn = len(order)
		// The entry was looked at already, so its new turn cannot be taken for another's.
		s.entries[id] = e
		order = append(order, id)
	}
	s.order, s.gone = order, 0
}

// current tells whether the message of that id stands at position i of order.
func (s *Spool) current(i int, id string) bool {
	e, ok := s.entries[id]
	return ok && e.turn == s.gone+i
}
