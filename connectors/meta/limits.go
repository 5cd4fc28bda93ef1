package meta

import (
	"fmt"

	"loket/connectors"
)

// What comments may be long.
const (
	maxFacebookComment  = 8000
	maxInstagramComment = 2200
)

// Limits are Meta's, of each channel that the app has.
func (a *App) Limits() (all []connectors.Limits) {
	if len(a.cfg.WhatsApp) > 0 {
		all = append(all, connectors.Limits{
			Channel: channelWhatsApp, Text: maxWhatsAppText, Files: fmt.Sprintf("one of %d MB, beside %d characters", maxWhatsAppFile>>20, maxWhatsAppCaption),
			Window: "24 hours after the customer's last message, then templates", States: reported, Unasked: true,
		})
	}
	long := "24 hours after the customer's last message"
	if a.cfg.HumanAgent {
		long = "7 days after the customer's last message"
	}
	onInstagram := false
	for _, p := range a.cfg.Pages {
		onInstagram = onInstagram || p.Instagram != ""
	}
	file := fmt.Sprintf("one of %d MB, without words", maxPrivateFile>>20)
	if len(a.cfg.Pages) > 0 {
		all = append(all,
			connectors.Limits{Channel: channelMessenger, Text: maxMessengerText, Files: file, Window: long, States: []connectors.State{connectors.Delivered, connectors.Read}},
			connectors.Limits{Channel: channelFacebook, Text: maxFacebookComment, Public: true})
	}
	if onInstagram {
		all = append(all,
			connectors.Limits{
				Channel: channelInstagram, Text: maxInstagramBytes, Length: func(text string) int { return len(text) }, Counted: "bytes (é 2, an emoji 4)",
				Files: file, Window: long, States: []connectors.State{connectors.Read},
			},
			connectors.Limits{Channel: channelInstagram, Text: maxInstagramComment, Public: true})
	}
	return all
}

var reported = []connectors.State{connectors.Delivered, connectors.Read, connectors.Failed}

var _ connectors.Limited = (*App)(nil)
