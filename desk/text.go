package desk

import (
	"strings"

	"loket/internal/message"
)

// quoted is what the whole text of m has beyond what was said now.
func quoted(m *message.Message) string {
	return strings.Trim(strings.TrimPrefix(m.Whole, m.Text), "\n")
}
