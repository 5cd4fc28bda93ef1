package desk

import (
	"context"
	"errors"
	"io"
	"net"

	"loket/identity"
	"loket/internal/store"
	"loket/router/intake"
	"loket/router/queue"
)

// Errors that callers tell apart. What is wrong with a field of the request is a *field.Error.
var (
	ErrAway = store.ErrAway // what was asked may be asked again

	ErrNone     = queue.ErrNone // no such task, or no such reply
	ErrTaken    = queue.ErrTaken
	ErrClosed   = queue.ErrClosed
	ErrNotHeld  = queue.ErrNotHeld
	ErrConflict = queue.ErrConflict
	ErrBusy     = queue.ErrBusy
	ErrUnseen   = queue.ErrUnseen
	ErrNothing  = queue.ErrNothing
	ErrNoDraft  = queue.ErrNoDraft
	ErrFull     = queue.ErrFull // no more drafts
	ErrTooLarge = intake.ErrTooLarge

	ErrStranger      = identity.ErrNone // no such customer, or nobody holds the identifier
	ErrGone          = identity.ErrGone
	ErrContradiction = identity.ErrConflict
	ErrAnchored      = identity.ErrAnchored
	ErrJoins         = identity.ErrLimit
	ErrUnsettled     = identity.ErrBusy

	ErrNotFound = errors.New("not found") // of anything that is no task
	ErrNotNow   = errors.New("cannot take the message now; send it again")
)

// IsAway tells whether err means that the store could not be reached or could not answer.
func IsAway(err error) bool {
	if errors.Is(err, ErrAway) {
		return true
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var answered interface{ RedisError() }
	if errors.As(err, &answered) { // an answer, which may be that it cannot answer now
		return errors.Is(store.Cause(err), ErrAway)
	}
	var broken net.Error
	return errors.As(err, &broken) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed)
}

// Away says in words for people why the store cannot do what was asked.
func (d *Desk) Away() string {
	switch c := d.store.Condition(); {
	case c.Writes:
		return "the store is away; try again"
	case c.Reads:
		return "the store refuses to write: " + c.Cause + "; nothing was changed, try again later"
	default:
		return "the store is away: " + c.Cause + "; try again"
	}
}

// A Refusal says in words for people why a step was not taken.
type Refusal = queue.Refusal
