package bluesky

import (
	"loket/connectors/vendor"
	"loket/internal/message"
)

// Read is what becomes of a post.
func Read(a *Account, post []byte) *message.Message { return a.read(vendor.Flatten(post)) }
