package twilio

import (
	"fmt"

	"loket/connectors"
	"loket/internal/sms"
)

// Limits are Twilio's and those of the networks behind it, of each channel that the settings name. Who called gets an SMS.
func (t *Twilio) Limits() (all []connectors.Limits) {
	told := []connectors.State{connectors.Delivered, connectors.Failed}
	if t.cfg.Number != "" || t.cfg.MessagingService != "" {
		l := connectors.Limits{
			Channel: channelSMS, Text: t.cfg.MaxSegments, Length: func(text string) int { return sms.Measure(text).Segments },
			Counted: "SMS", States: told, Window: "always; not after STOP",
		}
		if t.cfg.MMS {
			l.Files = fmt.Sprintf("%d, of %d MB together", maxMMSFiles, maxMMSBytes>>20)
		}
		all = append(all, l)
	}
	if t.cfg.WhatsApp != "" {
		all = append(all, connectors.Limits{
			Channel: channelWhatsApp, Text: maxTextLength, Files: fmt.Sprintf("one of %d MB", maxChatBytes>>20),
			Window: "24 hours after the customer's last message, then templates", States: append(told, connectors.Read),
		})
	}
	return all
}

var _ connectors.Limited = (*Twilio)(nil)
