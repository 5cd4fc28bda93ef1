package identity

import (
	"slices"
	"time"

	"loket/internal/message"
)

// Identifiers are those that the customer holds or held.
func (c *Customer) Identifiers() []message.Identifier {
	all := make([]message.Identifier, len(c.Held))
	for i, h := range c.Held {
		all[i] = h.Identifier
	}
	return all
}

// Wrote tells whether one of the identifiers that a sender showed at an instant makes them the customer, beyond a claim.
func (c *Customer) Wrote(shown []message.Identifier, at time.Time) bool {
	return slices.ContainsFunc(shown, func(x message.Identifier) bool {
		return !x.Claim() && x.Class() != message.Alias && slices.ContainsFunc(c.Held, func(h Held) bool {
			return h.String() == x.String() && !h.Contested && !h.Shared && h.Holds(at)
		})
	})
}

// HadBefore tells whether an identifier was another's at an instant, who gave it up before the customer had it.
func (c *Customer) HadBefore(x message.Identifier, at time.Time) bool {
	known := false
	for _, h := range c.Held {
		if h.String() != x.String() {
			continue
		}
		if at.After(h.From) {
			return false
		}
		known = true
	}
	return known
}

// OfAnother tells whether an identifier of the customer stands with something said, and was another's at that time.
func (c *Customer) OfAnother(ids []message.Identifier, at time.Time) bool {
	other := false
	for _, x := range ids {
		for _, h := range c.Held {
			switch {
			case h.String() != x.String():
			case h.Holds(at):
				return false
			default:
				other = true
			}
		}
	}
	return other
}
