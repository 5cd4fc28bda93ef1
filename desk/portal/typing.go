package portal

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// typing takes from a page that its customer is writing. It is said while they do, and kept for some seconds only.
func (p *Portal) typing(w http.ResponseWriter, r *http.Request, id string) {
	if r.Method != http.MethodPost {
		p.wrongMethod(w, r, "POST")
		return
	}
	if wait := p.reads.Take(r.RemoteAddr); wait > 0 {
		p.refuse(w, r, tooMany(wait))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readTimeout)
	defer cancel()
	if th, err := p.threads.Find(ctx, id); err == nil {
		_ = p.types(ctx, th) // what is not told now is told by the next key
	}
	w.WriteHeader(http.StatusNoContent)
}

const (
	// askEvery is how old what is known of who writes may be.
	askEvery = 2 * time.Second
	askFor   = time.Second
)

// typists knows in which tasks one of us is writing: it asks once for all streams.
type typists struct {
	ask func(ctx context.Context) (map[string]bool, error)
	now func() time.Time

	mu      sync.Mutex
	writing map[string]bool
	asked   time.Time
}

// in tells whether one of us writes in a task. What can't be read now is as it was.
func (t *typists) in(ctx context.Context, task string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := t.now(); now.Sub(t.asked) >= askEvery {
		t.asked = now
		ctx, cancel := context.WithTimeout(ctx, askFor)
		defer cancel()
		if writing, err := t.ask(ctx); err == nil {
			t.writing = writing
		}
	}
	return t.writing[task]
}

// tellTyping tells a page that wants to know whether one of us is writing, when that is another than was told last.
func (s *stream) tellTyping(ctx context.Context, task string) error {
	writing := s.typing && s.p.typists.in(ctx, task)
	if writing == s.writing {
		return nil
	}
	s.writing = writing
	if writing {
		return s.send("event: typing\ndata: yes\n\n")
	}
	return s.send("event: typing\ndata: no\n\n")
}
