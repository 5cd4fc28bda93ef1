package cli

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/zap"

	"loket/connectors"
	"loket/connectors/all"
	"loket/connectors/twilio/twiliotest"
)

// phone is a configuration with a number that is switched off, as it is while it is being set up.
func phone(t *testing.T, api, token string) string {
	t.Helper()
	return write(t, "config.yaml", fmt.Sprintf(`
listen: {public: ":8080", desk: "127.0.0.1:8081", public_url: "https://loket.example/"}
teams: {support: {}}
connectors:
  - {name: website, type: webform}
  - {name: mail, type: email, enabled: false, settings: {address: help@example.org, imap: "imaps://u:p@imap.example.org"}}
  - name: phone
    type: twilio
    enabled: false
    settings: {account_sid: %s, auth_token: "%s", number: "%s", whatsapp: "%s", api_url: "%s"}
fallback_team: support
`, twiliotest.Account, token, twiliotest.Number, twiliotest.Number, api))
}

func TestConnectorsSetupSaysWhatToEnter(t *testing.T) {
	server := twiliotest.Start(t)
	server.Configure(map[string]string{
		"sms_url": "https://loket.example/in/phone/message#rc=3&rp=5xx,ct,rt", "voice_url": "https://loket.example/in/phone/voice", "status_callback": "https://demo.example/",
	})
	got := typed(t, "", nil, "connectors", "setup", "phone", "-c", phone(t, server.URL, twiliotest.Token))
	for _, want := range []string{
		"https://loket.example/in/phone/message#rc=3&rp=5xx,ct,rt\n", "https://loket.example/in/phone/voice#rc=3", "https://loket.example/in/phone/call#rc=3",
		"right    messages\n", "weak     calls: without #rc=3", "WRONG    status of calls: it is https://demo.example/",
	} {
		if !strings.Contains(got.out, want) {
			t.Errorf("no %q in\n%s%s", want, got.out, got.err)
		}
	}
	if got.code != exitDone {
		t.Errorf("code %d", got.code)
	}
	// What to enter is said also when the provider does not let us look.
	got = typed(t, "", nil, "connectors", "setup", "phone", "-c", phone(t, server.URL, "wrong"))
	if got.code == exitDone || !strings.Contains(got.out, "/in/phone/message#rc=3") || !strings.Contains(got.err, "password") {
		t.Errorf("with a wrong token: %+v", got)
	}
}

func TestConnectorsCommandsRefuse(t *testing.T) {
	path := phone(t, "http://127.0.0.1:1", "token")
	for _, row := range []struct {
		args []string
		want string
	}{
		{[]string{"setup", "phnoe"}, `no connector is called "phnoe": there are website, mail, phone`},
		{[]string{"measure", "mail"}, "carries no answers as it is configured"},
	} {
		got := typed(t, "x", nil, append(append([]string{"connectors"}, row.args...), "-c", path)...)
		if got.code != exitUsage || !strings.Contains(got.err, row.want) {
			t.Errorf("%q = %+v, want %q", row.args, got, row.want)
		}
	}
	if got := typed(t, strings.Repeat("a", 160)+"\n", nil, "connectors", "measure", "phone", "-c", path); !strings.HasPrefix(got.out, "sms: 1 SMS (GSM-7, 0 of 160 left)\n") {
		t.Errorf("measure = %+v", got)
	}
}

// nowhere is where nobody listens, so that setup says what it knows by itself.
const nowhere = `"http://127.0.0.1:1"`

// settings are the least that a connector of each type needs, with a way to answer.
func settings(t *testing.T) map[string]string {
	t.Helper()
	api := ", api_url: " + nowhere
	return map[string]string{
		"webform":  "{}",
		"chat":     "{}",
		"email":    `{address: help@example.org, imap: "imaps://u:p@imap.example.org", smtp: "smtps://u:p@smtp.example.org"}`,
		"twilio":   fmt.Sprintf("{account_sid: %s, auth_token: %q, number: %q, whatsapp: %q%s}", twiliotest.Account, twiliotest.Token, twiliotest.Number, twiliotest.Number, api),
		"x":        "{consumer_key: ck, consumer_secret: cs-of-the-app, access_token: 783214-at, access_token_secret: as-of-the-account" + api + "}",
		"telegram": `{token: "424242:AAE-a_token_that_BotFather_gave_1234", secret_token: a-secret_token-of-the-webhook` + api + "}",
		"folder":   fmt.Sprintf("{directory: %q, out: %q}", t.TempDir(), t.TempDir()),
		"webhook":  `{channel: pager, verify: {hmac: {header: X-Signature, secret: a-secret-that-signs}}, message: {id: body.id, text: body.text}, reply: {url: "https://pager.example.org/send", body: {text: "{{text}}"}, max_text: 160}}`,
		"meta": `{app_id: "4242", app_secret: 0123456789abcdef, verify_token: a-word-that-was-made-up` + api +
			`, whatsapp: [{id: "11", number: "+31201234567", token: EAAtoken_of_a_system_user}], pages: [{id: "22", token: EAAtoken_of_the_page_itself, instagram: "33"}]}`,
		"mastodon": "{access_token: token-of-the-application, server: " + nowhere + "}",
		"youtube":  "{channel_id: UC0000000000000000000our, client_id: c, client_secret: s3cret, refresh_token: r3fresh, token_url: " + nowhere + api + "}",
		"bluesky":  "{handle: care.example.org, app_password: abcd-efgh-ijkl-mnop, service: " + nowhere + "}",
	}
}

