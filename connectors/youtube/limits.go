package youtube

import "loket/connectors"

// Limits are YouTube's.
func (c *Channel) Limits() []connectors.Limits {
	return []connectors.Limits{{Channel: "youtube", Text: c.cfg.MaxLength, Counted: "characters (with the name of whom it answers)", Public: true}}
}

var _ connectors.Limited = (*Channel)(nil)
