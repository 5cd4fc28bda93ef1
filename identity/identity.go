// Package identity tells which customer a sender is, and how sure that is. It reads an index of identifiers
// and writes nothing: a customer is known here when the index names one.
//
// Two things are kept apart. How sure it is that the sender holds an identifier is the level the identifier
// came with; only from attested upwards may it name a customer. What is merely claimed leads to candidates
// for a person to look at, and to nothing else.
package identity

import (
	"loket/internal/field"
	"loket/internal/message"
	"loket/internal/store"
)

// Config is the section identity of the configuration.
type Config struct {
	// Country whose phone numbers people write without a country code, as two capitals: NL, BE.
	Region string `yaml:"region"`
}

// Defaults is the Config of somebody who wrote none.
func Defaults() Config { return Config{Region: "NL"} }

// Validate returns all mistakes.
func (c Config) Validate() error {
	if !message.KnownRegion(c.Region) {
		return field.Errorf("region", "must be a country as two capitals, such as NL, not %q", c.Region)
	}
	return nil
}

// A Registry knows the customers. Its methods may be called concurrently, by several processes too.
type Registry struct {
	store  *store.Store
	region string
}

// New makes a registry in s, which the caller closes when nobody uses the registry any more.
func New(s *store.Store, cfg Config) *Registry {
	return &Registry{store: s, region: cfg.Region}
}

// Parse reads an identifier that somebody typed, such as email:kate@example.org or phone:06 1234 5678.
func (r *Registry) Parse(s string, level message.Level) (message.Identifier, error) {
	return message.ParseIdentifier(s, r.region, level)
}