// only is a configuration with one connector, called it.
func only(t *testing.T, kind, settings string) string {
	t.Helper()
	return write(t, "config.yaml", fmt.Sprintf(`
listen: {public: ":8080", desk: "127.0.0.1:8081", public_url: "https://loket.example/"}
teams: {support: {}}
connectors: [{name: it, type: %s, settings: %s}]
fallback_team: support
`, kind, settings))
}

// Every type of connector that there is tells an operator what to set, and people what its channels take.
func TestEveryChannelSaysWhatItNeedsAndTakes(t *testing.T) {
	known := settings(t)
	for _, kind := range all.Types() {
		t.Run(kind.Name, func(t *testing.T) {
			if known[kind.Name] == "" {
				t.Fatal("give the least that it needs in settings")
			}
			path := only(t, kind.Name, known[kind.Name])
			got := typed(t, "", nil, "connectors", "setup", "it", "-c", path)
			if lines := strings.Count(got.out, "\n"); lines < 2 || got.code != exitDone && !strings.Contains(got.err, "is to be set all the same") {
				t.Errorf("setup = %d, %q\n%s", got.code, got.err, got.out)
			}
			if made, err := kind.New(kind.NewConfig(), connectors.Env{Log: zap.NewNop()}); err == nil {
				if _, ok := made.(http.Handler); ok && !strings.Contains(got.out, "https://loket.example/in/it/") {
					t.Errorf("setup does not tell the address that the channel must call:\n%s", got.out)
				}
			}
			got = typed(t, "Wij kijken ernaar 👍\n", nil, "connectors", "measure", "it", "-c", path)
			for _, want := range []string{"files      ", "free text  ", "reports    ", ": "} {
				if got.code != exitDone || !strings.Contains(got.out, want) {
					t.Errorf("measure = %d, %q, want %q\n%s", got.code, got.err, want, got.out)
				}
			}
			for _, secret := range []string{":p@", "cs-of-the-app", "as-of-the-account", "BotFather_gave", "0123456789abcdef", "made-up", "EAAtoken", "token-of-the", "s3cret", "r3fresh", "abcd-efgh"} {
				if strings.Contains(got.out+got.err, secret) {
					t.Errorf("it tells a secret: %s%s", got.out, got.err)
				}
			}
		})
	}
}

func TestTextsAreMeasuredAsTheChannelCounts(t *testing.T) {
	known := settings(t)
	for _, test := range []struct{ kind, text, want string }{
		{"telegram", "Hoi 👍", "telegram: 6 of 4096 characters (an emoji 2)"},
		{"youtube", strings.Repeat("é", 10_001), "youtube, in public: 10001 of 10000 characters (with the name of whom it answers): 1 too many"},
		{"bluesky", strings.Repeat("é", 300), "bluesky, in public: 300 of 300 characters"},
		{"x", "Zie https://example.org/een/heel/lang/adres/van/een/bladzijde", "x, in public: 27 of 280 characters"},
		{"mastodon", "Zie https://example.org/een/heel/lang/adres/van/een/bladzijde", "mastodon: 27 of 500 characters"},
		{"meta", "Hé", "whatsapp: 2 of 4096 characters"},
		{"meta", "Hé", "instagram: 3 of 1000 bytes"},
		{"meta", strings.Repeat("a", 2201), "instagram, in public: 2201 of 2200 characters: 1 too many"},
		{"webhook", "Hoi", "pager: 3 of 160 characters"},
		{"folder", "Hoi", "letter: 3 characters, and no bound"},
		{"twilio", strings.Repeat("a", 161), "sms: 2 SMS"},
		{"twilio", "Hoi", "whatsapp: 3 of 1600 characters"},
	} {
		path := only(t, test.kind, known[test.kind])
		if got := typed(t, "", nil, "connectors", "measure", "it", "--text", test.text, "-c", path); !strings.Contains(got.out, test.want) {
			t.Errorf("%s: %q%s, want %q", test.kind, got.out, got.err, test.want)
		}
	}
}
