package email

import (
	"loket/connectors"
	"loket/internal/message"
)

// Reaches gives the channel for mail addresses: a mailbox that sends can write to any.
func (s *sending) Reaches(to message.Identifier) string {
	if !to.IsMailbox() {
		return ""
	}
	return "email"
}

var _ connectors.Reacher = (*sending)(nil)
