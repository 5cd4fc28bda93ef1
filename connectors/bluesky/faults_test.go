package bluesky_test

import (
	"testing"

	"loket/connectors/bluesky"
	"loket/connectors/bluesky/blueskytest"
	"loket/connectors/connectortest"
)

func TestFaultsOfBluesky(t *testing.T) {
	connectortest.RunFaults(t, connectortest.Faults{
		Type: bluesky.Type(), Secrets: []string{blueskytest.Password}, Private: []string{kate, "kijken ernaar"},
		Vendor: func(t *testing.T) connectortest.Vendor {
			server := blueskytest.Start(t)
			return connectortest.Vendor{
				StandIn: &server.StandIn, Config: settings(server), Say: func(text string) { server.Say("mention", text, nil) },
				Reply: answer(server.Say("mention", "Geen bereik", nil), plain),
				Hands: connectortest.Calls("POST", create), Sent: func() int { return len(server.Records()) },
			}
		},
	})
}
