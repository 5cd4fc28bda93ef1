package meta_test

import (
	"testing"
	"time"

	"loket/connectors/connectortest"
	"loket/connectors/meta"
	"loket/connectors/meta/metatest"
)

func TestFaultsOfMeta(t *testing.T) {
	connectortest.RunFaults(t, connectortest.Faults{
		Type: meta.Type(), Secrets: []string{metatest.Secret, metatest.Verify, metatest.Token}, Private: []string{"31612345678", "kijken ernaar"},
		Vendor: func(t *testing.T) connectortest.Vendor {
			server := metatest.Start(t)
			cfg := settings(server)
			cfg.Poll = time.Second
			for _, path := range []string{
				metatest.Page + "/conversations", metatest.Page + "/feed", metatest.Instagram + "/media", metatest.Account + "/message_templates",
			} {
				server.Answer(path, fields{"data": []any{}})
			}
			var said []any
			return connectortest.Vendor{
				StandIn: &server.StandIn, Config: cfg,
				Say: func(text string) {
					at := time.Now().Add(-5 * time.Minute).Format("2006-01-02T15:04:05-0700")
					said = append(said, fields{"id": "m_" + text, "message": text, "from": fields{"id": metatest.Kate, "name": "Kate Jansen"}, "created_time": at})
					server.Answer(metatest.Page+"/conversations", fields{"data": []any{fields{"id": "t_1", "updated_time": at, "messages": fields{"data": said}}}})
				},
				Reply: reply("Wij kijken ernaar"), Hands: connectortest.Calls("POST", "/messages"), Sent: func() int { return len(server.Sent()) }, Unasked: true,
			}
		},
	})
}
