package send

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// A wire is the connection to a server. Each step on it has a deadline and a bound of what the server may say.
type wire struct {
	net.Conn
	timeout time.Duration

	mu     sync.Mutex
	isCut  bool
	credit int // bytes that may still be read in this step
}

// maxAnswer is what a server may send for one step, certificates included.
const maxAnswer = 256 << 10

var errTalkative = errors.New("the server says too much")

// step gives the next step its time: timeout, or what is left of ctx when that is less; all of that when patient.
func (w *wire) step(ctx context.Context, patient bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.credit = maxAnswer
	if w.isCut {
		return
	}
	until := time.Now().Add(w.timeout)
	end, ends := ctx.Deadline()
	if patient {
		until = time.Now().Add(finalTimeout)
	}
	if ends && end.Before(until) {
		until = end
	}
	_ = w.SetDeadline(until)
}

// cut ends the step that is under way and every one that follows.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isCut = true
	_ = w.SetDeadline(time.Unix(1, 0))
}

// Read reads at most what the step has credit for.
func (w *wire) Read(p []byte) (int, error) {
	w.mu.Lock()
	credit := w.credit
	w.mu.Unlock()
	if credit <= 0 {
		return 0, errTalkative
	}
	n, err := w.Conn.Read(p[:min(len(p), credit)])
	w.mu.Lock()
	w.credit -= n
	w.mu.Unlock()
	return n, err
}
