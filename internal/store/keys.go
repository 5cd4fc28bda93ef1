package store

// What the store itself keeps, one tag a connector: lk:{s:<connector>}:…

// cursorKey is the hash of what the connector must remember.
func cursorKey(connector string) string { return "lk:{s:" + connector + "}:c" }

// seenKey is the string of something that the connector does once.
func seenKey(connector, key string) string { return "lk:{s:" + connector + "}:1:" + key }

// remindKey is a ZSET of what the connector wants to be reminded of: key → when, ms.
func remindKey(connector string) string { return "lk:{s:" + connector + "}:r" }

// leaseKey is the string with the token of whoever holds the lease.
func leaseKey(name string) string { return "lk:{s:" + name + "}:l" }

// lookKey is the string that is written to see whether the store can write.
func lookKey() string { return "lk:{s:loket}:look" }

// onceKey is the string of a value that never changes in this store.
func onceKey(name string) string { return "lk:{s:loket}:" + name }
