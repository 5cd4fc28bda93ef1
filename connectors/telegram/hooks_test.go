package telegram_test

import (
	"fmt"
	"net/http"
	"testing"

	"loket/connectors/connectortest"
	"loket/connectors/telegram"
	"loket/connectors/telegram/telegramtest"
)

func TestOddUpdates(t *testing.T) {
	as := func(secret string) func(string) *http.Request {
		return func(body string) *http.Request {
			return telegramtest.Request("/", secret, telegramtest.Update{JSON: []byte(body)})
		}
	}
	connectortest.RunHooks(t, connectortest.Hooks{
		Type: telegram.Type(), Config: func(t *testing.T) any { return settings(telegramtest.Start(t), telegramtest.Secret) },
		Signed: as(telegramtest.Secret), Forged: as("a-secret_token-of-somebody"), ByToken: true, Secrets: []string{telegramtest.Token, telegramtest.Secret},
		Said: func(id, text string) string {
			return fmt.Sprintf(`{"update_id":%[1]s,"message":{"message_id":%[1]s,"date":1,"chat":{"id":5812345678,"type":"private"},"from":{"id":5812345678},"text":%[2]q}}`, id, text)
		},
		Odd: []connectortest.Odd{
			{What: "unreadable", Body: `{"update_id":`, Want: connectortest.Outcome{Status: 400, Refused: "unreadable"}},
			{What: "unreadable: a list", Body: `[]`, Want: connectortest.Outcome{Status: 200, Refused: "other"}},
			{What: "of another account: a group", Body: `{"update_id":1,"message":{"message_id":1,"chat":{"id":-5,"type":"group"},"from":{"id":5},"text":"x"}}`, Want: connectortest.Outcome{Status: 200, Refused: "other"}},
			{What: "unknown event", Body: `{"update_id":1,"poll":{"id":"7"}}`, Want: connectortest.Outcome{Status: 200, Refused: "other"}},
			{What: "field missing: the chat", Body: `{"update_id":1,"message":{"message_id":1,"date":1,"from":{"id":5},"text":"hello"}}`, Want: connectortest.Outcome{Status: 200, Quarantined: 1, Refused: "unreadable"}},
			{What: "field missing: the number of the message", Body: `{"update_id":1,"message":{"date":1,"chat":{"id":5,"type":"private"},"from":{"id":5},"text":"hello"}}`, Want: connectortest.Outcome{Status: 200, Quarantined: 1, Refused: "unreadable"}},
			{What: "field missing: who wrote", Body: `{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":5,"type":"private"},"text":"hello"}}`, Want: connectortest.Outcome{Status: 200, Quarantined: 1, Refused: "unreadable"}},
			{What: "field mistyped: the message", Body: `{"update_id":1,"message":"hello"}`, Want: connectortest.Outcome{Status: 200, Quarantined: 1, Refused: "unreadable"}},
			{What: "field mistyped: the text", Body: `{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":5,"type":"private"},"from":{"id":5},"text":{"x":"hello"}}}`, Want: connectortest.Outcome{Status: 200, Accepted: 1}},
		},
	})
}
