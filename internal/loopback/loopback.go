// Package loopback tells this machine from others.
package loopback

import "net/netip"

// Host tells whether host, a name or an IP address without port and brackets, is this machine itself. Of names only
// localhost is: no name is looked up.
func Host(host string) bool { return host == "localhost" || Address(host) }

// Address is Host for whom no name will do, not even localhost.
func Address(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
