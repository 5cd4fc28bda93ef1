package webhook_test

import (
	"fmt"
	"net/http"
	"testing"

	"loket/connectors/connectortest"
	"loket/connectors/webhook"
	"loket/connectors/webhook/webhooktest"
)

func TestOddRequests(t *testing.T) {
	as := func(secret string) func(string) *http.Request {
		return func(body string) *http.Request { return webhooktest.Request("/", secret, []byte(body)) }
	}
	connectortest.RunHooks(t, connectortest.Hooks{
		Type: webhook.Type(), Config: func(t *testing.T) any {
			cfg, err := parse(webhooktest.Settings(webhooktest.Start(t).URL))
			if err != nil {
				t.Fatal(err)
			}
			return cfg
		},
		Signed: as(webhooktest.Secret), Forged: as("a-secret-of-somebody"), Secrets: []string{webhooktest.Secret, webhooktest.Token},
		Said: func(id, text string) string {
			return fmt.Sprintf(`{"events":[{"type":"message","id":%q,"from":"+31612345678","text":%q}]}`, id, text)
		},
		Odd: []connectortest.Odd{
			{What: "unreadable", Body: `{"events":`, Want: connectortest.Outcome{Status: 200, Quarantined: 1}},
			{What: "of another account: another list", Body: `{"others":[{"type":"message","id":"1","text":"hello"}]}`, Want: connectortest.Outcome{Status: 200, Quarantined: 1}},
			{What: "unknown event", Body: `{"events":[{"type":"typing"}]}`, Want: connectortest.Outcome{Status: 200, Refused: "other"}},
			{What: "field missing: the id", Body: `{"events":[{"type":"message","text":"hello"}]}`, Want: connectortest.Outcome{Status: 200, Quarantined: 1}},
			{What: "field mistyped: the text", Body: `{"events":[{"type":"message","id":"1","text":{"x":1}}]}`, Want: connectortest.Outcome{Status: 200, Quarantined: 1}},
		},
	})
}
