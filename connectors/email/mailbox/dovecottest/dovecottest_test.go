package dovecottest_test

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"loket/connectors/email/mailbox/dovecottest"
)

func TestServerStartsAndRestarts(t *testing.T) {
	began := time.Now()
	s := dovecottest.Start(t)
	t.Logf("started in %s", time.Since(began))
	s.Deliver("anna", "INBOX", []byte("Subject: hello\r\n\r\nhello\r\n"))
	s.Deliver("anna", "Junk", []byte("Subject: buy\r\n\r\nbuy\r\n"))
	began = time.Now()
	s.Restart()
	t.Logf("restarted in %s", time.Since(began))
	for _, folder := range []string{"INBOX", "Junk"} {
		if got := len(s.Files("anna", folder)); got != 1 {
			t.Errorf("%d mails in %s, want 1", got, folder)
		}
	}
}

// While another process has one of its ports, the server does not come up; it does once the port is free, at the same address.
func TestServerRestartsOncePortIsFree(t *testing.T) {
	s := dovecottest.Start(t)
	addr := s.TLSAddr
	s.Kill()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	var freed atomic.Bool
	go func() {
		for !strings.Contains(s.Log(), "Address already in use") && t.Context().Err() == nil {
			time.Sleep(time.Millisecond)
		}
		freed.Store(true)
		l.Close()
	}()
	s.Restart()
	if !freed.Load() || s.TLSAddr != addr {
		t.Errorf("the server came up at %s while somebody else listened at %s", s.TLSAddr, addr)
	}
}
