package limit

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Client is host:port of whoever asks. A trusted peer is a proxy, and says whom it speaks for in
// X-Forwarded-For: the last address there that is not itself a trusted proxy. What stands before that one was
// written by the client and proves nothing.
func Client(r *http.Request, trusted []netip.Prefix) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !isTrusted(peer.Addr(), trusted) {
		return r.RemoteAddr
	}
	client := peer
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		addr, ok := parseHop(strings.TrimSpace(hop))
		if !ok {
			break
		}
		client = addr
		if !isTrusted(addr.Addr(), trusted) {
			break
		}
	}
	return client.String()
}

func isTrusted(addr netip.Addr, trusted []netip.Prefix) bool {
	addr = addr.Unmap().WithZone("")
	return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// parseHop reads an address, which some proxies give with its port.
func parseHop(s string) (netip.AddrPort, bool) {
	if addr, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return netip.AddrPortFrom(addr.Unmap(), 0), true
	}
	ap, err := netip.ParseAddrPort(s)
	return ap, err == nil
}
