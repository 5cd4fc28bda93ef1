package limit

import (
	"errors"
	"io"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"
)

// Why a body is not read on. What was refused for the first reason may be sent again soon.
var (
	ErrBusy = errors.New("too much is being read at the same time")
	ErrSlow = errors.New("the body comes too slowly")
)

const (
	// AtOnce is how many bodies of one client are read at the same time; more of them wait.
	AtOnce = 32
	// share and total bound what bodies hold in memory: those of one client, and all. What is small counts for neither,
	// so that those who fill them keep no webhook out; a body that is the only one may be as large as its reader takes.
	share = 32 << 20
	total = 128 << 20
	small = 64 << 10
	// onDisk is how much of a body stays in memory that goes to disk as it comes.
	onDisk = 4 << 20

	// A body has slack, and a second for each rate bytes that came.
	slack = 10 * time.Second
	rate  = 32 << 10
	// drained is how much of what nobody wanted to read is read away, so that its sender hears the answer.
	drained = 32 << 20
)

// Bodies bounds what clients send us at the same time, whatever it is for: each has a share. Its methods may be called
// concurrently.
type Bodies struct {
	mu   sync.Mutex
	of   map[netip.Prefix]*client
	held int64
	open int
}

type client struct {
	slots chan struct{}
	held  int64
	open  int
}

// NewBodies gives one that nobody has sent anything.
func NewBodies() *Bodies { return &Bodies{of: map[netip.Prefix]*client{}} }

// Open puts a Body in the place of r's, for the client at r.RemoteAddr, host:port. Close must be called when the request
// is dealt with, after it was answered. A request that has no body is left as it is.
func (b *Bodies) Open(w http.ResponseWriter, r *http.Request) (done func()) {
	if r.Body == nil || r.Body == http.NoBody {
		return func() {}
	}
	body := &Body{all: b, r: r.Body, control: http.NewResponseController(w), address: Network(r.RemoteAddr), counts: onDisk}
	if strings.Contains(strings.ToLower(r.Header.Get("Content-Type")), "json") {
		body.counts = 1 << 62 // it is read whole
	}
	body.waits = r.Header.Get("Expect") != ""
	body.client = b.enter(body.address)
	body.setDeadline(time.Now())
	r.Body = body
	return body.done
}

// A Body is one that is being read. Read gives ErrBusy and ErrSlow besides what the connection gives.
type Body struct {
	all     *Bodies
	r       io.ReadCloser
	control *http.ResponseController
	address netip.Prefix
	client  *client
	counts  int64         // at most so much of it is in memory
	within  time.Duration // 0 is as long as its size takes
	waits   bool          // its sender does, until we read

	begun time.Time // zero before anything was read
	slot  bool
	read  int64
	held  int64
	err   error // that ended it
}

// Hurry gives the body of r so long to come, whatever its size.
func Hurry(r *http.Request, within time.Duration) {
	if b, ok := r.Body.(*Body); ok {
		b.within = within
	}
}

// Whole says that all of the body of r is kept in memory, whatever its sender calls it.
func Whole(r *http.Request) {
	if b, ok := r.Body.(*Body); ok {
		b.counts = 1 << 62
	}
}

func (b *Body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if b.begun.IsZero() {
		if !b.client.wait() {
			b.err = ErrBusy
			return 0, b.err
		}
		b.slot, b.begun = true, time.Now()
	}
	n, err := b.next(p)
	if err == nil && !b.all.hold(b, n) {
		n, err = 0, ErrBusy
	}
	if err != nil {
		b.err = err
		b.leaveSlot()
	}
	return n, err
}

// next reads what comes before the deadline.
func (b *Body) next(p []byte) (int, error) {
	b.setDeadline(b.begun)
	n, err := b.r.Read(p)
	b.read += int64(n)
	switch {
	case errors.Is(err, io.EOF):
		_ = b.control.SetReadDeadline(time.Time{}) // who waits for the answer may wait
	case errors.Is(err, os.ErrDeadlineExceeded), err == nil && b.within > 0 && time.Since(b.begun) > b.within:
		return n, ErrSlow
	}
	return n, err
}

func (b *Body) setDeadline(from time.Time) {
	allowed := slack + time.Duration(b.read/rate)*time.Second
	if b.within > 0 {
		allowed = min(allowed, b.within)
	}
	_ = b.control.SetReadDeadline(from.Add(allowed)) // a connection that knows no deadlines does without
}

// Close closes the body below.
func (b *Body) Close() error { return b.r.Close() }

// done gives back what was held. What was not read is read away: who is still sending hears no answer.
func (b *Body) done() {
	b.leaveSlot()
	b.all.leave(b)
	if errors.Is(b.err, io.EOF) || errors.Is(b.err, ErrSlow) || b.waits && b.begun.IsZero() {
		return
	}
	b.begun, b.read = time.Now(), 0 // what came before gives it no time now
	_, _ = io.CopyN(io.Discard, rest{b}, drained)
}

// rest reads what nobody wanted, within a time of its own.
type rest struct{ *Body }

func (r rest) Read(p []byte) (int, error) { return r.next(p) }

func (b *Body) leaveSlot() {
	if b.slot {
		b.slot = false
		<-b.client.slots
	}
}

// wait waits for one of the client's slots.
func (c *client) wait() bool {
	select {
	case c.slots <- struct{}{}:
		return true
	default:
	}
	timer := time.NewTimer(slack)
	defer timer.Stop()
	select {
	case c.slots <- struct{}{}:
		return true
	case <-timer.C:
		return false
	}
}

func (b *Bodies) enter(address netip.Prefix) *client {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.of[address]
	if c == nil {
		c = &client{slots: make(chan struct{}, AtOnce)}
		b.of[address] = c
	}
	c.open++
	b.open++
	return c
}

func (b *Bodies) leave(body *Body) {
	b.mu.Lock()
	defer b.mu.Unlock()
	body.client.held -= body.held
	b.held -= body.held
	body.held = 0
	b.open--
	if body.client.open--; body.client.open == 0 {
		delete(b.of, body.address)
	}
}

// hold counts the last n bytes of a body, unless there is no room for them.
func (b *Bodies) hold(body *Body, n int) bool {
	more := max(0, min(body.read, body.counts)-small) - body.held
	if more <= 0 {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	c := body.client
	if c.held+more > share && c.open > 1 || b.held+more > total && b.open > 1 {
		return false
	}
	body.held += more
	c.held += more
	b.held += more
	return true
}
