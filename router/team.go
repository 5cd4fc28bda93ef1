package router

import (
	"errors"
	"regexp"
	"time"

	"loket/internal/field"
)

// A Team answers for what is in its queue. What is left out (zero) has the default that its comment gives.
type Team struct {
	// Working time by which its targets are to count. Not used yet: targets count around the clock.
	Calendar string `yaml:"calendar"`
	// How soon a customer's first message is to be answered; 8h.
	FirstReply time.Duration `yaml:"first_reply,omitempty"`
	// How soon every later one; as first_reply.
	NextReply time.Duration `yaml:"next_reply,omitempty"`
	// How long a claimed task stays with an agent who shows no sign of life; 2m.
	Lease time.Duration `yaml:"lease,omitempty"`
	// How long after closing a new message opens the task again, instead of making a new one; 7d.
	Reopen time.Duration `yaml:"reopen,omitempty"`
	// Languages its agents answer in.
	Languages []string `yaml:"languages"`
}

const (
	defaultFirstReply = 8 * time.Hour
	defaultLease      = 2 * time.Minute
	defaultReopen     = 7 * 24 * time.Hour

	leastTarget = time.Second
	mostTarget  = 366 * 24 * time.Hour
	leastLease  = 5 * time.Second
	mostLease   = 24 * time.Hour
)

// Validate returns all mistakes.
func (t Team) Validate() error {
	errs := []error{
		target("first_reply", t.FirstReply),
		target("next_reply", t.NextReply),
		target("reopen", t.Reopen),
	}
	if t.Lease != 0 {
		errs = append(errs, field.Within("lease", t.Lease, leastLease, mostLease))
	}
	for i, l := range t.Languages {
		if !languageForm.MatchString(l) {
			errs = append(errs, field.Under("languages", field.Errorf(index(i), "must be a language code such as nl or en, not %q", l)))
		}
	}
	return errors.Join(errs...)
}

// Complete is the team with its defaults filled in.
func (t Team) Complete() Team {
	t.FirstReply = either(t.FirstReply, defaultFirstReply)
	t.NextReply = either(t.NextReply, t.FirstReply)
	t.Lease = either(t.Lease, defaultLease)
	t.Reopen = either(t.Reopen, defaultReopen)
	return t
}

// target is an error at path for a wrong duration; zero is one that was left out.
func target(path string, d time.Duration) error {
	if d == 0 {
		return nil
	}
	return field.Within(path, d, leastTarget, mostTarget)
}

func either(d, otherwise time.Duration) time.Duration {
	if d != 0 {
		return d
	}
	return otherwise
}

var (
	teamForm     = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)
	languageForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
)
