// Package webform is the channel of the web form: customers write on a page of ours, and read the answer on the
// page of their thread. Programs may post the same as JSON.
package webform

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"loket/connectors"
	"loket/internal/field"
	"loket/internal/form"
	"loket/internal/page"
)

// Config is the settings of a web form.
type Config struct {
	// RatePerMinute is how many posts a minute one client address may send; 0 is no limit. An IPv6 network
	// of 64 bits counts as one address.
	RatePerMinute int `yaml:"rate_per_minute"`
	// Languages the form speaks, of nl and en; the first is for those who ask for neither.
	Languages []string `yaml:"languages"`
	// MaxBytes is the largest post, attachments included.
	MaxBytes int64 `yaml:"max_bytes"`
	// MaxAttachments is how many files a message may bring; 0 takes the field off the form and off customers' pages.
	MaxAttachments int `yaml:"max_attachments"`
	// MinFillTime is how long filling in the form takes a person at least; 0 does not look at it.
	MinFillTime time.Duration `yaml:"min_fill_time"`
	// CustomerNo shows the field for the customer number.
	CustomerNo bool `yaml:"customer_no"`
	// Origins are the sites whose pages may post by script and read the answer: https://www.example.org. Others may link to
	// the form, and post a form of their own.
	Origins []string `yaml:"origins"`
	// Notify names the connectors, such as a mailbox, by which customers are told that their page has an answer, the first that reaches
	// an address which they left. None tells nobody.
	Notify []string `yaml:"notify"`
	// Title and Intro replace the heading and the first lines of the form, by language: {nl: …, en: …}.
	Title map[string]string `yaml:"title"`
	Intro map[string]string `yaml:"intro"`
}

const (
	minMaxBytes = 4 << 10
	maxFillTime = time.Minute
)

// Type is the web form's entry in the list of connector types.
func Type() connectors.Type {
	return connectors.Type{
		Name: "webform",
		NewConfig: func() any {
			return &Config{
				RatePerMinute:  30,
				Languages:      []string{"nl", "en"},
				MaxBytes:       form.DefaultBytes,
				MaxAttachments: form.DefaultFiles,
				MinFillTime:    2 * time.Second,
				CustomerNo:     true,
			}
		},
		New: func(cfg any, env connectors.Env) (connectors.Connector, error) {
			return New(*cfg.(*Config), env)
		},
	}
}

// Uses gives the connectors that the form sends by.
func (c *Config) Uses() map[string]string {
	uses := map[string]string{}
	for i, name := range c.Notify {
		uses[field.At("notify", i)] = name
	}
	return uses
}

// Validate gives all mistakes at once.
func (c *Config) Validate() error {
	var bad []error
	if c.RatePerMinute < 0 {
		bad = append(bad, field.Errorf("rate_per_minute", "must be 0 (no limit) or more, not %d", c.RatePerMinute))
	}
	if c.MaxBytes < minMaxBytes {
		bad = append(bad, field.Errorf("max_bytes", "must be at least %d, not %d", minMaxBytes, c.MaxBytes))
	}
	if c.MaxAttachments < 0 {
		bad = append(bad, field.Errorf("max_attachments", "must be 0 or more, not %d", c.MaxAttachments))
	}
	if c.MinFillTime < 0 || c.MinFillTime > maxFillTime {
		bad = append(bad, field.Errorf("min_fill_time", "must be from 0s to %s, not %s", maxFillTime, c.MinFillTime))
	}
	bad = append(bad, c.checkLanguages()...)
	_, wrong := page.Origins("origins", c.Origins)
	return errors.Join(append(bad, wrong...)...)
}

func (c *Config) checkLanguages() (bad []error) {
	if len(c.Languages) == 0 {
		bad = append(bad, field.Errorf("languages", "must name at least one of %s", strings.Join(spoken(), ", ")))
	}
	for i, l := range c.Languages {
		path := fmt.Sprintf("languages[%d]", i)
		if !slices.Contains(spoken(), l) {
			bad = append(bad, field.Errorf(path, "must be one of %s, not %q", strings.Join(spoken(), ", "), l))
		} else if slices.Index(c.Languages, l) < i {
			bad = append(bad, field.Errorf(path, "names %q a second time", l))
		}
	}
	for _, texts := range []struct {
		path string
		by   map[string]string
	}{{"title", c.Title}, {"intro", c.Intro}} {
		for l := range texts.by {
			if !slices.Contains(c.Languages, l) {
				bad = append(bad, field.Errorf(texts.path+"."+l, "must be in one of the languages of the form: %s", strings.Join(c.Languages, ", ")))
			}
		}
	}
	return bad
}
