package identity

import (
	"strconv"
	"time"
)

// Everything is under the tag {reg}, so that a change to several customers is one script.

// indexKey is the string that says whose a node is: an identifier, or a customer's id that leads to another.
// A claim has no key of its own: it reads that of the identifier, to suggest, and never writes it.
func indexKey(node string) string { return "lk:{reg}:i:" + node }

// groupKey is the string with the version of a customer and the facts it is derived from.
func groupKey(id string) string { return "lk:{reg}:g:" + id }

// logKey is the stream of what happened to whom. Identifiers stand in it as keyed hashes.
func logKey() string { return "lk:{reg}:log" }

// outKey is the stream of identifiers that went from one customer to another.
func outKey() string { return "lk:{reg}:out" }

// lifeKey is the list of what happened to one customer, besides being made.
func lifeKey(id string) string { return "lk:{reg}:l:" + id }

// goneKey is the sorted set of the keyed hashes of what was erased, by when.
func goneKey() string { return "lk:{reg}:gone" }

// hubKey is the hash that counts what shared identifiers were seen with besides what is kept.
func hubKey() string { return "lk:{reg}:hub" }

// suggestionsKey is the sorted set of pairs of customers that may be one, by how much speaks for it.
func suggestionsKey() string { return "lk:{reg}:sug" }

// suggestionKey is the hash of what speaks for one pair.
func suggestionKey(pair string) string { return "lk:{reg}:sug:" + pair }

// joinsKey counts the joins of a customer or of an identifier's keyed hash on one day.
func joinsKey(name string, at time.Time) string {
	return "lk:{reg}:j:" + name + ":" + strconv.FormatInt(at.Unix()/86400, 36)
}

// minuteKey counts all joins of one minute.
func minuteKey(at time.Time) string { return "lk:{reg}:m:" + strconv.FormatInt(at.Unix()/60, 36) }
