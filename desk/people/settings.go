package people

import (
	"context"
	"fmt"
	"time"

	"loket/desk/access"
	"loket/internal/field"
)

// Settings are what somebody chose for themselves.
type Settings struct {
	Language string `json:"language,omitempty"` // nl or en; "" is what the browser prefers
	// Regret is for how many seconds an answer of theirs may be taken back; nil is what is usual on its channel.
	Regret *int `json:"regret,omitempty"`
	// NoKeys: keys alone do nothing.
	NoKeys bool  `json:"no_keys,omitempty"`
	Calls  Calls `json:"calls,omitzero"`
}

// Calls are what somebody wants to be told of while they do not look at the desk, and how.
type Calls struct {
	Tasks    bool `json:"tasks,omitempty"`    // that came to a team of theirs
	Answers  bool `json:"answers,omitempty"`  // of customers, in tasks of theirs
	Mentions bool `json:"mentions,omitempty"` // of them, in a note

	Sound  bool `json:"sound,omitempty"`
	Notify bool `json:"notify,omitempty"` // by a notification of the desktop, where the browser may
}

// maxRegret bounds for how long an answer is held back, in seconds.
const maxRegret = 30

// Hold is for how long an answer is held back that is usually held back for so long.
func (s Settings) Hold(usual time.Duration) time.Duration {
	if s.Regret == nil {
		return usual
	}
	return time.Duration(*s.Regret) * time.Second
}

// Settings gives what somebody chose; of whom nothing is known, nothing.
func (s *Service) Settings(ctx context.Context, name string) (Settings, error) {
	r, err := s.one(ctx, name)
	if err != nil {
		return Settings{}, fmt.Errorf("read settings: %w", err)
	}
	return r.Settings, nil
}

// Choose keeps what somebody chose for themselves. A mistake is a *field.Error.
func (s *Service) Choose(ctx context.Context, by access.Actor, chosen Settings) error {
	if chosen.Language != "" && chosen.Language != "nl" && chosen.Language != "en" {
		return field.Errorf("language", "must be nl or en, not %q", chosen.Language)
	}
	if n := chosen.Regret; n != nil && (*n < 0 || *n > maxRegret) {
		return field.Errorf("regret", "must be from 0 to %d seconds, not %d", maxRegret, *n)
	}
	err := s.changeKnown(ctx, by.Person, func(r *record) { r.Settings = chosen })
	if err != nil {
		return fmt.Errorf("keep settings: %w", err)
	}
	return nil
}
