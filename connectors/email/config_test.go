package email

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"loket/connectors/connectortest"
	"loket/connectors/email/mailbox"
	"loket/connectors/email/send"
	"loket/internal/field"
	"loket/internal/secret"
)

func right() *Config {
	c := Type().NewConfig().(*Config)
	c.Address = "help@example.org"
	c.URL = secret.New("imaps://help:secret@imap.example.org")
	c.SMTP.URL = secret.New("smtps://help:secret@smtp.example.org")
	return c
}

func TestEveryMistakeHasItsPlace(t *testing.T) {
	if err := right().Validate(); err != nil {
		t.Fatalf("Validate of a right configuration = %v", err)
	}
	for _, tt := range []struct {
		name string
		edit func(*Config)
		path string
	}{
		{"no address", func(c *Config) { c.Address = "" }, "address"},
		{"no address of ours", func(c *Config) { c.Also = []string{"sales@example.org", "sales"} }, "also[1]"},
		{"no IMAP", func(c *Config) { c.URL = secret.String{} }, "imap"},
		{"wrong folder", func(c *Config) { c.Folders = []string{"INBOX", "inbox"} }, "folders[1]"},
		{"wrong SMTP", func(c *Config) { c.SMTP.URL = secret.New("https://smtp.example.org") }, "smtp.url"},
		{"wrong account", func(c *Config) { c.Accounts = send.Accounts{{Address: "x", URL: secret.New("smtps://x.example")}} }, "accounts[0].address"},
		{"accounts alone", func(c *Config) {
			c.SMTP.URL, c.Accounts = secret.String{}, send.Accounts{{Address: "a@example.org", URL: c.SMTP.URL}}
		}, "smtp"},
		{"form that is no address", func(c *Config) { c.Forms = []string{"wordpress@shop.example", "https://shop.example"} }, "forms[1]"},
		{"wrong copies", func(c *Config) { c.Copies = "both" }, "copies"},
		{"acknowledging strangers", func(c *Config) { c.Acknowledge = map[string]string{"en": "x"} }, "acknowledge"},
		{"acknowledging without SMTP", func(c *Config) {
			c.AuthServ, c.Acknowledge, c.SMTP.URL = []string{"mx"}, map[string]string{"en": "x"}, secret.String{}
		}, "acknowledge"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := right()
			tt.edit(c)
			err := c.Validate()
			var paths []string
			for _, e := range field.All(err) {
				paths = append(paths, e.Path)
			}
			if len(paths) != 1 || paths[0] != tt.path {
				t.Errorf("Validate = %v at %v, want one mistake at %s", err, paths, tt.path)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("Validate repeats a password: %v", err)
			}
		})
	}
}

func TestPathsAreBesideTheConfiguration(t *testing.T) {
	c := right()
	c.CA, c.SMTP.CA, c.SMTP.DKIM = "imap.pem", "/etc/smtp.pem", &send.DKIM{KeyFile: "keys/dkim.pem"}
	c.ResolvePaths("/etc/loket")
	if c.CA != "/etc/loket/imap.pem" || c.SMTP.CA != "/etc/smtp.pem" || c.SMTP.DKIM.KeyFile != "/etc/loket/keys/dkim.pem" {
		t.Errorf("paths are %s, %s and %s", c.CA, c.SMTP.CA, c.SMTP.DKIM.KeyFile)
	}
}

func TestExampleShowsEveryKey(t *testing.T) {
	example, err := os.ReadFile("../../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range []reflect.Type{
		reflect.TypeFor[Config](), reflect.TypeFor[mailbox.OAuth2](), reflect.TypeFor[send.Account](), reflect.TypeFor[send.DKIM](),
	} {
		for _, f := range reflect.VisibleFields(typ) {
			key := f.Tag.Get("yaml")
			if key != "" && !regexp.MustCompile(`(?m)[ {#]`+key+`:`).Match(example) {
				t.Errorf("config.example.yaml does not show %s", key)
			}
		}
	}
}

// A refresh token that its provider takes once is lost to one of two who use it.
func TestReadingAndSendingHaveTheirTokensFromOnePlace(t *testing.T) {
	made := func(o *mailbox.OAuth2) *sending {
		c := right()
		c.URL, c.OAuth2 = secret.New("imaps://help@imap.example.org"), o
		if o != nil {
			c.SMTP.Auth = "xoauth2"
		} else {
			c.URL = secret.New("imaps://help:secret@imap.example.org")
		}
		m, err := New(*c, connectortest.New(t).Env("mail"))
		if err != nil {
			t.Fatal(err)
		}
		return m.(*sending)
	}
	s := made(&mailbox.OAuth2{Provider: "gmail", ClientID: "id", ClientSecret: secret.New("s"), RefreshToken: secret.New("r")})
	if one := s.access("help@example.org"); one == nil || one != s.access("sales@example.org") || one != s.box.Tokens() {
		t.Errorf("tokens of one account = %p, %p, %p", one, s.access("sales@example.org"), s.box.Tokens())
	}
	if access := made(nil).access("help@example.org"); access != nil {
		t.Errorf("access by password = %v, want none", access)
	}
}
