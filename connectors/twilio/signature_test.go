package twilio

import (
	"net/url"
	"testing"

	"github.com/twilio/twilio-go/client"
	"pgregory.net/rapid"

	"loket/connectors/twilio/twiliotest"
	"loket/internal/proptest"
)

// The vectors that Twilio publishes with its libraries; the token is 12345.
func TestPublishedSignatures(t *testing.T) {
	const at = "://mycompany.com/myapp.php?foo=1&bar=2"
	const json = `{"property": "value", "boolean": true}`
	const sum = "bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
	form := url.Values{
		"Digits": {"1234"}, "CallSid": {"CA1234567890ABCDE"}, "To": {"+18005551212"}, "Caller": {"+14158675309"},
		"From": {"+14158675309"}, "ReasonConferenceEnded": {"test"}, "Reason": {"Participant"},
	}
	for _, row := range []struct {
		name string
		signed
		want bool
	}{
		{"form", signed{"https" + at, form, nil, "vOEb5UThFn24KEfnOFLQY2AE5FY="}, true},
		{"http", signed{"http" + at, form, nil, "n2xBNyzSW7rfYStDtOFiFMv7qNo="}, true},
		{"http for https", signed{"https" + at, form, nil, "n2xBNyzSW7rfYStDtOFiFMv7qNo="}, false},
		{"port in the URL", signed{"https://mycompany.com:1234/myapp.php?foo=1&bar=2", form, nil, "vOEb5UThFn24KEfnOFLQY2AE5FY="}, true},
		{"keys in another order", signed{"https" + at, form, nil, "95+Bu0JVPi0r/SsESZCVf0dWAjw="}, false},
		{"two keys", signed{"https" + at, url.Values{"property": {"value"}, "boolean": {"true"}}, nil, "NBdBDr/T/lgjI+tlgpXjKZQZs/k="}, true},
		{"JSON", signed{"https" + at + "&" + sum, nil, []byte(json), "a9nBmqA0ju/hNViExpshrM61xv4="}, true},
		{"JSON, hash alone in the query", signed{"https://mycompany.com/myapp.php?" + sum, nil, []byte(json), "y77kIzt2vzLz71DgmJGsen2scGs="}, true},
		{"JSON changed", signed{"https" + at + "&" + sum, nil, []byte(json + " "), "a9nBmqA0ju/hNViExpshrM61xv4="}, false},
		{"nothing", signed{"https" + at, form, nil, ""}, false},
		{"no base64", signed{"https" + at, form, nil, "%%%"}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := row.valid([]string{"12345"}); got != row.want {
				t.Errorf("valid = %v, want %v", got, row.want)
			}
			if row.valid([]string{"54321"}) {
				t.Error("valid with another token")
			}
			if got := row.valid([]string{"54321", "12345"}); got != row.want {
				t.Errorf("valid with the second of two tokens = %v, want %v", got, row.want)
			}
		})
	}
}

// Twilio's own library is the measure: what it takes, we take.
func TestSignatureAgreesWithTwiliosLibrary(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		form := url.Values{}
		for k, v := range rapid.MapOf(rapid.StringN(1, 8, 20), rapid.String()).Draw(t, "form") {
			form.Set(k, v)
		}
		at := rapid.SampledFrom([]string{
			"https://loket.example/in/phone/message", "https://loket.example:443/in/phone/message", "http://127.0.0.1:8080/in/phone/status?reply=abc",
		}).Draw(t, "url")
		token := rapid.StringMatching(`[0-9a-f]{8}`).Draw(t, "token")
		signature := twiliotest.Signature(token, at, form)
		theirs := client.NewRequestValidator(token)
		if !theirs.ValidateBody(at, []byte(form.Encode()), signature) {
			t.Fatalf("their library refuses %q for %s", signature, at)
		}
		if !(signed{url: at, form: form, signature: signature}).valid([]string{token}) {
			t.Fatalf("we refuse %q for %s", signature, at)
		}
	})
}
