package desk

import (
	"fmt"
	"slices"

	"loket/desk/access"
	"loket/internal/field"
	"loket/internal/message"
)

// handChannels are how something may have been said that a person logs.
func handChannels() []string { return []string{"phone", "counter", "letter"} }

// MarkVouched begins the mark of a message whose sender or channel somebody vouched for; who it was follows.
const MarkVouched = "by the word of "

// vouch notes on a message who says what only its channel itself can know: who surely sent it, and where it came in. That
// takes the role vouch. Without it a message is what a person was told: by hand, and its senders only claimed.
func vouch(by access.Actor, m *message.Message) error {
	why := beyondHand(m)
	if why == nil {
		return nil
	}
	if !by.Has(access.RoleVouch) {
		return fmt.Errorf("%w: needs the role %s: %w", access.ErrForbidden, access.RoleVouch, why)
	}
	say(by, m)
	return nil
}

// say marks a message with who vouches for it.
func say(by access.Actor, m *message.Message) {
	m.Vouched = by.Name
	if m.Agent != "" {
		m.Vouched = m.Agent + ", " + by.Name
	}
	m.Marks = append(slices.Clone(m.Marks), MarkVouched+m.Vouched)
}

// beyondHand is what of a message goes beyond what a person can log by hand, nil when nothing does.
func beyondHand(m *message.Message) error {
	for i, x := range m.From {
		if !x.Claim() {
			return field.Errorf(field.At("from", i)+".level", "is %s, and may be at most claimed", x.Level)
		}
	}
	switch {
	case m.Connector != HandConnector:
		return field.Errorf("connector", "is %s, and may only be left out", m.Connector)
	case m.Channel != "" && !slices.Contains(handChannels(), m.Channel):
		return field.Errorf("channel", "is %s, and may be phone, counter or letter", m.Channel)
	case m.Own != "" || len(m.References) > 0:
		return field.Errorf("references", "may only be left out, and own too: thread names the conversation")
	}
	return nil
}
