// Package twilio is the channel of a telephone number at Twilio: SMS, MMS, WhatsApp and calls.
//
// webhook.go is the door, signature.go its lock. incoming.go makes messages of what customers write, sender.go says who
// they are, files.go where their files are; voice.go (with voice.json) and call.go take calls. reconcile.go asks Twilio what no
// webhook brought. send.go, find.go, check.go and report.go are the way out, by what channels.go knows of each channel; reasons.tsv
// puts errors into words, and rest.go is the way to the API.
package twilio

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"loket/connectors"
	"loket/connectors/vendor"
	"loket/internal/field"
	"loket/internal/message"
	"loket/internal/secret"
)

// Config is the settings of a number.
type Config struct {
	// AccountSID is the account, or the subaccount, that the number belongs to: AC and 32 letters and digits.
	AccountSID string `yaml:"account_sid"`
	// AuthToken is that account's own token: webhooks are signed with it.
	AuthToken secret.String `yaml:"auth_token"`
	// SecondaryToken is taken as well, for the days in which the token changes.
	SecondaryToken secret.String `yaml:"secondary_auth_token"`
	// APIKey and APISecret are used for calls to Twilio instead of the account and its token.
	APIKey    string        `yaml:"api_key"`
	APISecret secret.String `yaml:"api_secret"`

	// Number is the telephone number, with its country: +31201234567. It has SMS and calls.
	Number string `yaml:"number"`
	// WhatsApp is the number of the WhatsApp sender, which may be the same, or that of the sandbox.
	WhatsApp string `yaml:"whatsapp"`
	// Senders are further ones of yours, as messages to them have it in To: rcs:example_agent, messenger:99887766. What their
	// webhooks did not bring is looked for as well.
	Senders []string `yaml:"senders"`
	// Portfolio names the business portfolio of the WhatsApp sender, within which WhatsApp's ids of people are valid.
	// Connectors with the same one know the same people. Left out, the account.
	Portfolio string `yaml:"portfolio"`
	// MessagingService (MG…) sends SMS instead of the number itself.
	MessagingService string `yaml:"messaging_service"`

	// SMSSender says how sure the number is that an SMS shows: attested, or claimed where networks are not to be trusted.
	SMSSender string `yaml:"sms_sender"`
	// MaxSegments is how many SMS one answer may take.
	MaxSegments int `yaml:"max_segments"`
	// MMS says that the number can send files; most can only in the United States and Canada.
	MMS bool `yaml:"mms"`
	// MaxMediaBytes is the largest file that is taken from a message or a call.
	MaxMediaBytes int64 `yaml:"max_media_bytes"`
	// Templates are approved texts for WhatsApp, for when the customer wrote more than 24 hours ago.
	Templates []Template `yaml:"templates"`
	// TextCallers lets the answer to a call go out as an SMS.
	TextCallers bool `yaml:"text_callers"`
	// Voice is what callers hear.
	Voice Voice `yaml:"voice"`

	// Poll is how often Twilio is asked for what no webhook brought.
	Poll time.Duration `yaml:"poll"`
	// APIURL is where the API is: another region's, or a stand-in for tests.
	APIURL string `yaml:"api_url"`
}

// A Template is an approved text. An answer that begins with # and its name sends it; what follows the name, split
// at |, is filled in for {{1}}, {{2}} and so on.
type Template struct {
	Name string `yaml:"name"`
	SID  string `yaml:"sid"`  // ContentSid, HX…
	Text string `yaml:"text"` // for the agent
}

// Voice is what callers hear, by language: nl, en, de, fr. What is left out has texts of ours.
type Voice struct {
	// Enabled is false where others answer the calls to this number.
	Enabled bool `yaml:"enabled"`
	// Languages of the greeting; the first is for callers from countries that speak none of them.
	Languages []string `yaml:"languages"`
	// Greeting is said while the office is open, Closed when it is not. That the message is recorded is said after it.
	Greeting map[string]string `yaml:"greeting"`
	Closed   map[string]string `yaml:"closed"`
	// MaxLength is the longest message that can be left.
	MaxLength time.Duration `yaml:"max_length"`
	// Transcribe asks Twilio for the text of what was said, which it can only do in English and up to two minutes.
	Transcribe bool `yaml:"transcribe"`
}

const (
	defaultAPI    = "https://api.twilio.com"
	senderSure    = "attested"
	senderUnsure  = "claimed"
	maxTextLength = 1600 // of any message that Twilio takes
)

