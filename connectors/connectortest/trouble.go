package connectortest

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// A Trouble is what becomes of the calls that a stand-in gets.
type Trouble struct {
	Down   bool // nobody listens: not one call is let in
	Taken  bool // what a call asks for is done, before its answer goes wrong
	Hang   bool // no answer comes
	Status int  // of the answer; 0 breaks the connection
	After  string
	Body   string
}

// server serves the calls of a stand-in, or lets them suffer.
type server struct {
	calls   http.Handler
	at      string
	stopped chan struct{}
	busy    sync.RWMutex // is held for reading by each call

	mu       sync.Mutex
	up       *http.Server
	door     net.Listener // of up, who may not have begun to listen at it
	trouble  *Trouble
	over     chan struct{} // is closed when the trouble is
	meant    func(*http.Request) bool
	suffered int
}

func (s *server) listen(at string) error {
	l, err := net.Listen("tcp", at)
	if err != nil {
		return err
	}
	up := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	s.at, s.up, s.door = l.Addr().String(), up, l
	go func() { _ = up.Serve(l) }() // until it is closed
	return nil
}

func (s *server) stop() {
	close(s.stopped)
	s.mu.Lock()
	if s.up != nil {
		_ = s.up.Close() // nobody is left who could mind
	}
	s.mu.Unlock()
	s.busy.Lock()
	defer s.busy.Unlock()
}

// Suffer lets calls suffer from a trouble until Recover: those for which meant is true, or all where it is nil. Those that are being
// answered now break off.
func (s *server) Suffer(t Trouble, meant func(*http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble, s.meant, s.over, s.suffered = &t, meant, make(chan struct{}), 0
	_ = s.up.Close() // whoever was connected is told by that
	_ = s.door.Close()
	s.up = nil
	if !t.Down {
		s.listenAgain()
	}
}

// Recover ends the trouble that there is. Calls that hang break off.
func (s *server) Recover() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.trouble == nil {
		return
	}
	s.trouble = nil
	close(s.over)
	if s.up == nil {
		s.listenAgain()
	}
}

// listenAgain takes the same port, which somebody may have for an instant.
func (s *server) listenAgain() {
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		err := s.listen(s.at)
		if err == nil {
			return
		}
		if time.Now().After(end) {
			panic(fmt.Errorf("listen again: %w", err))
		}
	}
}

// Suffered tells how many calls the last trouble befell. Of those that found nobody it knows nothing.
func (s *server) Suffered() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.suffered
}

// ServeHTTP gives a call to the stand-in, or what goes wrong with it.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.busy.RLock()
	defer s.busy.RUnlock()
	s.mu.Lock()
	t, over := s.trouble, s.over
	if t != nil && s.meant != nil && !s.meant(r) {
		t = nil
	}
	if t != nil {
		s.suffered++
	}
	s.mu.Unlock()
	if t == nil {
		s.calls.ServeHTTP(w, r)
		return
	}
	if t.Taken {
		Lose(s.calls.ServeHTTP, r)
	} else {
		_, _ = io.Copy(io.Discard, r.Body) // whoever asked may go away
	}
	if t.Hang {
		select {
		case <-r.Context().Done():
		case <-over:
		case <-s.stopped:
		}
	}
	if t.Status == 0 {
		Break()
	}
	if t.After != "" {
		w.Header().Set("Retry-After", t.After)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(t.Status)
	_, _ = io.WriteString(w, t.Body) // whoever asked may go away
}
