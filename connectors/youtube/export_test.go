package youtube

import (
	"loket/connectors/vendor"
	"loket/internal/message"
)

// Read is what becomes of a comment that is a thread of its own.
func Read(c *Channel, comment []byte) *message.Message {
	one := vendor.Flatten(comment)
	return c.read(one, vendor.Fields{"id": one["id"]})
}
