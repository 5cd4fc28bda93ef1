package webhook

import (
	"slices"

	"loket/connectors"
)

// Limits are what the configuration says of the other system.
func (a *answering) Limits() []connectors.Limits {
	l := connectors.Limits{Channel: a.cfg.Channel, Text: a.cfg.Reply.MaxText}
	if a.cfg.Report.given() {
		l.States = []connectors.State{connectors.Delivered, connectors.Read, connectors.Failed}
	}
	if states := a.cfg.Report.States; states != nil {
		l.States = slices.DeleteFunc(l.States, func(s connectors.State) bool {
			for _, known := range states {
				if connectors.State(known) == s {
					return false
				}
			}
			return true
		})
	}
	return []connectors.Limits{l}
}

var _ connectors.Limited = (*answering)(nil)
