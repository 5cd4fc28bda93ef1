// Package faultproxy is a TCP proxy for tests that breaks connections on purpose.
package faultproxy

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A Kind is how a connection breaks.
type Kind int

// What may befall a connection.
const (
	None  Kind = iota
	Cut        // it ends, in order as TCP sees it
	Reset      // it ends with a reset: what was sent but not read is lost
	Stall      // nothing passes any more, in either direction, and nobody is told
)

// A Fault is what befalls one connection once After bytes have come from the server.
type Fault struct {
	Kind  Kind
	After int64
}

// A Proxy passes connections on. Its methods may be called concurrently.
type Proxy struct {
	Addr string // where it listens: host:port

	upstream string
	plan     func(n int) Fault
	listener net.Listener
	serving  sync.WaitGroup

	mu    sync.Mutex
	count int
	conns map[*link]bool
	shut  bool
}

// A link is one connection from client to server.
type link struct {
	client, server *net.TCPConn
	ended          chan struct{}
	once           sync.Once
}

// Start starts a proxy before upstream (host:port) that ends with the test. plan is asked what befalls the nth
// connection, from 0; nil breaks none.
func Start(tb testing.TB, upstream string, plan func(n int) Fault) *Proxy {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	if plan == nil {
		plan = func(int) Fault { return Fault{} }
	}
	p := &Proxy{Addr: l.Addr().String(), upstream: upstream, plan: plan, listener: l, conns: map[*link]bool{}}
	p.serving.Go(p.accept)
	tb.Cleanup(p.close)
	return p
}

// Connections is how many came so far.
func (p *Proxy) Connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count
}

// CutAll resets every connection there is.
func (p *Proxy) CutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for k := range p.conns {
		k.end(true)
	}
}

func (p *Proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	p.shut = true
	p.mu.Unlock()
	p.CutAll()
	p.serving.Wait()
}

func (p *Proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.serving.Go(func() { p.serve(c.(*net.TCPConn)) })
	}
}

func (p *Proxy) serve(client *net.TCPConn) {
	server, err := net.DialTimeout("tcp", p.upstream, 10*time.Second)
	if err != nil {
		_ = client.Close()
		return
	}
	k := &link{client: client, server: server.(*net.TCPConn), ended: make(chan struct{})}
	n, ok := p.enter(k)
	if !ok {
		k.end(false)
		return
	}
	defer p.leave(k)
	fault := p.plan(n)
	var stalled atomic.Bool
	var up sync.WaitGroup
	up.Go(func() {
		k.pass(server, client, -1, &stalled)
		if !stalled.Load() {
			k.end(false)
		}
	})
	defer up.Wait()
	after := int64(-1)
	if fault.Kind != None {
		after = fault.After
	}
	if !k.pass(client, server, after, &stalled) {
		k.end(false)
		return
	}
	if fault.Kind == Stall {
		stalled.Store(true)
		<-k.ended
		return
	}
	k.end(fault.Kind == Reset)
}

func (p *Proxy) enter(k *link) (n int, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n = p.count
	p.count++
	p.conns[k] = true
	return n, !p.shut
}

func (p *Proxy) leave(k *link) {
	k.end(false)
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, k)
}

// pass copies until after bytes have passed (negative: no end), which it tells, or a side ends.
func (k *link) pass(to, from net.Conn, after int64, stalled *atomic.Bool) (full bool) {
	buf := make([]byte, 32<<10)
	for after != 0 {
		part := buf
		if after > 0 && after < int64(len(part)) {
			part = part[:after]
		}
		n, err := from.Read(part)
		if stalled.Load() {
			// Swallowed; the end of the client still ends the link.
			if err != nil {
				k.end(false)
				return false
			}
			continue
		}
		if n > 0 {
			if _, werr := to.Write(part[:n]); werr != nil {
				return false
			}
			if after > 0 {
				after -= int64(n)
			}
		}
		if err != nil {
			return false
		}
	}
	return true
}

func (k *link) end(reset bool) {
	k.once.Do(func() {
		if reset {
			_ = k.client.SetLinger(0)
		}
		_ = k.client.Close()
		_ = k.server.Close()
		close(k.ended)
	})
}
