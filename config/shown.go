package config

import (
	"bytes"
	"fmt"
	"regexp"

	"go.yaml.in/yaml/v4"
)

// Shown is the configuration as YAML, its defaults filled in, as it is shown to people who run loket: every secret is "***", and so is
// what stands before the @ of an address.
func (c *Config) Shown() (string, error) {
	all := shown{
		Store: c.Store, Listen: c.Listen, SecretKey: c.SecretKey, Identity: c.Identity, Calendars: c.Calendars, Teams: c.Router.Teams,
		People: c.People, Tokens: c.Tokens, OIDC: c.OIDC, Rules: c.Router.Rules, Fallback: c.Router.Fallback, Keep: c.Keep.String(), ManagersSee: c.ManagersSeeAnswers, Reports: c.Reports, Log: c.Log,
	}
	if c.Zone != nil {
		all.Zone = c.Zone.String()
	}
	for _, own := range c.Connectors {
		all.Connectors = append(all.Connectors, shownConnector(own))
	}
	var text bytes.Buffer
	e := yaml.NewEncoder(&text)
	e.SetIndent(2)
	if err := e.Encode(all); err != nil {
		return "", fmt.Errorf("show configuration: %w", err)
	}
	return userinfo.ReplaceAllString(text.String(), "://***@"), nil
}

var userinfo = regexp.MustCompile(`://[^/@\s"']+@`)

// shown is file with what connectors are made of.
type shown struct {
	Store      any              `yaml:"store"`
	Listen     any              `yaml:"listen"`
	SecretKey  any              `yaml:"secret_key"`
	Identity   any              `yaml:"identity"`
	Zone       string           `yaml:"zone"`
	Calendars  any              `yaml:"calendars,omitempty"`
	Teams      any              `yaml:"teams"`
	People     any              `yaml:"people,omitempty"`
	Tokens     any              `yaml:"tokens,omitempty"`
	OIDC       any              `yaml:"oidc"`
	Connectors []shownConnector `yaml:"connectors"`
	Rules      any              `yaml:"rules"`
	Fallback   string           `yaml:"fallback_team"`
	Keep       string           `yaml:"keep"`

	ManagersSee bool `yaml:"managers_see_answers"`
	Reports     any  `yaml:"reports,omitempty"`

	Log any `yaml:"log"`
}

type shownConnector struct {
	Name     string `yaml:"name"`
	Type     string `yaml:"type"`
	Enabled  bool   `yaml:"enabled"`
	Calendar string `yaml:"calendar,omitempty"`
	Settings any    `yaml:"settings"`
}
