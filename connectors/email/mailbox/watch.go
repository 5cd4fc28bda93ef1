package mailbox

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// A wire is the TCP connection below TLS. It knows when bytes came last and whether the network failed, and takes no
// deadlines for reading: the IMAP library's are too short for a large mail on a slow line and absent where a server
// never answers, so a watch rules instead.
type wire struct {
	net.Conn
	last   atomic.Int64 // when bytes came last, Unix nanoseconds
	broken atomic.Bool  // reading or writing failed: the network, the server's end, or we closed it
}

func (w *wire) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	if n > 0 {
		w.last.Store(time.Now().UnixNano())
	}
	if err != nil {
		w.broken.Store(true)
	}
	if errors.Is(err, io.EOF) {
		// As it stands, a mail that is cut off would look like one that ends.
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (w *wire) Write(b []byte) (int, error) {
	n, err := w.Conn.Write(b)
	if err != nil {
		w.broken.Store(true)
	}
	return n, err
}

func (w *wire) SetReadDeadline(time.Time) error { return nil }

// abort ends the connection under whoever waits for it, without waiting itself.
func (w *wire) abort() {
	w.broken.Store(true)
	_ = w.Conn.Close()
}

// watch ends the connection when no byte has come for stall, or most has passed, until stop is called. The library
// itself waits without limit.
func (w *wire) watch(stall, most time.Duration) (stop func()) {
	began := time.Now()
	var stopped atomic.Bool
	var timer atomic.Pointer[time.Timer]
	check := func() {
		since := max(began.UnixNano(), w.last.Load())
		quiet := time.Since(time.Unix(0, since))
		switch {
		case stopped.Load():
		case quiet >= stall || time.Since(began) >= most:
			w.abort()
		default:
			timer.Load().Reset(stall - quiet)
		}
	}
	t := time.AfterFunc(time.Hour, check)
	timer.Store(t)
	t.Reset(min(stall, most))
	return func() {
		stopped.Store(true)
		t.Stop()
	}
}
