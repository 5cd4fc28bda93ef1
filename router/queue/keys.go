package queue

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
)

// Keys of the queue. All share the tag {q}, so that every change is one script. For readers with tools of
// their own, ARCHITECTURE.md says what each holds.
const (
	tasksKey     = "lk:{q}:t"   // HASH task id → card, JSON
	leasesKey    = "lk:{q}:l"   // ZSET task id → end of the lease, ms
	timersKey    = "lk:{q}:y"   // ZSET task id → when it wakes, is due soon or is late, whichever comes next, ms
	deliveredKey = "lk:{q}:d"   // ZSET message id → when it was put, ms
	eventsKey    = "lk:{q}:e"   // STREAM field e: event, JSON
	requestsKey  = "lk:{q}:q"   // HASH agent → "request task lease" of the last claim
	numberKey    = "lk:{q}:n"   // STRING the last number given
	numbersKey   = "lk:{q}:num" // HASH number → task id
	repliesKey   = "lk:{q}:o"   // HASH reply id → reply, JSON
	sendKey      = "lk:{q}:s"   // ZSET reply id → when the outbox looks at it, ms
	channelIDKey = "lk:{q}:cid" // HASH connector and the channel's id → reply id
)

// laneKey is a ZSET of what is queued for a team, or for one person of it ("@anna"): task id → urgency.
func laneKey(team, lane string) string { return "lk:{q}:r:" + team + ":" + lane }

// personalKey is a ZSET of everything of a team that is queued for one person: task id → urgency.
func personalKey(team string) string { return "lk:{q}:p:" + team }

// heldKey is a ZSET of what is claimed in a team: task id → since when, ms.
func heldKey(team string) string { return "lk:{q}:h:" + team }

// waitingKey is a ZSET of what waits in a team: task id → since when, ms.
func waitingKey(team string) string { return "lk:{q}:w:" + team }

// parkedKey is a ZSET of what waits in a team although the customer has no answer: task id → since when they wait, ms.
func parkedKey(team string) string { return "lk:{q}:k:" + team }

// unattendedKey is a ZSET of what is closed or waits in a team, and in which a machine wrote since: task id → when it last
// did, ms.
func unattendedKey(team string) string { return "lk:{q}:u:" + team }

// failedKey is a ZSET of the tasks of a team in which an answer did not arrive, or may not have: task id → when it was created, ms.
func failedKey(team string) string { return "lk:{q}:b:" + team }

// closedKey is a ZSET of what a team closed, newest first: task id → minus when, ms.
func closedKey(team string) string { return "lk:{q}:c:" + team }

// allKey is a ZSET of every task of a team: task id → when it was created, ms.
func allKey(team string) string { return "lk:{q}:a:" + team }

// senderKey is a ZSET of the tasks in which an identifier wrote: task id → when it was created, ms.
// It takes the identifier without its level: a claim finds the task, it proves nothing.
func senderKey(identifier string) string { return "lk:{q}:f:" + identifier }

// looksKey is a ZSET of how far people were shown a task: agent → number of what was said last then.
func looksKey(task string) string { return "lk:{q}:look:" + task }

// notesKey is a LIST of what colleagues wrote to each other in a task, JSON.
func notesKey(task string) string { return "lk:{q}:note:" + task }

// draftsKey is a HASH of answers that were not taken: draft id → draft, JSON.
func draftsKey(task string) string { return "lk:{q}:draft:" + task }

// What remains in the store of archived tasks is kept in many small keys, which Redis packs tightly: a task takes some
// hundred bytes.

// oldNumbersKey is a HASH of the archived tasks of a hundred numbers: number → task id.
func oldNumbersKey(number int64) string {
	return "lk:{q}:x:n:" + strconv.FormatInt(number/100, 10)
}

// oldSendersKey is a ZSET, one of 2^18, of archived tasks and who wrote in them: hash of the identifier, task id → 0.
func oldSendersKey(identifier string) string {
	sum := sha256.Sum256([]byte(identifier))
	return "lk:{q}:x:f:" + strconv.FormatUint(uint64(binary.BigEndian.Uint32(sum[28:])>>14), 10)
}
