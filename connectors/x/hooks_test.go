package x_test

import (
	"fmt"
	"net/http"
	"testing"

	"loket/connectors/connectortest"
	"loket/connectors/x"
	"loket/connectors/x/xtest"
)

func TestOddWebhooks(t *testing.T) {
	in := func(post string) string { return `{"for_user_id":"783214","tweet_create_events":[` + post + `]}` }
	connectortest.RunHooks(t, connectortest.Hooks{
		Type: x.Type(), Config: func(t *testing.T) any { cfg := config(xtest.Start(t), "v2"); return &cfg },
		Signed: func(body string) *http.Request { return xtest.Request("/", []byte(body)) },
		Forged: func(body string) *http.Request {
			r := xtest.Request("/", []byte(body))
			r.Header.Set("X-Twitter-Webhooks-Signature", xtest.Signature([]byte(body+" ")))
			return r
		},
		Secrets: secrets(),
		Said: func(id, text string) string {
			return in(fmt.Sprintf(`{"id_str":"146032373703567769%s","text":%q,"user":{"id_str":"5","screen_name":"kate"}}`, id, text))
		},
		Odd: []connectortest.Odd{
			{What: "unreadable", Body: `{"for_user_id":`, Want: connectortest.Outcome{Status: 200, Quarantined: 1, Refused: "unreadable"}},
			{What: "of another account", Body: `{"for_user_id":"99","tweet_create_events":[{"id_str":"7","text":"x","user":{"id_str":"5"}}]}`, Want: connectortest.Outcome{Status: 200, Refused: "account"}},
			{What: "unknown event", Body: `{"for_user_id":"783214","space_events":[{}]}`, Want: connectortest.Outcome{Status: 200, Refused: "unknown"}},
			{What: "field missing: who wrote", Body: in(`{"id_str":"7","text":"hello"}`), Want: connectortest.Outcome{Status: 200, Quarantined: 1, Refused: "unreadable"}},
			{What: "field mistyped: the id", Body: in(`{"id_str":7,"text":"hello","user":{"id_str":"5"}}`), Want: connectortest.Outcome{Status: 200, Quarantined: 1, Refused: "unreadable"}},
		},
	})
}
