package router

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"loket/internal/field"
)

// A Team answers for what is in its queue. What is left out (zero) has the default that its comment gives.
type Team struct {
	// The calendar in whose working time its targets count. Left out, they count around the clock.
	Calendar string `yaml:"calendar"`
	// How soon a customer's first message is to be answered; 8h.
	FirstReply time.Duration `yaml:"first_reply,omitempty"`
	// How soon every later one; as first_reply.
	NextReply time.Duration `yaml:"next_reply,omitempty"`
	// How soon what a customer came with is to be done with; nothing is promised when it is left out.
	Resolution time.Duration `yaml:"resolution,omitempty"`
	// Other targets by priority: urgent, high, normal, low. What one leaves out is as above.
	Targets map[string]Targets `yaml:"targets"`
	// How long a claimed task stays with an agent who shows no sign of life; 2m.
	Lease time.Duration `yaml:"lease,omitempty"`
	// How long after closing a new message opens the task again, instead of making a new one; 7d.
	Reopen time.Duration `yaml:"reopen,omitempty"`
	// How much working time after it was due a queued task rises by one band of priority, so that what is pressing does not
	// hold it up for good, and again each time as much has passed; first_reply. 0: never.
	AgeAfter *time.Duration `yaml:"age_after"`
	// Languages its agents answer in.
	Languages []string `yaml:"languages"`
	// Outcomes of closing that count as spam, duplicate and erased do, in capitals or not: there was nobody to be helped.
	Aside []string `yaml:"aside"`
}

// Targets are what a team promises, in working time. Zero is one that was left out.
type Targets struct {
	FirstReply time.Duration `yaml:"first_reply,omitempty"`
	NextReply  time.Duration `yaml:"next_reply,omitempty"`
	Resolution time.Duration `yaml:"resolution,omitempty"`
}

const (
	defaultFirstReply = 8 * time.Hour
	defaultLease      = 2 * time.Minute
	defaultReopen     = 7 * 24 * time.Hour

	leastTarget = time.Second
	maxTarget   = 366 * 24 * time.Hour
	leastLease  = 5 * time.Second
	maxLease    = 24 * time.Hour

	maxOutcome = 60 // characters; as closing a task takes
)

// Validate returns all mistakes.
func (t Team) Validate() error {
	whole := t.Complete()
	errs := []error{
		t.own().validate(),
		whole.For("").sense("resolution"),
		target("reopen", t.Reopen),
	}
	for _, priority := range slices.Sorted(maps.Keys(t.Targets)) {
		path := "targets." + priority
		if !slices.Contains(Priorities(), priority) {
			errs = append(errs, field.Errorf(path, "targets are for urgent, high, normal and low, not %q%s",
				priority, field.DidYouMean(priority, Priorities())))
		}
		at := path + ".resolution"
		if t.Targets[priority].Resolution == 0 {
			at = path + ".first_reply"
		}
		errs = append(errs, field.Under(path, t.Targets[priority].validate()), whole.For(priority).sense(at))
	}
	if t.AgeAfter != nil && *t.AgeAfter != 0 {
		errs = append(errs, field.Within("age_after", *t.AgeAfter, leastTarget, maxTarget))
	}
	if t.Lease != 0 {
		errs = append(errs, field.Within("lease", t.Lease, leastLease, maxLease))
	}
	for i, outcome := range t.Aside {
		if n := utf8.RuneCountInString(outcome); strings.TrimSpace(outcome) == "" || n > maxOutcome {
			errs = append(errs, field.Under("aside", field.Errorf(index(i), "must be an outcome of 1 to %d characters", maxOutcome)))
		}
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
	if t.AgeAfter == nil {
		first := t.FirstReply
		t.AgeAfter = &first
	}
	return t
}

// For gives the team's targets for a priority.
func (t Team) For(priority string) Targets { return t.Targets[priority].or(t.own()) }

// SetsAside tells whether closing with that outcome counts as spam does, because the team says so.
func (t Team) SetsAside(outcome string) bool {
	outcome = strings.TrimSpace(outcome)
	return slices.ContainsFunc(t.Aside, func(aside string) bool { return strings.EqualFold(strings.TrimSpace(aside), outcome) })
}

func (t Team) own() Targets { return Targets{t.FirstReply, t.NextReply, t.Resolution} }

// or fills in what t leaves out.
func (t Targets) or(otherwise Targets) Targets {
	return Targets{
		either(t.FirstReply, otherwise.FirstReply), either(t.NextReply, otherwise.NextReply), either(t.Resolution, otherwise.Resolution),
	}
}

// validate returns all mistakes in single targets.
func (t Targets) validate() error {
	return errors.Join(target("first_reply", t.FirstReply), target("next_reply", t.NextReply), target("resolution", t.Resolution))
}

// sense is an error at path when the whole is promised sooner than its first part.
func (t Targets) sense(path string) error {
	if t.Resolution > 0 && t.FirstReply > t.Resolution {
		return field.Errorf(path, "must leave time for the answer: resolution is %s, first_reply %s",
			field.FormatDuration(t.Resolution), field.FormatDuration(t.FirstReply))
	}
	return nil
}

// target is an error at path for a wrong duration; zero is one that was left out.
func target(path string, d time.Duration) error {
	if d == 0 {
		return nil
	}
	return field.Within(path, d, leastTarget, maxTarget)
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
