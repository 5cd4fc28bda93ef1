package fetch

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"loket/internal/loopback"
)

// errPrivate does not name the address: it may be one of our own network.
var errPrivate = errors.New("the host has an address that is not public")

// Transport gives an http.Transport that connects to public addresses only, whatever name led there, and uses no proxy,
// which would look up names for us. Connecting to another address fails before a byte is sent. Of origins, such as
// http://127.0.0.1:4010, those on this machine are let through: the stand-ins of tests. The caller closes its idle
// connections.
func Transport(origins ...string) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: dialable(origins)}
	return &http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second, MaxIdleConnsPerHost: 4,
		IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true,
	}
}

// dialable gives a function for net.Dialer.Control, which sees the address that a name was resolved to.
func dialable(origins []string) func(network, address string, _ syscall.RawConn) error {
	var local []string // ports
	for _, o := range origins {
		if u, err := url.Parse(o); err == nil && loopback.Host(u.Hostname()) {
			local = append(local, u.Port())
		}
	}
	return func(_, address string, _ syscall.RawConn) error {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return errPrivate
		}
		ip, err := netip.ParseAddr(host)
		if err != nil {
			return errPrivate
		}
		for _, p := range local {
			if ip.Unmap().IsLoopback() && p == port {
				return nil
			}
		}
		if !isPublic(ip) {
			return errPrivate
		}
		return nil
	}
}

// isPublic tells whether an address is of the open internet.
func isPublic(ip netip.Addr) bool {
	ip = ip.Unmap()
	if ip.Is6() && (ip.Zone() != "" || !globalUnicast6.Contains(ip)) {
		return false
	}
	for _, special := range specialNetworks {
		if special.Contains(ip) {
			return false
		}
	}
	return true
}

// globalUnicast6 holds all IPv6 addresses that are given out. What leads to IPv4 from outside of it (NAT64, mapped and
// compatible addresses) could lead to a private one.
var globalUnicast6 = netip.MustParsePrefix("2000::/3")

// specialNetworks are those that are not of the open internet (the registries of RFC 6890), or lead to IPv4 (6to4, Teredo).
var specialNetworks = prefixes(`
	0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24
	192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
	2001::/23 2001:db8::/32 2002::/16 3fff::/20`)

func prefixes(s string) (all []netip.Prefix) {
	for _, p := range strings.Fields(s) {
		all = append(all, netip.MustParsePrefix(p))
	}
	return all
}
