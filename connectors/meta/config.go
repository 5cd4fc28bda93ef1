// Package meta is the channel of an app of Meta and all that belongs to it: numbers of WhatsApp (Cloud API), Pages and Instagram accounts.
//
// webhook.go is the door for all of them. whatsapp.go and messenger.go make messages of what customers write in private, comments.go of
// what they write in public; status.go is what became of answers, reconcile.go asks for what no webhook brought. send.go is the way
// out, by whatsappsend.go and messengersend.go in private, and commentsend.go in public. graph.go is the way to the Graph API; reasons.tsv
// puts its errors into words.
package meta

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"loket/connectors"
	"loket/connectors/vendor"
	"loket/internal/field"
	"loket/internal/message"
	"loket/internal/secret"
)

// Config is the settings of an app.
type Config struct {
	// AppID is the app's number, as the developers' dashboard shows it.
	AppID string `yaml:"app_id"`
	// AppSecret is the app's: webhooks are signed with it, and calls prove that they are the app's.
	AppSecret secret.String `yaml:"app_secret"`
	// SecondarySecret is taken for webhooks as well, for the days in which the secret changes.
	SecondarySecret secret.String `yaml:"secondary_secret"`
	// VerifyToken is the word, made up by you, that Meta shows when the webhook is entered.
	VerifyToken secret.String `yaml:"verify_token"`

	// WhatsApp are the numbers that people write to.
	WhatsApp []Number `yaml:"whatsapp"`
	// Pages are those whose messages and comments are answered, each with the Instagram account that is linked to it.
	Pages []Page `yaml:"pages"`
	// HumanAgent lets answers go to Messenger and Instagram for 7 days instead of 24 hours: the app must have been granted that feature.
	HumanAgent bool `yaml:"human_agent"`
	// Poll is how often Meta is asked for what no webhook brought.
	Poll time.Duration `yaml:"poll"`

	// Portfolio names the business portfolio of the numbers, within which WhatsApp's ids of people are valid. Connectors with the same
	// one know the same people. Left out, the app.
	Portfolio string `yaml:"portfolio"`
	// Templates are approved texts for WhatsApp, for when the customer wrote more than 24 hours ago.
	Templates []Template `yaml:"templates"`

	// MaxMediaBytes is the largest file that is taken from a message.
	MaxMediaBytes int64 `yaml:"max_media_bytes"`
	// Version is that of the Graph API.
	Version string `yaml:"version"`
	// APIURL is where the Graph API is, or a stand-in for tests.
	APIURL string `yaml:"api_url"`
}

// A Number is one of WhatsApp.
type Number struct {
	ID     string        `yaml:"id"`     // phone number id: digits, not the number itself
	Number string        `yaml:"number"` // +31201234567
	Token  secret.String `yaml:"token"`  // of a system user that may send messages
	// Account is the WhatsApp Business Account of the number, whose templates are looked up; it may be left out.
	Account string `yaml:"account"`
}

// A Page is one of Facebook.
type Page struct {
	ID    string        `yaml:"id"`
	Token secret.String `yaml:"token"` // of the Page
	// Instagram is the id of the professional account that is linked to the Page; left out, there is none.
	Instagram string `yaml:"instagram"`
}

// A Template is an approved text. An answer that begins with # and its name sends it; what follows the name, split at |, is filled in
// for {{1}}, {{2}} and so on.
type Template struct {
	Name     string `yaml:"name"`
	Language string `yaml:"language"` // as it was approved: nl, en_US
	Text     string `yaml:"text"`     // for the agent
}

const defaultAPI = "https://graph.facebook.com"

// Type is Meta's entry in the list of connector types.
func Type() connectors.Type {
	return connectors.Type{
		Name: "meta", Single: true,
		NewConfig: func() any {
			return &Config{Poll: 5 * time.Minute, MaxMediaBytes: 20 << 20, Version: "v24.0", APIURL: defaultAPI}
		},
		New: func(cfg any, env connectors.Env) (connectors.Connector, error) { return New(*cfg.(*Config), env) },
	}
}

const idForm = `[1-9][0-9]{0,31}`

