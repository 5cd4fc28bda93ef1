package secret

import (
	"crypto/hmac"
	"crypto/sha256"
	"strings"
)

// A Use is what a MAC with the daemon's key is for. One made for one use is worth nothing for another, so that nobody who
// is given one for text that they chose can show it elsewhere. No use has a NUL in it.
type Use string

// Every use there is.
const (
	ForThread     Use = "thread"     // who may read and write on the page of a thread
	ForIdentifier Use = "identifier" // an address, where it must not be read
	ForConnector  Use = "connector"  // what a connector knows again as its own
	ForClient     Use = "client"     // the address of who began a conversation, where it must not be read
)

// Uses are all there are.
func Uses() []Use { return []Use{ForThread, ForIdentifier, ForConnector, ForClient} }

// MAC is that of parts for one use, 32 bytes. Only the last part may hold a NUL.
func MAC(key []byte, use Use, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(string(use) + "\x00" + strings.Join(parts, "\x00"))) // a hash takes everything
	return h.Sum(nil)
}
