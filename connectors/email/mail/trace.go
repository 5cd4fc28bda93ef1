package mail

import "strings"

// isTrace tells whether a field is one that servers write for programs. Encoded words have no meaning there (RFC 2047
// §5); decoded, the address that a stranger chose would become words of our own server.
func isTrace(name string) bool {
	return strings.EqualFold(name, "Authentication-Results") || strings.EqualFold(name, "ARC-Authentication-Results") ||
		strings.EqualFold(name, "Received") || strings.EqualFold(name, "Received-SPF")
}