// Validate gives all mistakes at once.
func (c *Config) Validate() error {
	bad := []error{
		field.Matches("app_id", c.AppID, idForm, "must be the number of the app, as its dashboard shows it"),
		field.Matches("app_secret", c.AppSecret.Reveal(), `[0-9a-zA-Z]{16,128}`, "must be that of the app, as its dashboard shows it: letters and digits"),
		field.Matches("secondary_secret", c.SecondarySecret.Reveal(), `([0-9a-zA-Z]{16,128})?`, "must be one of the app's: letters and digits"),
		field.Matches("verify_token", c.VerifyToken.Reveal(), `[A-Za-z0-9_-]{16,256}`, "must be 16 to 256 letters, digits, _ or -"),
		field.Missing("whatsapp", len(c.WhatsApp)+len(c.Pages) == 0, ", or pages: at least one"), field.Within("poll", c.Poll, time.Second, time.Hour),
		field.Between("max_media_bytes", c.MaxMediaBytes, 1<<10, 1<<30),
		field.Matches("version", c.Version, `v[1-9][0-9]\.[0-9]`, "must be a version of the Graph API, such as v24.0"),
		vendor.CheckAddress("api_url", c.APIURL, defaultAPI),
	}
	if _, err := message.NewIdentifier("bsuid", c.portfolio(), "NL.1", message.Mentioned); c.Portfolio != "" && err != nil {
		bad = append(bad, field.Errorf("portfolio", "must be letters, digits, dots, _ or -"))
	}
	return errors.Join(slices.Concat(bad, c.checkNumbers(), c.checkPages(), c.checkTemplates())...)
}

func (c *Config) checkNumbers() (bad []error) {
	seen := map[string]bool{}
	for i, n := range c.WhatsApp {
		path := field.At("whatsapp", i)
		bad = append(bad, checkID(path+".id", n.ID, seen), checkToken(path+".token", n.Token),
			field.Matches(path+".account", n.Account, "("+idForm+")?", "must be the number of a WhatsApp Business Account"))
		if id, err := message.ShownPhone(n.Number, "", message.Mentioned); err != nil || id.Value != n.Number {
			bad = append(bad, field.Errorf(path+".number", "must be a number with its country and nothing between the digits, such as +31201234567"))
		}
	}
	return bad
}

func (c *Config) checkPages() (bad []error) {
	seen := map[string]bool{}
	for i, p := range c.Pages {
		path := field.At("pages", i)
		bad = append(bad, checkID(path+".id", p.ID, seen), checkToken(path+".token", p.Token))
		if p.Instagram != "" {
			bad = append(bad, checkID(path+".instagram", p.Instagram, seen))
		}
	}
	return bad
}

// checkID looks at the id of something of ours, which is there once.
func checkID(path, id string, seen map[string]bool) error {
	if err := field.Matches(path, id, idForm, "must be an id of Meta's: digits"); err != nil {
		return err
	}
	if seen[id] {
		return field.Errorf(path, "names %s a second time", id)
	}
	seen[id] = true
	return nil
}

func checkToken(path string, token secret.String) error {
	return field.Matches(path, token.Reveal(), `[!-~]{16,1000}`, "must be an access token")
}

func (c *Config) checkTemplates() (bad []error) {
	seen := map[string]bool{}
	for i, t := range c.Templates {
		path := field.At("templates", i)
		wrong := field.Matches(path+".name", t.Name, "[a-z0-9_]{1,500}", "must be small letters, digits or _, as it was approved")
		if wrong == nil && seen[t.Name] {
			wrong = field.Errorf(path+".name", "names %q a second time", t.Name)
		}
		seen[t.Name] = true
		bad = append(bad, wrong, field.Matches(path+".language", t.Language, "[a-z]{2,3}(_[A-Za-z]{2,4})?", "must be that in which it was approved, such as nl or en_US"),
			field.Missing(path+".text", strings.TrimSpace(t.Text) == "", ": the approved text, with its {{1}}, for agents to see"))
	}
	return bad
}

func (c *Config) portfolio() string { return cmp.Or(c.Portfolio, c.AppID) }
