package api

import (
	"crypto/sha256"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"loket/internal/limit"
	"loket/internal/loopback"
)

const (
	// wrongPerMinute is how many wrong tokens one address may try in a minute.
	wrongPerMinute = 10
	// beyondGuessing is how long a token is that nobody finds by trying.
	beyondGuessing = 32
	// maxKnown bounds what is remembered of tokens that were right.
	maxKnown = 10_000
	// toldEvery is how often the log tells of wrong tokens.
	toldEvery = time.Hour
)

// A door keeps out who came by a name that is not ours, and slows who tries tokens. While an address is slowed, a token
// that could be guessed is not even looked at there, unless it was right from there before: so a guess tells nothing, and
// nobody is locked out by a neighbour behind the same address.
type door struct {
	names loopback.Names
	tries *limit.Limiter

	mu    sync.Mutex
	known map[visitor]bool
	told  time.Time
}

type visitor struct {
	from  netip.Prefix
	token [sha256.Size]byte
}

func newDoor(names []string) *door {
	return &door{names: loopback.NewNames(names), tries: limit.New(wrongPerMinute, time.Now), known: map[visitor]bool{}}
}

// answersTo tells whether the desk is reached by this Host. A page of another site can give its own name the address of
// this machine, and then asks by that name; an address, or localhost, it cannot be.
func (d *door) answersTo(host string) bool {
	return isAddress(host) || d.names.Has(host)
}

// isAddress tells whether a Host is an IP address, or was not given.
func isAddress(host string) bool {
	plain := loopback.Plain(host)
	_, err := netip.ParseAddr(plain)
	return err == nil || plain == ""
}

// wait is how long the client at addr must wait before their token is looked at, or told to be wrong; 0 when they need not.
func (d *door) wait(addr, token string, right, local bool) time.Duration {
	switch {
	case token == "":
		return 0
	case !right:
		return d.tries.Take(addr)
	case local || len(token) >= beyondGuessing:
		return 0
	}
	v := visitor{limit.Network(addr), sha256.Sum256([]byte(token))}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known[v] {
		return 0
	}
	if wait := d.tries.Wait(addr); wait > 0 {
		return wait
	}
	if len(d.known) >= maxKnown {
		clear(d.known)
	}
	d.known[v] = true
	return 0
}

// tell tells now and then that somebody tries tokens. Whoever it is stands below info only.
func (d *door) tell(log *zap.Logger, addr string) {
	log.Debug("wrong tokens are slowed", zap.String("address", addr))
	d.mu.Lock()
	defer d.mu.Unlock()
	if now := time.Now(); now.Sub(d.told) >= toldEvery {
		d.told = now
		log.Warn("somebody tries wrong tokens and is slowed; told once an hour at most")
	}
}

// isOpen tells whether this machine itself may look at path without a token.
func isOpen(path string) bool {
	switch path {
	case "/metrics", "/healthz", "/readyz", "/openapi.yaml":
		return true
	}
	return false
}

// isLocal tells whether a program on this machine asks, on its own account. A proxy asks for others, and says so in one
// header or another; a browser shows it pages of others.
func isLocal(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !from.Addr().Unmap().IsLoopback() {
		return false
	}
	for h := range r.Header {
		if strings.HasPrefix(h, "X-Forwarded-") || h == "Forwarded" || h == "Via" || h == "X-Real-Ip" {
			return false
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
	default:
		return false
	}
	return isAddress(r.Host) || loopback.Plain(r.Host) == "localhost"
}
