package cli

import (
	"fmt"
	"strings"
	"testing"

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
		{[]string{"setup", "website"}, "webform, which needs nothing"},
		{[]string{"setup", "phnoe"}, `no connector is called "phnoe": there are website, phone`},
		{[]string{"measure", "website"}, "sends every text whole"},
	} {
		got := typed(t, "x", nil, append(append([]string{"connectors"}, row.args...), "-c", path)...)
		if got.code != exitUsage || !strings.Contains(got.err, row.want) {
			t.Errorf("%q = %+v, want %q", row.args, got, row.want)
		}
	}
	if got := typed(t, strings.Repeat("a", 160)+"\n", nil, "connectors", "measure", "phone", "-c", path); got.out != "1 SMS (GSM-7, 0 of 160 left)\n" {
		t.Errorf("measure = %+v", got)
	}
}
