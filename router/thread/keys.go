package thread

import (
	"crypto/sha256"
	"encoding/hex"
)

// Keys of the threads. All of one thread share its tag.

// threadKey is a HASH: head → what the thread is, JSON; task → the task it belongs to now; record → the decision
// that was recorded with it, JSON; each message id → the task it was placed in, a line feed, the message as JSON.
func threadKey(thread string) string { return "lk:{c:" + thread + "}:t" }

// orderKey is a ZSET: message id → when it came, ms.
func orderKey(thread string) string { return "lk:{c:" + thread + "}:o" }

// referenceKey is a STRING: a channel's id of a message, seen or only referred to → thread.
func referenceKey(connector, reference string) string {
	sum := sha256.Sum256([]byte(connector + "\x00" + reference))
	return "lk:ref:" + hex.EncodeToString(sum[:16])
}
