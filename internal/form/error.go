package form

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"time"

	"loket/internal/body"
	"loket/internal/limit"
	"loket/internal/problem"
)

// A Fault is of what kind that is for which a form is refused.
type Fault int

// What may be wrong with a form.
const (
	Malformed     Fault = iota // it is no form, or broke off
	TooManyFields              // or values, or whatever else it has too many of
	Wrong                      // a field has what it can't have
	TooManyFiles               // more than Max
	TooLarge                   // more than Max bytes
	Unsupported                // a kind or charset that is not read
	Slow                       // it came too slowly
	Unavailable                // our trouble, which may pass
)

// An Error is why a form is not taken, in words for programs.
type Error struct {
	Fault  Fault
	Field  string // that is wrong; "" is the form as a whole
	Reason string // behind the name of the field
	Max    int64

	err error
}

func (e *Error) Error() string { return e.Problem().Error() }
func (e *Error) Unwrap() error { return e.err }

// ofValue tells whether the rest of the form can be read.
func (e *Error) ofValue() bool { return e.Fault == Wrong || e.Fault == TooManyFiles }

// soon is when to try again what failed by our fault.
const soon = 5 * time.Second

// Problem is what programs are answered.
func (e *Error) Problem() *problem.Problem {
	p := &problem.Problem{Field: e.Field, Detail: e.Reason}
	switch e.Fault {
	case Malformed, TooManyFields:
		p.Status = http.StatusBadRequest
	case Wrong, TooManyFiles:
		p.Status = http.StatusUnprocessableEntity
	case TooLarge:
		p.Status = http.StatusRequestEntityTooLarge
	case Unsupported:
		p.Status = http.StatusUnsupportedMediaType
	case Slow:
		p.Status = http.StatusRequestTimeout
	case Unavailable:
		p.Status, p.Wait = http.StatusServiceUnavailable, soon
	}
	return p
}

func malformed(field, reason string) error {
	return &Error{Fault: Malformed, Field: field, Reason: reason}
}

func wrong(field, reason string) error { return &Error{Fault: Wrong, Field: field, Reason: reason} }

func unavailable(err error) error {
	return &Error{Fault: Unavailable, Reason: "cannot take the message now; send it again", err: err}
}

// shapeError is what the reading of a whole body ended with.
func (rd Reader) shapeError(err error) error {
	var shape *body.ShapeError
	switch {
	case !errors.As(err, &shape):
		return readError(err)
	case rd.FilesIn != "" && shape.At == rd.FilesIn && body.TooMany(err):
		return rd.tooManyFiles()
	}
	bad := &Error{Fault: Malformed, Field: shape.At, Reason: shape.Reason}
	if body.TooMany(err) {
		bad.Fault = TooManyFields
	}
	if bad.Field == "" {
		bad.Reason = "the body " + shape.Reason
	}
	return bad
}

// readError is what a body ended with that did not come whole.
func readError(err error) error {
	switch {
	case errors.Is(err, limit.ErrBusy):
		return unavailable(err)
	case errors.Is(err, limit.ErrSlow):
		return &Error{Fault: Slow, Reason: err.Error(), err: err}
	case errors.Is(err, body.ErrCharset):
		return malformed("", "the body "+body.ErrCharset.Error())
	}
	return malformed("", "the body broke off")
}

// fileError is what the reading of a file ended with; at is the field with its code, "" for one that has none.
func fileError(at string, err error) error {
	var corrupt base64.CorruptInputError
	var ours *stageError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &ours):
		return unavailable(err)
	case errors.As(err, &corrupt), at != "" && errors.Is(err, io.ErrUnexpectedEOF):
		return wrong(at, "must be base64 with padding")
	}
	return readError(err)
}
