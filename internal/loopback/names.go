package loopback

import (
	"net"
	"strings"
)

// Names are those by which a listener is asked, and localhost. They are read by many at the same time.
type Names map[string]bool

// NewNames gives the set of names, each with or without a port.
func NewNames(names []string) Names {
	set := Names{"localhost": true}
	for _, name := range names {
		if plain := Plain(name); plain != "" {
			set[plain] = true
		}
	}
	return set
}

// Has tells whether the Host of a request is one of the names.
func (n Names) Has(host string) bool { return n[Plain(host)] }

// Plain is the Host of a request without port and brackets, in small letters.
func Plain(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.TrimSuffix(strings.ToLower(host), ".")
}
