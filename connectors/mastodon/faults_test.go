package mastodon_test

import (
	"testing"

	"loket/connectors/connectortest"
	"loket/connectors/mastodon"
	"loket/connectors/mastodon/mastodontest"
	"loket/internal/message"
)

func TestFaultsOfMastodon(t *testing.T) {
	connectortest.RunFaults(t, connectortest.Faults{
		Type: mastodon.Type(), Secrets: []string{mastodontest.Token}, Private: []string{"kate@other.example", "kijken ernaar"},
		Settles: true, // its stream counts as well when it has lasted
		Vendor: func(t *testing.T) connectortest.Vendor {
			server := mastodontest.Start(t)
			return connectortest.Vendor{
				StandIn: &server.StandIn, Config: settings(server), Say: func(text string) { server.Say(text, nil) },
				Reply: answer(func(m *message.Message) { m.Public = false }),
				Hands: connectortest.Calls("POST", "/statuses"), Sent: func() int { return len(server.Sent()) },
			}
		},
	})
}
