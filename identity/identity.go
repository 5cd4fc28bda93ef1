// Package identity tells which customer a sender is, and how sure that is.
//
// It keeps facts and derives customers. A fact is what somebody said: these two identifiers are one person's, these
// two customers are not the same. Facts combine by max and min and nothing is rewritten, so their order cannot matter,
// and what a person decided can be undone. Derive reads from them who is who.
//
// Two things are kept apart. How sure it is that the sender holds an identifier is the level it came with; how sure it
// is that the identifier is a customer's is that of the fact that ties them. The smaller of the two is the assurance.
// Only what is attested or better creates, binds or joins. What is merely claimed leads to candidates for a person
// to look at, and is never written.
package identity

import (
	"errors"
	"time"

	"loket/internal/field"
	"loket/internal/message"
	"loket/internal/store"
)

// Config is the section identity of the configuration.
type Config struct {
	// Country whose phone numbers people write without a country code, as two capitals: NL, BE.
	Region string `yaml:"region"`
	// After how long a telephone number that is shown again may be somebody else's: who shows it is then somebody new, and it is
	// suggested that they are one. 0 is never.
	Silence time.Duration `yaml:"silence"`
	// Key makes the hashes that are all that is left of what was erased. With another key they are not recognised.
	Key []byte `yaml:"-"`
	// Limits on what comes together by itself; zero is the usual ones.
	Limits Limits `yaml:"-"`
}

// Defaults is the Config of somebody who wrote none.
func Defaults() Config { return Config{Region: "NL", Silence: usualSilence} }

// Validate returns all mistakes.
func (c Config) Validate() error {
	var errs []error
	if !message.KnownRegion(c.Region) {
		errs = append(errs, field.Errorf("region", "must be a country as two capitals, such as NL, not %q", c.Region))
	}
	if c.Silence != 0 && c.Silence < leastSilence {
		errs = append(errs, field.Errorf("silence", "must be at least %s, or 0 for never, not %s",
			field.FormatDuration(leastSilence), field.FormatDuration(c.Silence)))
	}
	return errors.Join(errs...)
}

// A Registry knows the customers. Its methods may be called concurrently, by several processes too.
type Registry struct {
	store  *store.Store
	region string
	key    []byte
	limits Limits
	now    func() time.Time
	// flush is how long a sighting is not written down again, in milliseconds.
	flush int64
	// silence is after how long a number that is shown again may be somebody else's, in milliseconds; 0 is never.
	silence int64
	// exact reads all there is for every sender, known or not. It is slow, and writes every sighting.
	exact bool
	// tries is how often a change is computed again because others were faster.
	tries  int
	counts counts
}

// New makes a registry in s, which the caller closes when nobody uses the registry any more.
func New(s *store.Store, cfg Config) *Registry {
	return &Registry{
		store: s, region: cfg.Region, key: cfg.Key, limits: cfg.Limits.orDefaults(), now: time.Now, flush: day.Milliseconds(), silence: cfg.Silence.Milliseconds(),
		tries: maxTries,
	}
}

// Parse reads an identifier that somebody typed, such as email:kate@example.org or phone:06 1234 5678.
func (r *Registry) Parse(s string, level message.Level) (message.Identifier, error) {
	return message.ParseIdentifier(s, r.region, level)
}
