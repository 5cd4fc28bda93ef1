// Package chat is the channel of the chat: a frame on any page of the organisation, in which visitors write and read their conversation.
// What they read there is the customer's page of the thread; the connector takes what they write.
package chat

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"loket/connectors"
	"loket/internal/field"
	"loket/internal/page"
)

// Config is the settings of a chat.
type Config struct {
	// Origins are the sites whose pages may show the chat: https://www.example.org. Without any it can be opened as a page of its own only.
	Origins []string `yaml:"origins"`
	// Languages the chat speaks, of nl and en; the first is for those who ask for neither.
	Languages []string `yaml:"languages"`
	// RatePerMinute is how many messages a minute one client address may send; 0 is no limit. An IPv6 network of 64 bits counts as one
	// address.
	RatePerMinute int `yaml:"rate_per_minute"`
	// MaxBytes is the largest message, attachments included.
	MaxBytes int64 `yaml:"max_bytes"`
	// MaxAttachments is how many files a message may bring; 0 takes the field off the chat.
	MaxAttachments int `yaml:"max_attachments"`
	// Notify names the connectors, such as a mailbox, by which visitors are told of an answer that they have not seen, the first that reaches an
	// address which they left. None tells nobody.
	Notify []string `yaml:"notify"`
	// Away is for how long an answer may be unseen before that.
	Away time.Duration `yaml:"away"`
	// SignIn is how pages around the chat say who is signed in to them. Without it nobody is.
	SignIn *SignIn `yaml:"sign_in"`
	// Title and Greeting replace the heading and the first lines of the chat, by language: {nl: …, en: …}.
	Title    map[string]string `yaml:"title"`
	Greeting map[string]string `yaml:"greeting"`
}

const (
	minAway = 5 * time.Second
	maxAway = 24 * time.Hour
)

// Type is the chat's entry in the list of connector types.
func Type() connectors.Type {
	return connectors.Type{
		Name: "chat",
		NewConfig: func() any {
			return &Config{RatePerMinute: 60, Languages: []string{"nl", "en"}, Away: 3 * time.Minute, MaxBytes: 10 << 20, MaxAttachments: 5}
		},
		New: func(cfg any, env connectors.Env) (connectors.Connector, error) {
			return New(*cfg.(*Config), env)
		},
	}
}

// Uses gives the connectors that the chat sends by.
func (c *Config) Uses() map[string]string {
	uses := map[string]string{}
	for i, name := range c.Notify {
		uses[field.At("notify", i)] = name
	}
	return uses
}

// ResolvePaths makes the files that the settings name relative to dir.
func (c *Config) ResolvePaths(dir string) {
	if c.SignIn != nil && c.SignIn.PublicKey != "" && !filepath.IsAbs(c.SignIn.PublicKey) {
		c.SignIn.PublicKey = filepath.Join(dir, c.SignIn.PublicKey)
	}
}

// Validate gives all mistakes at once.
func (c *Config) Validate() error {
	var bad []error
	if c.RatePerMinute < 0 {
		bad = append(bad, field.Errorf("rate_per_minute", "must be 0 (no limit) or more, not %d", c.RatePerMinute))
	}
	if c.MaxBytes < maxTypedBytes {
		bad = append(bad, field.Errorf("max_bytes", "must be at least %d, not %d", maxTypedBytes, c.MaxBytes))
	}
	if c.MaxAttachments < 0 {
		bad = append(bad, field.Errorf("max_attachments", "must be 0 or more, not %d", c.MaxAttachments))
	}
	if c.Away < minAway || c.Away > maxAway {
		bad = append(bad, field.Errorf("away", "must be from %s to %s, not %s", minAway, maxAway, c.Away))
	}
	if c.SignIn != nil {
		bad = append(bad, c.SignIn.check()...)
	}
	_, wrong := page.Origins("origins", c.Origins)
	bad = append(bad, wrong...)
	return errors.Join(append(bad, c.checkLanguages()...)...)
}

func (c *Config) checkLanguages() (bad []error) {
	if len(c.Languages) == 0 {
		bad = append(bad, field.Errorf("languages", "must name at least one of %s", strings.Join(spoken(), ", ")))
	}
	for i, l := range c.Languages {
		if !slices.Contains(spoken(), l) {
			bad = append(bad, field.Errorf(field.At("languages", i), "must be one of %s, not %q", strings.Join(spoken(), ", "), l))
		} else if slices.Index(c.Languages, l) < i {
			bad = append(bad, field.Errorf(field.At("languages", i), "names %q a second time", l))
		}
	}
	for name, texts := range map[string]map[string]string{"title": c.Title, "greeting": c.Greeting} {
		for l := range texts {
			if !slices.Contains(c.Languages, l) {
				bad = append(bad, field.Errorf(name+"."+l, "must be in one of the languages of the chat: %s", strings.Join(c.Languages, ", ")))
			}
		}
	}
	return bad
}
