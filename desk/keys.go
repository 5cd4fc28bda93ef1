package desk

const (
	// unfinishedEndKey is a ZSET: "<task> <agent>" → when what that person writes there is dropped, ms.
	unfinishedEndKey = "lk:{desk}:d"

	// heldOrderKey is a ZSET: id of an answer that is held back → when somebody sees to it, ms; heldKey a HASH: the same → the answer.
	heldOrderKey = "lk:{desk}:hold"
	heldKey      = "lk:{desk}:h"
	// cannedKey is a HASH: id → canned answer, JSON.
	cannedKey = "lk:{desk}:canned"
)

// unfinishedKey is a HASH of one person: task → what they are writing there, JSON; "sent:<task>" → the key of their answer that
// went last.
func unfinishedKey(agent string) string { return "lk:{desk}:d:" + agent }
