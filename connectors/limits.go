package connectors

import (
	"fmt"
	"unicode/utf8"
)

// A Limited connector is a Sender that can say what its channels take from us.
type Limited interface {
	// Limits gives those of each of its channels. It does no I/O and may be called at any time.
	Limits() []Limits
}

// Limits are what one channel takes from us, and what it tells afterwards, for people who choose how to answer.
type Limits struct {
	Channel string                // as customers call it, and in public where strangers read it
	Text    int                   // the longest text; 0 when none is too long
	Length  func(text string) int // of a text, as the channel counts; nil counts characters
	Counted string                // how that is, for people: "characters, an emoji 2"; "" is characters
	Files   string                // which go along, for people; "" for none
	Window  string                // how long it takes free texts; "" is always
	States  []State               // what it tells of a message that it took
	Public  bool                  // strangers can read it
	Unasked bool                  // it can't be asked what it took, whatever other channels of the connector can
}

// LengthOf is how long a text is, as the channel counts.
func (l Limits) LengthOf(text string) int {
	if l.Length == nil {
		return utf8.RuneCountInString(text)
	}
	return l.Length(text)
}

// Measure says in words for people how long a text is on the channel.
func (l Limits) Measure(text string) string {
	n, counted := l.LengthOf(text), l.Counted
	if counted == "" {
		counted = "characters"
	}
	switch {
	case l.Text == 0:
		return fmt.Sprintf("%d %s, and no bound", n, counted)
	case n > l.Text:
		return fmt.Sprintf("%d of %d %s: %d too many", n, l.Text, counted, n-l.Text)
	}
	return fmt.Sprintf("%d of %d %s", n, l.Text, counted)
}
