package identity

import "loket/internal/message"

// erased stands in the index for a customer who asked to be forgotten.
const erased = "!"

// indexKey is the string that names the customer who is registered with the identifier. A claim has no key
// of its own: it reads this one, to suggest, and never writes it.
func indexKey(id message.Identifier) string { return "lk:{reg}:i:" + id.String() }
