package bluesky

import (
	"loket/connectors"
	"loket/internal/message"
)

// Limits are Bluesky's.
func (a *Account) Limits() []connectors.Limits {
	return []connectors.Limits{{Channel: "bluesky", Text: maxLetters, Length: message.Graphemes, Counted: "characters (an emoji 1)", Public: true}}
}

var _ connectors.Limited = (*Account)(nil)
