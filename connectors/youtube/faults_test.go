package youtube_test

import (
	"testing"

	"loket/connectors/connectortest"
	"loket/connectors/youtube"
	"loket/connectors/youtube/youtubetest"
	"loket/internal/message"
)

func TestFaultsOfYouTube(t *testing.T) {
	connectortest.RunFaults(t, connectortest.Faults{
		Type: youtube.Type(), Secrets: []string{youtubetest.Secret, youtubetest.Refresh, "access-1"}, Private: []string{youtubetest.Kate, "kijken ernaar"},
		Vendor: func(t *testing.T) connectortest.Vendor {
			server := youtubetest.Start(t)
			asked := youtubetest.Kate + "/" + server.Say(youtubetest.Kate, "Geen bereik")
			return connectortest.Vendor{
				StandIn: &server.StandIn, Config: settings(server), Say: func(text string) { server.Say(youtubetest.Kate, text) },
				Reply: answer(func(m *message.Message) { m.References = []string{asked} }),
				Hands: connectortest.Calls("POST", "/comments"), Sent: func() int { return len(server.Ours()) },
			}
		},
	})
}
