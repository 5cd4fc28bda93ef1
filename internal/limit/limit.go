// Package limit bounds what one client may do: how often, and how much at the same time.
package limit

import (
	"math"
	"net/netip"
	"sync"
	"time"
)

// A Limiter allows each client address so many requests a minute, all at once if it likes. A bucket that was left
// alone for a minute is full again, so forgetting it changes nothing: that keeps memory bounded, with two
// generations of buckets and no goroutine. Its methods may be called concurrently.
type Limiter struct {
	perMinute float64
	now       func() time.Time

	mu         sync.Mutex
	young, old map[netip.Prefix]bucket
	turned     time.Time
}

type bucket struct {
	left float64
	at   time.Time
}

// maxBuckets bounds a generation. Whoever comes from more addresses than this within a minute is let through:
// what they fill is bounded elsewhere, and refusing customers would do their work.
const maxBuckets = 50_000

// New allows perMinute requests a minute; 0 or less is no limit. now is the clock.
func New(perMinute int, now func() time.Time) *Limiter {
	return &Limiter{perMinute: float64(perMinute), now: now, young: map[netip.Prefix]bucket{}, turned: now()}
}

// Take takes one request of the client at addr, host:port. It gives 0, or how long to wait before the next try.
func (l *Limiter) Take(addr string) time.Duration {
	if l.perMinute <= 0 {
		return 0
	}
	client := Network(addr)
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucket(client)
	wait := l.wait(b)
	if wait == 0 {
		b.left--
	}
	l.young[client] = b
	return wait
}

// Wait is how long the client at addr would have to wait before Take gives 0. It takes nothing.
func (l *Limiter) Wait(addr string) time.Duration {
	if l.perMinute <= 0 {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.wait(l.bucket(Network(addr)))
}

// bucket is what a client has left now.
func (l *Limiter) bucket(client netip.Prefix) bucket {
	now := l.now()
	l.turn(now)
	b, ok := l.young[client]
	if !ok {
		b, ok = l.old[client]
	}
	if !ok {
		b = bucket{left: l.perMinute, at: now}
	}
	b.left = min(l.perMinute, b.left+now.Sub(b.at).Minutes()*l.perMinute)
	b.at = now
	return b
}

func (l *Limiter) wait(b bucket) time.Duration {
	if b.left >= 1 {
		return 0
	}
	return time.Duration(math.Ceil((1 - b.left) / l.perMinute * float64(time.Minute)))
}

func (l *Limiter) turn(now time.Time) {
	if now.Sub(l.turned) < time.Minute && len(l.young) < maxBuckets {
		return
	}
	if now.Sub(l.turned) >= 2*time.Minute {
		l.young = nil
	}
	l.old, l.young, l.turned = l.young, map[netip.Prefix]bucket{}, now
}

// Network is what counts as one client: an IPv4 address, or an IPv6 network of 64 bits, of which one household
// has all addresses. What is not an address is one client.
func Network(addr string) netip.Prefix {
	ap, err := netip.ParseAddrPort(addr)
	if err != nil {
		return netip.Prefix{}
	}
	ip := ap.Addr().Unmap().WithZone("")
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	p, _ := ip.Prefix(bits)
	return p
}
