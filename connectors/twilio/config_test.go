package twilio_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"loket/connectors/twilio"
	"loket/connectors/twilio/twiliotest"
	"loket/internal/field"
	"loket/internal/secret"
)

func TestConfigTellsAllMistakes(t *testing.T) {
	t.Parallel()
	right := func() *twilio.Config { return settings(twiliotest.Start(t)) }
	if err := right().Validate(); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		edit func(*twilio.Config)
		want string // paths
	}{
		{func(c *twilio.Config) { c.AccountSID = "AC1" }, "account_sid"},
		{func(c *twilio.Config) { c.AuthToken = secret.String{} }, "auth_token"},
		{func(c *twilio.Config) { c.APIKey = "x" }, "api_key api_secret"},
		{func(c *twilio.Config) { c.Number, c.WhatsApp = "", "" }, "number"},
		{func(c *twilio.Config) { c.Number = "020 1234567" }, "number"},
		{func(c *twilio.Config) { c.WhatsApp = "whatsapp:+31201234567" }, "whatsapp"},
		{func(c *twilio.Config) { c.Senders = []string{"rcs:example_agent", "+31201234567"} }, "senders[1]"},
		{func(c *twilio.Config) { c.MessagingService = "x" }, "messaging_service"},
		{func(c *twilio.Config) { c.Portfolio = "a b" }, "portfolio"},
		{func(c *twilio.Config) { c.SMSSender = "sure" }, "sms_sender"},
		{func(c *twilio.Config) { c.MaxSegments = 0 }, "max_segments"},
		{func(c *twilio.Config) { c.MaxMediaBytes = 0 }, "max_media_bytes"},
		{func(c *twilio.Config) { c.Templates = []twilio.Template{{Name: "A b"}} }, "templates[0].name templates[0].sid templates[0].text"},
		{func(c *twilio.Config) { c.Voice.Languages = []string{"nl", "tlh"} }, "voice.languages[1]"},
		{func(c *twilio.Config) { c.Voice.Languages = nil }, "voice.languages"},
		{func(c *twilio.Config) { c.Voice.Closed = map[string]string{"nl": " "} }, "voice.closed.nl"},
		{func(c *twilio.Config) { c.Voice.MaxLength = 0 }, "voice.max_length"},
		{func(c *twilio.Config) { c.Poll = 0 }, "poll"},
		{func(c *twilio.Config) { c.APIURL = "http://api.twilio.com" }, "api_url"},
		{func(c *twilio.Config) { c.APIURL = "https://u:p@api.twilio.com/x" }, "api_url"},
		{func(c *twilio.Config) { *c = twilio.Config{} }, "account_sid auth_token number sms_sender max_segments max_media_bytes voice.languages voice.max_length poll api_url"},
	} {
		c := right()
		row.edit(c)
		var paths []string
		for _, e := range field.All(c.Validate()) {
			paths = append(paths, e.Path)
		}
		if got := strings.Join(paths, " "); got != row.want {
			t.Errorf("mistakes at %q, want %q", got, row.want)
		}
	}
}

func TestNewCallsNobody(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	if asked := p.server.Asked(); len(asked) > 0 {
		t.Errorf("asked %q", asked)
	}
	if err := p.Trouble(); err != nil {
		t.Errorf("Trouble = %v before anything was tried", err)
	}
}

// config.example.yaml shows every key.
func TestExampleShowsEveryKey(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, example, ok := strings.Cut(string(b), "type: twilio")
	if !ok {
		t.Fatal("no connector of type twilio")
	}
	for _, of := range []any{twilio.Config{}, twilio.Voice{}, twilio.Template{}} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(of)) {
			if key := f.Tag.Get("yaml"); !strings.Contains(example, key+":") {
				t.Errorf("config.example.yaml does not show %s", key)
			}
		}
	}
}
