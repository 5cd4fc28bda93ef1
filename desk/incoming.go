package desk

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"loket/internal/field"
	"loket/internal/message"
)

// HandConnector is where a message comes from that names no connector.
const HandConnector = "desk"

// How long some things may be, in characters.
const (
	MaxText     = 200_000 // of a text by a person
	MaxName     = 200
	MaxID       = 300
	maxLanguage = 35 // RFC 5646 asks for room for so many
)

// An Incoming is a message that somebody wrote down, and the bytes of its attachments.
type Incoming struct {
	Message *message.Message // without an ID unless it was given one
	Files   []FileToTake     // one for each of the message's attachments
}

// complete is what the message lacks to be taken in, beyond what a dry run needs.
func (in *Incoming) complete() error {
	m := in.Message
	var errs []error
	if strings.TrimSpace(m.Text) == "" && len(m.Attachments) == 0 {
		errs = append(errs, field.Errorf("text", "must not be empty, unless there are attachments"))
	}
	if m.Channel == "" && m.Thread == "" {
		errs = append(errs, field.Errorf("channel", "must say how it was said: phone, counter, letter…"))
	}
	for i, f := range in.Files {
		if !f.Given {
			errs = append(errs, field.Errorf(field.At("attachments", i)+".data", "must be given, in base64"))
		}
	}
	return errors.Join(errs...)
}

// LongMistake is an error for a value of more than limit characters.
func LongMistake(path, value string, limit int) error {
	if utf8.RuneCountInString(value) <= limit {
		return nil
	}
	return field.Errorf(path, "must be at most %d characters", limit)
}

var languageForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$|^$`)

// LanguageMistake is an error for what is no code of a language; "" is none.
func LanguageMistake(language string) error {
	if languageForm.MatchString(language) && len(language) <= maxLanguage {
		return nil
	}
	return field.Errorf("language", "must be a language code such as nl or en")
}
