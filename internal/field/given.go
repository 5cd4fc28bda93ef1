package field

import (
	"errors"
	"fmt"
	"reflect"
)

// Given is an error for every one of the named fields of options, a struct, that holds nothing. A name that is none panics: it
// is the programmer's mistake.
func Given(options any, names ...string) error {
	v := reflect.ValueOf(options)
	var errs []error
	for _, name := range names {
		if v.FieldByName(name).IsZero() {
			errs = append(errs, fmt.Errorf("%s: %s must be given", v.Type(), name))
		}
	}
	return errors.Join(errs...)
}
