package twilio_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"loket/connectors/connectortest"
	"loket/connectors/twilio"
	"loket/connectors/twilio/twiliotest"
)

func TestOddWebhooks(t *testing.T) {
	const sid = "SM0123456789abcdef0123456789abcde"
	at := connectortest.PublicURL + "/in/conformance/message"
	signed := func(body string) *http.Request {
		form, _ := url.ParseQuery(body) // what is none is signed as far as it goes
		r := twiliotest.Request(at, form)
		r.URL.Path = "/message"
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		return r
	}
	said := func(form url.Values) string {
		for k, v := range map[string]string{"AccountSid": twiliotest.Account, "MessageSid": sid + "0", "From": "+31612345678", "To": twiliotest.Number, "Body": "hello", "NumMedia": "0"} {
			if form[k] == nil {
				form.Set(k, v)
			} else if form.Get(k) == "" {
				form.Del(k)
			}
		}
		return form.Encode()
	}
	connectortest.RunHooks(t, connectortest.Hooks{
		Type: twilio.Type(), Config: func(t *testing.T) any { return settings(twiliotest.Start(t)) },
		Signed: signed, Forged: func(body string) *http.Request {
			r := signed(body)
			r.Header.Set("X-Twilio-Signature", twiliotest.Signature("a token of somebody", at, url.Values{}))
			return r
		},
		Secrets: []string{twiliotest.Token},
		Said:    func(id, text string) string { return said(url.Values{"MessageSid": {sid + id}, "Body": {text}}) },
		Odd: []connectortest.Odd{
			{What: "unreadable", Body: "MessageSid=%zz", Want: connectortest.Outcome{Status: 400, Refused: "unreadable"}},
			{What: "of another account", Body: said(url.Values{"AccountSid": {"AC" + strings.Repeat("9", 32)}}), Want: connectortest.Outcome{Status: 403, Refused: "signature"}},
			{What: "unknown event", Body: said(url.Values{"MessageType": {"hologram"}, "Body": {""}}), Want: connectortest.Outcome{Status: 200, Accepted: 1}},
			{What: "field missing: the id", Body: said(url.Values{"MessageSid": {""}}), Want: connectortest.Outcome{Status: 422, Refused: "field"}},
			{What: "field missing: who wrote", Body: said(url.Values{"From": {""}}), Want: connectortest.Outcome{Status: 422, Refused: "field"}},
			{What: "field mistyped: the id", Body: said(url.Values{"MessageSid": {"7"}}), Want: connectortest.Outcome{Status: 422, Refused: "field"}},
			{What: "field mistyped: the number of files", Body: said(url.Values{"NumMedia": {"many"}}), Want: connectortest.Outcome{Status: 200, Accepted: 1}},
		},
	})
}
