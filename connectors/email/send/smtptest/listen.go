package smtptest

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
)

// A listener counts connections, and does on the wire what go-smtp cannot be told to.
type listener struct {
	net.Listener
	sink   *Sink
	config *tls.Config // of implicit TLS
}

func (l *listener) Accept() (net.Conn, error) {
	inner, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	conn := inner
	if l.config != nil {
		conn = tls.Server(inner, l.config)
	}
	c := &tapped{Conn: conn, sink: l.sink}
	l.sink.mu.Lock()
	l.sink.opened++
	l.sink.open[c] = true
	l.sink.mu.Unlock()
	return c, nil
}

// tapped is a connection of which some answers are changed on their way out.
type tapped struct {
	net.Conn
	sink *Sink
}

func (t *tapped) Write(p []byte) (int, error) {
	var stage Stage
	switch {
	case bytes.HasPrefix(p, []byte("220 ")) && bytes.Contains(p, []byte("ESMTP")):
		stage = Banner
	case bytes.HasPrefix(p, []byte("354 ")):
		stage = Data
	case t.sink.options.No8BitMIME && bytes.HasPrefix(p, []byte("250-8BITMIME")):
		return len(p), nil
	}
	if stage != "" {
		if f := t.sink.next(stage, ""); f != nil {
			return len(p), t.fail(f)
		}
	}
	return t.Conn.Write(p)
}

func (t *tapped) fail(f *Fault) error {
	if f.Hang {
		<-t.sink.done
	}
	if f.Code != 0 {
		_, _ = fmt.Fprintf(t.Conn, "%d %s\r\n", f.Code, f.Text)
	}
	_ = t.Close()
	return errDropped
}

func (t *tapped) Close() error {
	t.sink.mu.Lock()
	delete(t.sink.open, t)
	t.sink.mu.Unlock()
	return t.Conn.Close()
}
