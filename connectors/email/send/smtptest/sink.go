// Package smtptest is an SMTP server for tests: it keeps the mails that it is handed, and fails where it is told to.
package smtptest

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// Security is how a connection gets its TLS.
type Security int

// The kinds of connection.
const (
	Implicit Security = iota // smtps: TLS from the first byte
	StartTLS                 // faults at Banner and Data, and No8BitMIME, are not to be had here
	Clear                    // none
)

// Options say what the server is like. The zero value has TLS and wants no password.
type Options struct {
	Security Security
	// User and Password are wanted when User is set; with the mechanism XOAUTH2 the password is the access token.
	User, Password string
	Mechanisms     []string // of PLAIN, LOGIN and XOAUTH2; empty is the first two
	MaxBytes       int64    // announced as SIZE; 0 announces no limit
	UTF8           bool     // announces SMTPUTF8
	No8BitMIME     bool     // does not announce 8BITMIME
}

// A Mail is what the server was handed.
type Mail struct {
	From string
	To   []string
	Data []byte // with CRLF line ends

	Hello    string // the name the client gave itself
	User     string // who was logged in
	Size     int64  // what the client announced
	UTF8     bool   // the client asked for SMTPUTF8
	EightBit bool   // the client announced 8-bit bodies
}

// A Sink is the server. Its methods may be called concurrently.
type Sink struct {
	options Options
	address string
	ca      string
	done    chan struct{}

	mu      sync.Mutex
	changed chan struct{} // closed when a mail comes or a fault happens
	mails   []Mail
	faults  []*planned
	failing int // how many faults happened
	opened  int
	open    map[net.Conn]bool
}

// Start runs a server on a free port of the loopback until the test ends.
func Start(tb testing.TB, o Options) *Sink {
	tb.Helper()
	if len(o.Mechanisms) == 0 {
		o.Mechanisms = []string{"PLAIN", "LOGIN"}
	}
	s := &Sink{options: o, done: make(chan struct{}), changed: make(chan struct{}), open: map[net.Conn]bool{}}
	certificate, ca := certificates(tb)
	s.ca = ca
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s.address = inner.Addr().String()
	l := &listener{Listener: inner, sink: s}
	if o.Security == Implicit {
		l.config = config
	}
	server := smtp.NewServer(smtp.BackendFunc(s.session))
	server.Domain = "sink.example"
	server.ErrorLog = log.New(io.Discard, "", 0)
	server.EnableSMTPUTF8 = o.UTF8
	server.MaxMessageBytes = o.MaxBytes
	server.AllowInsecureAuth = o.Security != StartTLS
	if o.Security == StartTLS {
		server.TLSConfig = config
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(l)
	}()
	tb.Cleanup(func() {
		close(s.done)
		_ = server.Close()
		_ = inner.Close() // Serve may not have told the server of it yet
		<-served
		s.DropAll()
	})
	return s
}

// URL is the server's, with user and password.
func (s *Sink) URL() string {
	u := url.URL{Scheme: "smtps", Host: s.address}
	if s.options.Security != Implicit {
		u.Scheme = "smtp"
	}
	if s.options.User != "" {
		u.User = url.UserPassword(s.options.User, s.options.Password)
	}
	return u.String()
}

// CA is a file with the certificate of the authority that signed the server's.
func (s *Sink) CA() string { return s.ca }

// Mails gives what was taken so far, oldest first.
func (s *Sink) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// Wait gives the mails as soon as there are n, and fails the test when that takes ten seconds.
func (s *Sink) Wait(tb testing.TB, n int) []Mail {
	tb.Helper()
	s.wait(tb, fmt.Sprintf("%d mails", n), func() bool { return len(s.mails) >= n })
	return s.Mails()
}

func (s *Sink) wait(tb testing.TB, what string, there func() bool) {
	tb.Helper()
	late := time.After(time.Minute) // a busy machine is slow
	for {
		s.mu.Lock()
		ok, changed := there(), s.changed
		s.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-late:
			tb.Fatalf("waited too long for %s", what)
		}
	}
}

// Connections tells how many connections were made to the server.
func (s *Sink) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened
}

// Open tells how many connections there are now.
func (s *Sink) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// DropAll cuts every connection.
func (s *Sink) DropAll() {
	s.mu.Lock()
	open := slices.Collect(maps.Keys(s.open))
	s.mu.Unlock()
	for _, c := range open {
		_ = c.Close()
	}
}

func (s *Sink) keep(m Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, m)
	s.signal()
}

// signal wakes who waits. s.mu is held.
func (s *Sink) signal() {
	close(s.changed)
	s.changed = make(chan struct{})
}
