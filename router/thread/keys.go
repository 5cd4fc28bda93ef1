package thread

import (
	"crypto/sha256"
	"encoding/hex"
)

// Keys of the threads. All of one thread share its tag.

// threadKey is a HASH: head → what the thread is, JSON; task → the task it belongs to now; record → the decision
// that was recorded with it, JSON; each message id → the task it was placed in, a line feed, the message as JSON;
// given → the newest addresses of each kind at which a visitor said that they can be reached, JSON;
// p:<identifier> → since when somebody else than who began it takes part, ms, and how sure it is that it is them;
// k:<identifier> → the same of those who only had copies.
func threadKey(thread string) string { return "lk:{c:" + thread + "}:t" }

// absorberKey is a STRING: the thread that took up a message which was taken for the beginning of one of its own.
func absorberKey(message string) string { return "lk:{c:" + message + "}:a" }

// goneKey is a STRING, empty, for referenceLife: the thread was forgotten whole. Whoever has its link is told so.
func goneKey(thread string) string { return "lk:{c:" + thread + "}:g" }

// orderKey is a ZSET: message id → when it came, ms.
func orderKey(thread string) string { return "lk:{c:" + thread + "}:o" }

// beforeKey is a STRING: a message of ours that belongs to no thread yet, JSON.
func beforeKey(message string) string { return "lk:{b}:m:" + message }

// beforeIndex is a ZSET: ids of such messages by when they came, ms, of those that an id leads to (r), or that were written
// to somebody (p); threads that answer such an id and came before it (w).
func beforeIndex(kind, of string) string {
	sum := sha256.Sum256([]byte(of))
	return "lk:{b}:" + kind + ":" + hex.EncodeToString(sum[:16])
}

// referenceKeys are STRINGs: a channel's id of a message that was seen → thread, the message, and hashes of who wrote and
// got it; of one that was only referred to → ~, the thread, and hashes of who referred to it; of several → *, and each of
// them (join.lua tells how it is written). All of one connector share a tag, so that a message which brings several
// finds and remembers them in one step.
func referenceKeys(connector string, references []string) []string {
	keys := make([]string, len(references))
	for i, r := range references {
		sum := sha256.Sum256([]byte(r))
		keys[i] = "lk:{r:" + connector + "}:" + hex.EncodeToString(sum[:16])
	}
	return keys
}
