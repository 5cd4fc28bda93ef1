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
	// read gives how many of want bytes come, and what ends the connection; brief when nothing more is expected.
	read := func(want int, brief bool) (int, error) {
		c, err := net.Dial("tcp", p.Addr)
		if err != nil {
			return 0, err
		}
		defer c.Close()
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, err := io.ReadFull(c, make([]byte, want))
		if err != nil || !brief {
			return n, err
		}
		_ = c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		more, err := c.Read(make([]byte, 1))
		return n + more, err
	}
	if n, err := read(100_000, false); n != 100_000 || err != nil {
		t.Errorf("no fault: %d bytes, %v", n, err)
	}
	if n, err := read(100_000, false); n != 1000 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut: %d bytes, %v, want 1000 and the end", n, err)
	}
	if n, err := read(2000, true); n != 2000 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("stall: %d bytes, %v, want 2000 and nothing more", n, err)
	}
	if n, err := read(100_000, false); n != 0 || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("reset: %d bytes, %v, want a reset", n, err)
	}
	if got := p.Connections(); got != 4 {
		t.Errorf("%d connections counted, want 4", got)
	}
}
