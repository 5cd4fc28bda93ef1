package router

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"loket/internal/field"
)

// A Rule sends the messages for which When holds to a team.
type Rule struct {
	// What people call it; it stands with every decision it makes.
	Name string `yaml:"name"`
	// An expression over the facts of the message: channel == "web" and attachments > 0. See Facts.
	When string `yaml:"when"`
	// The team that answers.
	Team string `yaml:"team"`
	// urgent, high, normal or low; normal.
	Priority string `yaml:"priority"`
	// Empty for everybody in the team, @agent for one person.
	Lane string `yaml:"lane"`
	// Words the task gets.
	Tags []string `yaml:"tags"`
	// How soon to answer and to be done, instead of the team's own targets.
	FirstReply time.Duration `yaml:"first_reply,omitempty"`
	NextReply  time.Duration `yaml:"next_reply,omitempty"`
	Resolution time.Duration `yaml:"resolution,omitempty"`
}

func (r Rule) targets() Targets { return Targets{r.FirstReply, r.NextReply, r.Resolution} }

// FallbackRule is the name under which the fallback team decides.
const FallbackRule = "fallback"

// Priorities lists the words for a priority, most pressing first: the position of one is its band.
func Priorities() []string { return []string{"urgent", "high", "normal", "low"} }

const (
	defaultPriority = "normal"
	maxName         = 60
	maxTag          = 40
	maxTags         = 20
)

// validate returns all mistakes but those of the expression, which are found by compiling it.
func (r Rule) validate(teams []string) error {
	errs := []error{
		nameMistake(r.Name),
		TeamExists("team", r.Team, teams),
		r.targets().validate(),
	}
	if r.Priority != "" {
		_, err := Band("priority", r.Priority)
		errs = append(errs, err)
	}
	if r.Lane != "" && (!laneForm.MatchString(r.Lane) || utf8.RuneCountInString(r.Lane) > 61) {
		errs = append(errs, field.Errorf("lane", "must be empty, or @ and the name of an agent, not %q", r.Lane))
	}
	return errors.Join(append(errs, TooManyTags("tags", r.Tags), NoTags("tags", r.Tags))...)
}

// Band gives the place of a priority, or an Error at path that names those that there are.
func Band(path, priority string) (int, error) {
	band := slices.Index(Priorities(), priority)
	if band < 0 {
		return 0, field.Errorf(path, "must be urgent, high, normal or low, not %q%s", priority, field.DidYouMean(priority, Priorities()))
	}
	return band, nil
}

// TooManyTags is an Error at path when a task cannot have so many.
func TooManyTags(path string, tags []string) error {
	if len(tags) > maxTags {
		return field.Errorf(path, "must be at most %d, not %d", maxTags, len(tags))
	}
	return nil
}

// NoTags joins an Error below path for each word that cannot be a tag.
func NoTags(path string, words []string) error {
	var errs []error
	for i, word := range words {
		if word == "" || utf8.RuneCountInString(word) > maxTag || strings.ContainsFunc(word, notInWord) {
			errs = append(errs, field.Errorf(path+index(i), "must be one word of at most %d characters, not %q", maxTag, word))
		}
	}
	return errors.Join(errs...)
}

func nameMistake(name string) error {
	switch {
	case name == "":
		return field.Errorf("name", "must be given: it stands with every decision of the rule")
	case name == FallbackRule:
		return field.Errorf("name", "must not be %q: the fallback team decides under that name", FallbackRule)
	case utf8.RuneCountInString(name) > maxName, strings.TrimSpace(name) != name, strings.ContainsFunc(name, unicode.IsControl):
		return field.Errorf("name", "must be at most %d characters on one line, without spaces around it", maxName)
	}
	return nil
}

// TeamExists is an Error at path unless name is one of teams.
func TeamExists(path, name string, teams []string) error {
	switch {
	case slices.Contains(teams, name):
		return nil
	case name == "":
		return field.Errorf(path, "must name a team")
	}
	return field.Errorf(path, "no team is called %q%s", name, field.DidYouMean(name, teams))
}

func notInWord(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == ',' }

// laneForm has no bound: counted in the expression it costs every start of a command ten milliseconds.
var laneForm = regexp.MustCompile(`^@[\pL\pN][\pL\pN._@-]*$`)
