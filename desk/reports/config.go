// Package reports mails how a month went, once each month, to those whom the configuration names.
package reports

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"loket/internal/field"
	"loket/internal/message"
)

// A Config is a report that is mailed each month.
type Config struct {
	// What it is called: letters, digits and - _ . What was sent is remembered under this name.
	Name string `yaml:"name"`
	// The mailbox that sends it: a connector of type email with SMTP.
	Connector string `yaml:"connector"`
	// Who gets it.
	To []string `yaml:"to"`
	// Teams it is about. Left out, all.
	Teams []string `yaml:"teams"`
	// nl or en. Left out, en.
	Language string `yaml:"language"`
	// The day of the month on which it goes out, 1 to 28, about the month before. Left out, 1.
	Day int `yaml:"day"`
	// The time of day, where the house's times are read. Left out, 07:00.
	At string `yaml:"at"`
}

// complete fills in what was left out.
func (c Config) complete() Config {
	if c.Language == "" {
		c.Language = "en"
	}
	if c.Day == 0 {
		c.Day = 1
	}
	if c.At == "" {
		c.At = "07:00"
	}
	return c
}

// nameForm has no bound: counted in the expression it costs every start of a command ten milliseconds.
var nameForm = regexp.MustCompile(`^[\pL\pN][\pL\pN._-]*$`)

// Validate returns all mistakes of the section, by paths in it. connectors are those that may be named, and teams those that there are.
func Validate(all []Config, connectors, teams []string) error {
	var errs []error
	wrong := func(i int, key, format string, args ...any) {
		errs = append(errs, field.Errorf(field.At("reports", i)+"."+key, format, args...))
	}
	for i, c := range all {
		c = c.complete()
		if !nameForm.MatchString(c.Name) || utf8.RuneCountInString(c.Name) > 60 {
			wrong(i, "name", "must be letters, digits and . _ -, at most 60, not %q", c.Name)
		}
		if at := slices.IndexFunc(all, func(o Config) bool { return o.Name == c.Name }); at < i {
			wrong(i, "name", "reports[%d] is called %q too", at, c.Name)
		}
		if !slices.Contains(connectors, c.Connector) {
			wrong(i, "connector", "no connector of type email is called %q%s", c.Connector, field.DidYouMean(c.Connector, connectors))
		}
		if len(c.To) == 0 {
			wrong(i, "to", "must name who gets it")
		}
		for n, to := range c.To {
			if _, err := message.Email(to, message.Claimed); err != nil {
				wrong(i, fmt.Sprintf("to[%d]", n), "must be a mail address, not %q", to)
			}
		}
		for n, team := range c.Teams {
			if !slices.Contains(teams, team) {
				wrong(i, fmt.Sprintf("teams[%d]", n), "no team is called %q%s", team, field.DidYouMean(team, teams))
			}
		}
		if _, known := languages[c.Language]; !known {
			wrong(i, "language", "must be nl or en, not %q", c.Language)
		}
		if c.Day < 1 || c.Day > 28 {
			wrong(i, "day", "must be from 1 to 28, not %d", c.Day)
		}
		if _, err := time.Parse("15:04", c.At); err != nil {
			wrong(i, "at", "must be a time such as 07:00, not %q", c.At)
		}
	}
	return errors.Join(errs...)
}
