// Package field has the error that knows which field of a configuration or request it is about.
package field

import (
	"errors"
	"fmt"
	"regexp"
)

// An Error says what is wrong with one field and what would be right.
type Error struct {
	Path   string // connectors[0].settings.poll; empty for the whole
	Reason string // must be at least 1s, not 10ms
	Column int    // position inside the value, from 1; 0 when the whole value is meant
}

func (e *Error) Error() string {
	if e.Path == "" {
		return e.Reason
	}
	return e.Path + ": " + e.Reason
}

// Errorf makes an Error for the field at path.
func Errorf(path, format string, args ...any) error {
	return &Error{Path: path, Reason: fmt.Sprintf(format, args...)}
}

// Matches is an Error at path when value, as a whole, is not of a form. right says which that is, such as: must be digits.
func Matches(path, value, form, right string) error {
	if regexp.MustCompile(`^(?:` + form + `)$`).MatchString(value) {
		return nil
	}
	return Errorf(path, "%s", right)
}

// Between is an Error at path when n is not from least to most.
func Between[N int | int64](path string, n, least, most N) error {
	if least <= n && n <= most {
		return nil
	}
	return Errorf(path, "must be from %d to %d, not %d", least, most, n)
}

// Either is an Error at path when value is neither of two.
func Either(path, value, one, other string) error {
	if value == one || value == other {
		return nil
	}
	return Errorf(path, "must be %s or %s, not %q", one, other, value)
}

// Missing is an Error at path when there is nothing. why says what it is for.
func Missing(path string, missing bool, why string) error {
	if !missing {
		return nil
	}
	return Errorf(path, "must be given%s", why)
}

// At is the path of the element of a list: At("tags", 2) is tags[2].
func At(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// All lists every Error inside err, in the order they were joined, looking through errors.Join and wrapping.
// An error that names no field comes as one without a path, so nothing is lost.
func All(err error) []*Error {
	if err == nil {
		return nil
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*Error
		for _, e := range many.Unwrap() {
			all = append(all, All(e)...)
		}
		return all
	}
	var one *Error
	if errors.As(err, &one) {
		return []*Error{one}
	}
	return []*Error{{Reason: err.Error()}}
}

// Under puts prefix before the path of every Error in err.
func Under(prefix string, err error) error {
	var out []error
	for _, e := range All(err) {
		moved := *e
		switch {
		case moved.Path == "":
			moved.Path = prefix
		case moved.Path[0] == '[':
			moved.Path = prefix + moved.Path
		default:
			moved.Path = prefix + "." + moved.Path
		}
		out = append(out, &moved)
	}
	return errors.Join(out...)
}
