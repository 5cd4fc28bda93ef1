package intake

import (
	"hash/fnv"
	"strconv"
)

// partitions of the journal, by message id. The number is part of the keys: it never changes.
const partitions = 64

// partition is the part of the journal that a message belongs to. Its keys share one tag.
type partition int

func partitionOf(id string) partition {
	h := fnv.New32a()
	h.Write([]byte(id))
	return partition(h.Sum32() % partitions)
}

func (p partition) key(what string) string { return "lk:{j" + strconv.Itoa(int(p)) + "}:" + what }

// bodies is a HASH: message id → message, JSON. It is there until the message is in its task, or dropped.
func (p partition) bodies() string { return p.key("b") }

// next is a ZSET: message id → when somebody should see to it, ms.
func (p partition) next() string { return p.key("n") }

// seen is a ZSET: message id → when it was accepted, ms. It is what makes the second delivery harmless.
func (p partition) seen() string { return p.key("x") }

// attempts is a HASH: message id → how often it was taken up again.
func (p partition) attempts() string { return p.key("a") }

// quarantine is a HASH: message id → why and since when, JSON.
func (p partition) quarantine() string { return p.key("z") }

// passing is a ZSET: message id in quarantine → when it goes by itself, ms. Those that stay are not in it.
func (p partition) passing() string { return p.key("u") }
