package desk

import (
	"strings"
	"time"
)

// A Window is until when a channel takes free texts from us.
type Window struct {
	Until     time.Time  // zero when the customer never wrote there
	Templates []Template // what it takes afterwards, too
}

// A Template is a text that a channel takes at any time.
type Template struct {
	Begin string // what an answer that uses it begins with
	Text  string // what the customer reads, with places to fill in; "" when it is not known here
}

// IsOver tells whether the channel takes no free text any more, or never did.
func (w *Window) IsOver(now time.Time) bool { return now.After(w.Until) }

// Uses tells whether a text begins as one of the templates does.
func (w *Window) Uses(text string) bool {
	first, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	for _, t := range w.Templates {
		if t.Begin == first {
			return true
		}
	}
	return false
}