// Type is Twilio's entry in the list of connector types. Run, which asks for what was missed, is single; webhooks and
// answers are taken by every process.
func Type() connectors.Type {
	return connectors.Type{
		Name: "twilio", Single: true,
		NewConfig: func() any {
			return &Config{
				SMSSender: senderSure, MaxSegments: 10, MaxMediaBytes: 20 << 20, TextCallers: true,
				Voice: Voice{Enabled: true, Languages: []string{"nl", "en"}, MaxLength: 2 * time.Minute},
				Poll:  5 * time.Minute, APIURL: defaultAPI,
			}
		},
		New: func(cfg any, env connectors.Env) (connectors.Connector, error) { return New(*cfg.(*Config), env) },
	}
}

const letters32 = `[0-9a-zA-Z]{32}`

// Validate gives all mistakes at once.
func (c *Config) Validate() error {
	bad := []error{
		field.Matches("account_sid", c.AccountSID, "AC"+letters32, "must be AC and 32 letters and digits, as the console shows it"),
		field.Missing("auth_token", c.AuthToken.IsZero(), ": webhooks are signed with it"),
		field.Matches("api_key", c.APIKey, "(SK"+letters32+")?", "must be SK and 32 letters and digits"),
		field.Missing("api_secret", (c.APIKey == "") != c.APISecret.IsZero(), " with api_key, and only then"),
		field.Missing("number", c.Number == "" && c.WhatsApp == "", ", or whatsapp"),
		checkNumber("number", c.Number), checkNumber("whatsapp", c.WhatsApp),
		field.Matches("messaging_service", c.MessagingService, "(MG"+letters32+")?", "must be MG and 32 letters and digits"),
		field.Either("sms_sender", c.SMSSender, senderSure, senderUnsure),
		field.Between("max_segments", c.MaxSegments, 1, 24), field.Between("max_media_bytes", c.MaxMediaBytes, 1<<10, 1<<30),
		field.Under("voice", c.Voice.validate()), field.Within("poll", c.Poll, time.Second, time.Hour), vendor.CheckAddress("api_url", c.APIURL, defaultAPI),
	}
	for i, s := range c.Senders {
		bad = append(bad, field.Matches(field.At("senders", i), s, "(rcs|messenger):[!-~]{1,200}", "must be rcs: or messenger: and the sender's id, such as messenger:99887766"))
	}
	if _, err := message.NewIdentifier("bsuid", c.portfolio(), "NL.1", message.Mentioned); c.Portfolio != "" && err != nil {
		bad = append(bad, field.Errorf("portfolio", "must be letters, digits, dots, _ or -"))
	}
	return errors.Join(append(bad, c.checkTemplates()...)...)
}

func checkNumber(path, number string) error {
	if id, err := message.ShownPhone(number, "", message.Mentioned); number != "" && (err != nil || id.Value != number) {
		return field.Errorf(path, "must be a number with its country and nothing between the digits, such as +31201234567")
	}
	return nil
}

func (c *Config) checkTemplates() (bad []error) {
	names := map[string]bool{}
	for i, t := range c.Templates {
		path := field.At("templates", i)
		wrong := field.Matches(path+".name", t.Name, "[a-z0-9_-]{1,40}", "must be 1 to 40 small letters, digits, _ or -")
		if wrong == nil && names[t.Name] {
			wrong = field.Errorf(path+".name", "names %q a second time", t.Name)
		}
		names[t.Name] = true
		bad = append(bad, wrong, field.Matches(path+".sid", t.SID, "HX"+letters32, "must be HX and 32 letters and digits"))
		if strings.TrimSpace(t.Text) == "" {
			bad = append(bad, field.Errorf(path+".text", "must be the approved text, with its {{1}}: agents see it, and it is looked for when a sending is in doubt"))
		}
	}
	if len(c.Templates) > 0 && c.WhatsApp == "" {
		bad = append(bad, field.Errorf("templates", "must be left out without whatsapp"))
	}
	return bad
}

func (v *Voice) validate() error {
	var bad []error
	languages, _ := spoken()
	if len(v.Languages) == 0 {
		bad = append(bad, field.Errorf("languages", "must name at least one of %s", spokenLanguages))
	}
	for i, l := range v.Languages {
		if _, ok := languages[l]; !ok {
			bad = append(bad, field.Errorf(field.At("languages", i), "must be one of %s, not %q", spokenLanguages, l))
		}
	}
	texts := map[string]map[string]string{"greeting": v.Greeting, "closed": v.Closed}
	for _, path := range []string{"greeting", "closed"} {
		for l, text := range texts[path] {
			if _, ok := languages[l]; !ok {
				bad = append(bad, field.Errorf(path+"."+l, "must be in one of %s", spokenLanguages))
			}
			if strings.TrimSpace(text) == "" || len(text) > 3000 {
				bad = append(bad, field.Errorf(path+"."+l, "must be 1 to 3000 characters"))
			}
		}
	}
	return errors.Join(append(bad, field.Within("max_length", v.MaxLength, 5*time.Second, time.Hour))...)
}

func (c *Config) portfolio() string {
	return cmp.Or(c.Portfolio, c.AccountSID)
}
