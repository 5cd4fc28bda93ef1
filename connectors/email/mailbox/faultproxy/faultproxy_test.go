package faultproxy_test

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"loket/connectors/email/mailbox/faultproxy"
)

// speaker is a server that says n bytes to everybody, then waits for the end.
func speaker(t *testing.T, n int) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = c.Write(make([]byte, n))
				_, _ = io.Copy(io.Discard, c)
			}()
		}
	}()
	return l.Addr().String()
}

func TestFaultsBefallConnections(t *testing.T) {
	faults := []faultproxy.Fault{{}, {Kind: faultproxy.Cut, After: 1000}, {Kind: faultproxy.Stall, After: 2000}, {Kind: faultproxy.Reset, After: 0}}
	p := faultproxy.Start(t, speaker(t, 100_000), func(n int) faultproxy.Fault { return faults[n] })
	read := func(want int) (int, error) {
		c, err := net.Dial("tcp", p.Addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		return io.ReadAtLeast(c, make([]byte, 200_000), want)
	}
	if n, err := read(100_000); n != 100_000 || err != nil {
		t.Errorf("no fault: %d bytes, %v", n, err)
	}
	if n, err := read(100_000); n != 1000 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut: %d bytes, %v, want 1000 and the end", n, err)
	}
	if n, err := read(100_000); n != 2000 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("stall: %d bytes, %v, want 2000 and nothing more", n, err)
	}
	if n, err := read(100_000); n != 0 || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("reset: %d bytes, %v, want a reset", n, err)
	}
	if got := p.Connections(); got != 4 {
		t.Errorf("%d connections counted, want 4", got)
	}
}
