package telegram

import (
	"fmt"

	"loket/connectors"
)

// Limits are Telegram's.
func (b *Bot) Limits() []connectors.Limits {
	return []connectors.Limits{{
		Channel: b.Channel, Text: b.Text, Length: b.Length, Counted: "characters (" + b.Counted + ")",
		Files: fmt.Sprintf("%d of %d MB, beside %d characters", b.Files, b.Bytes>>20, b.Caption),
	}}
}

var _ connectors.Limited = (*Bot)(nil)
