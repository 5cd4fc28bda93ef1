package telegram_test

import (
	"testing"

	"loket/connectors/connectortest"
	"loket/connectors/telegram"
	"loket/connectors/telegram/telegramtest"
	"loket/internal/message"
)

func TestFaultsOfTelegram(t *testing.T) {
	connectortest.RunFaults(t, connectortest.Faults{
		Type: telegram.Type(), Secrets: []string{telegramtest.Token}, Private: []string{"5812345678", "kijken ernaar"}, Settles: true,
		Vendor: func(t *testing.T) connectortest.Vendor {
			server, said := telegramtest.Start(t), 0
			return connectortest.Vendor{
				StandIn: &server.StandIn, Config: settings(server, ""),
				Say: func(text string) {
					said++
					server.Queue(server.Make("message", telegramtest.Said(kate, said, fields{"text": text})))
				},
				Reply: answer(func(*message.Message) {}), Hands: connectortest.Calls("POST", "/sendMessage"), Sent: func() int { return len(server.Sent()) },
			}
		},
	})
}
