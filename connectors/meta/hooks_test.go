package meta_test

import (
	"fmt"
	"net/http"
	"testing"

	"loket/connectors/connectortest"
	"loket/connectors/meta"
	"loket/connectors/meta/metatest"
)

func TestOddWebhooks(t *testing.T) {
	change := func(number, value string) string {
		return fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",`+
			`"metadata":{"phone_number_id":%q},%s}}]}]}`, number, value)
	}
	ours := func(value string) string { return change(metatest.NumberID, value) }
	connectortest.RunHooks(t, connectortest.Hooks{
		Type: meta.Type(), Config: func(t *testing.T) any { return settings(metatest.Start(t)) },
		Signed: func(body string) *http.Request { return metatest.Request("/", []byte(body)) },
		Forged: func(body string) *http.Request {
			r := metatest.Request("/", []byte(body))
			r.Header.Set("X-Hub-Signature-256", metatest.Sign("a secret of somebody", []byte(body)))
			return r
		},
		Secrets: []string{metatest.Secret, metatest.Verify, metatest.Token},
		Said: func(id, text string) string {
			return ours(fmt.Sprintf(`"messages":[{"id":"wamid.%s","from":"31612345678","timestamp":"1764500000","type":"text","text":{"body":%q}}]`, id, text))
		},
		Odd: []connectortest.Odd{
			{What: "unreadable", Body: `{"object":`, Want: connectortest.Outcome{Status: 200, Quarantined: 1, Refused: "unreadable"}},
			{What: "of another account", Body: change("999", `"messages":[{"id":"wamid.1","from":"31612345678","type":"text","text":{"body":"hello"}}]`), Want: connectortest.Outcome{Status: 200, Quarantined: 1, Refused: "asset"}},
			{What: "of another account: a report", Body: change("999", `"statuses":[{"id":"wamid.1","status":"read"}]`), Want: connectortest.Outcome{Status: 200, Refused: "asset"}},
			{What: "unknown event", Body: ours(`"holograms":[{"id":"1"}]`), Want: connectortest.Outcome{Status: 200, Refused: "unknown"}},
			{What: "unknown event: of another object", Body: `{"object":"threads","entry":[{"id":"1","changes":[{"field":"x","value":{}}]}]}`, Want: connectortest.Outcome{Status: 200, Refused: "unknown"}},
			{What: "field missing: the id", Body: ours(`"messages":[{"from":"31612345678","type":"text","text":{"body":"hello"}}]`), Want: connectortest.Outcome{Status: 200, Quarantined: 1, Refused: "unreadable"}},
			{What: "field missing: who wrote", Body: ours(`"messages":[{"id":"wamid.1","type":"text","text":{"body":"hello"}}]`), Want: connectortest.Outcome{Status: 200, Quarantined: 1, Refused: "unreadable"}},
			{What: "field missing: the number", Body: `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messages":[{"id":"wamid.1","text":{"body":"hello"}}]}}]}]}`,
				Want: connectortest.Outcome{Status: 200, Quarantined: 1, Refused: "unreadable"}},
			{What: "field mistyped: the list", Body: ours(`"messages":{"id":"wamid.1"}`), Want: connectortest.Outcome{Status: 200, Quarantined: 1, Refused: "unreadable"}},
			{What: "field mistyped: the text", Body: ours(`"messages":[{"id":"wamid.1","from":"31612345678","type":"text","text":["hello"]}]`), Want: connectortest.Outcome{Status: 200, Quarantined: 1, Refused: "unreadable"}},
			{What: "field mistyped: of a Page", Body: `{"object":"page","entry":[{"id":"1122334455","messaging":[{"sender":"5551234567890","message":{"mid":"m_1","text":"hello"}}]}]}`,
				Want: connectortest.Outcome{Status: 200, Quarantined: 1, Refused: "unreadable"}},
		},
	})
}
