package webhook_test

import (
	"testing"

	"loket/connectors/connectortest"
	"loket/connectors/webhook"
	"loket/connectors/webhook/webhooktest"
)

func TestFaultsOfAnotherSystem(t *testing.T) {
	connectortest.RunFaults(t, connectortest.Faults{
		Type: webhook.Type(), Secrets: []string{webhooktest.Secret, webhooktest.Token}, Private: []string{"31612345678", "kijken ernaar"},
		Vendor: func(t *testing.T) connectortest.Vendor {
			server := webhooktest.Start(t)
			cfg, err := parse(webhooktest.Settings(server.URL))
			if err != nil {
				t.Fatal(err)
			}
			return connectortest.Vendor{
				StandIn: &server.StandIn, Config: cfg,
				Reply: answerTo("+31612345678", "Wij kijken ernaar"), Hands: connectortest.Calls("POST", "/messages"), Sent: func() int { return len(server.Sent()) },
			}
		},
	})
}
