package store

import "fmt"

// Cause marks an error of a plain read as ErrAway when the store could not be reached or could not answer, so
// that callers tell it from a mistake. Other errors, and nil, come back as they are.
func Cause(err error) error {
	if err == nil || !isAway(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrAway, err)
}
