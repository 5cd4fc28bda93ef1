package twilio_test

import (
	"testing"
	"time"

	"loket/connectors/connectortest"
	"loket/connectors/twilio"
	"loket/connectors/twilio/twiliotest"
)

func TestFaultsOfTwilio(t *testing.T) {
	connectortest.RunFaults(t, connectortest.Faults{
		Type: twilio.Type(), Secrets: []string{twiliotest.Token}, Private: []string{"31612345678", "kijken ernaar"},
		Vendor: func(t *testing.T) connectortest.Vendor {
			server := twiliotest.Start(t)
			cfg := settings(server)
			often(cfg)
			return connectortest.Vendor{
				StandIn: &server.StandIn, Config: cfg,
				Say: func(text string) {
					server.Keep(twiliotest.Message{From: "+31612345678", Body: text, Created: time.Now().Add(-10 * time.Minute)})
				},
				Reply: sms("a", "Wij kijken ernaar"), Hands: connectortest.Calls("POST", "/Messages.json"), Sent: func() int { return len(server.Sent()) },
			}
		},
	})
}
