// Package email is the channel of e-mail: a mailbox that customers write to, read by IMAP and answered by SMTP.
//
// The rooms below do one thing each: mailbox reads the account, mail reads one mail, quote finds what was said now,
// judge says what a mail is and how far it is to be trusted, send writes and sends. Here they are put together:
// incoming.go makes the message of a mail, email.go is the connector.
package email

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"loket/connectors"
	"loket/connectors/email/mailbox"
	"loket/connectors/email/send"
	"loket/internal/field"
	"loket/internal/message"
)

// Config is the settings of a mailbox. Those of the IMAP account stand beside the others.
type Config struct {
	// Address is the one customers write to, and that answers come from: help@example.org.
	Address string `yaml:"address"`
	// Name stands before it in answers: Example Support.
	Name string `yaml:"name"`
	// Also are other addresses of ours whose mail comes into this mailbox, so that they are never taken for customers.
	Also []string `yaml:"also"`
	// Forms are the addresses from which forms on your website send mails here: wordpress@example.org. Such a mail is from the
	// visitor in its Reply-To, who is a claim.
	Forms []string `yaml:"forms"`
	// AuthServ are the names under which our own mail server says whether senders are who they seem to be: what stands
	// first in the Authentication-Results of the mails. Left out, every sender is only a claim.
	AuthServ []string `yaml:"authserv"`
	// Copies says what the same mail sent to several of our mailboxes is: one message, or each its own.
	Copies string `yaml:"copies"`
	// Acknowledge tells a customer at once that a first mail has come, by language: {nl: …, en: …}, where {url} is the
	// page of the conversation and {subject} the subject. Only senders whom authserv vouches for get one, once a day.
	// Left out, nothing is sent by itself.
	Acknowledge map[string]string `yaml:"acknowledge"`

	mailbox.Config

	// SMTP is the server that answers are sent by: smtps://user:password@smtp.example.org, or that and more keys.
	// Left out, the mailbox is only read.
	SMTP Relay `yaml:"smtp"`
	// Accounts are for further addresses that answers are sent from: those of Also that have a server of their own.
	Accounts send.Accounts `yaml:"accounts"`
}

// A Relay is the SMTP server of the address itself. It may be given as its URL alone.
type Relay struct{ send.Account }

// UnmarshalText takes the URL.
func (r *Relay) UnmarshalText(b []byte) error { return r.URL.UnmarshalText(b) }

const (
	copiesOne  = "one"
	copiesEach = "each"
)

// Type is e-mail's entry in the list of connector types.
func Type() connectors.Type {
	return connectors.Type{
		Name: "email", Single: true,
		NewConfig: func() any { return &Config{Copies: copiesOne, Config: mailbox.DefaultConfig()} },
		New: func(cfg any, env connectors.Env) (connectors.Connector, error) {
			return New(*cfg.(*Config), env)
		},
	}
}

// ResolvePaths makes the files that the settings name relative to dir.
func (c *Config) ResolvePaths(dir string) {
	paths := []*string{&c.SMTP.CA}
	if c.SMTP.DKIM != nil {
		paths = append(paths, (*string)(&c.SMTP.DKIM.KeyFile))
	}
	for i := range c.Accounts {
		paths = append(paths, &c.Accounts[i].CA)
		if c.Accounts[i].DKIM != nil {
			paths = append(paths, (*string)(&c.Accounts[i].DKIM.KeyFile))
		}
	}
	if !strings.Contains(c.CA, "-----BEGIN") {
		paths = append(paths, &c.CA)
	}
	for _, p := range paths {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(dir, *p)
		}
	}
}

// Validate gives all mistakes at once.
func (c *Config) Validate() error {
	bad := []error{c.Config.Validate()}
	if _, err := message.Email(c.Address, message.Mentioned); err != nil {
		bad = append(bad, field.Errorf("address", "%v", err))
	}
	for i, a := range c.Also {
		if _, err := message.Email(a, message.Mentioned); err != nil {
			bad = append(bad, field.Errorf(field.At("also", i), "%v", err))
		}
	}
	for i, a := range c.Forms {
		if _, err := message.Email(a, message.Mentioned); err != nil {
			bad = append(bad, field.Errorf(field.At("forms", i), "%v", err))
		}
	}
	bad = append(bad, field.Either("copies", c.Copies, copiesOne, copiesEach))
	if c.sends() {
		if first := c.first(); c.Address != "" {
			bad = append(bad, field.Under("smtp", first.Validate()))
		}
	} else if len(c.Accounts) > 0 {
		bad = append(bad, field.Errorf("smtp", "must be given where there are accounts: it serves every other address"))
	}
	bad = append(bad, field.Under("accounts", c.Accounts.Validate()))
	switch {
	case len(c.Acknowledge) > 0 && !c.sends():
		bad = append(bad, field.Errorf("acknowledge", "must be left out without smtp: there is nothing to send it with"))
	case len(c.Acknowledge) > 0 && len(c.AuthServ) == 0:
		bad = append(bad, field.Errorf("acknowledge", "needs authserv: only whoever is sure to have written gets one, or a forged "+
			"sender would make us write to strangers"))
	}
	return errors.Join(bad...)
}

func (c *Config) sends() bool { return !c.SMTP.URL.IsZero() }

// first is the account of the address itself.
func (c *Config) first() send.Account {
	a := c.SMTP.Account
	if a.Address == "" {
		a.Address = c.Address
	}
	if a.Name == "" {
		a.Name = c.Name
	}
	return a
}

// accounts are all that mail is sent from.
func (c *Config) accounts() send.Accounts {
	return append(send.Accounts{c.first()}, c.Accounts...)
}

// addresses are all that are ours, in normal form.
func (c *Config) addresses() []string {
	all := append([]string{c.Address}, c.Also...)
	for _, a := range c.Accounts {
		all = append(all, a.Address)
	}
	var own []string
	for _, a := range all {
		if id, err := message.Email(a, message.Mentioned); err == nil && !slices.Contains(own, id.Value) {
			own = append(own, id.Value)
		}
	}
	return own
}
