// Package queue holds the tasks of the teams: who may take which next, who has it now, what is on its way to
// the customer, and one event for every change.
//
// What a person does is computed here from the task as it stands and stored only if it still stands so
// (store.Tx); what many do at once, putting and claiming, is a script.
package queue

import (
	"errors"
	"fmt"
	"time"

	"loket/internal/archive"
	"loket/internal/field"
	"loket/internal/store"
)

// Errors that callers tell apart.
var (
	ErrAway     = store.ErrAway // nothing is known to be done, and it may be asked again
	ErrNone     = errors.New("no such task")
	ErrTaken    = errors.New("the task is held by another, or the lease is no longer current")
	ErrClosed   = errors.New("the task is closed")
	ErrNotHeld  = errors.New("nobody holds the task")
	ErrConflict = errors.New("the same key came with another text")
	ErrBusy     = errors.New("the task changes too fast, try again")
	ErrNoDraft  = errors.New("no such draft")
	ErrFull     = errors.New("the task has too many drafts")
)

// A Refusal says in words for people why a step was not taken. It is one of the errors above.
type Refusal struct {
	err  error
	Text string
}

func (r *Refusal) Error() string { return r.Text }

// Unwrap is ErrTaken, ErrClosed, ErrNotHeld or ErrFull.
func (r *Refusal) Unwrap() error { return r.err }

func (t *Task) refuse(err error, format string, args ...any) error {
	return &Refusal{err: err, Text: FormatNumber(t.Number) + " " + fmt.Sprintf(format, args...)}
}

// Taken is ErrTaken, in words: who lost a task wants to know to whom.
func (t *Task) Taken() error {
	if t.State == Claimed {
		return t.refuse(ErrTaken, "is held by %s", t.Agent)
	}
	return t.refuse(ErrTaken, "is no longer held under this lease")
}

// closed is ErrClosed, in words.
func (t *Task) closed() error {
	if t.Into.ID != "" {
		return t.refuse(ErrClosed, "was merged into %s, which goes on with it", FormatNumber(t.Into.Number))
	}
	return t.refuse(ErrClosed, "is closed")
}

// Retention is how long a delivered message is remembered. A message that was decided more than half of it ago
// creates no task any more, so that nothing can come twice.
const Retention = 14 * 24 * time.Hour

// Teams knows what teams promised. Its methods may be called concurrently.
type Teams interface {
	// Lease is how long a claim holds without a heartbeat.
	Lease(team string) time.Duration
	// Reopen is how long after its closing a task comes back to life when the customer writes.
	Reopen(team string) time.Duration
	// Targets are how much of a team's working time it promises at a priority to take for answering a first message, a
	// later one, and for all that a customer came with; 0 when nothing is promised.
	Targets(team, priority string) (first, next, resolution time.Duration)
	// After is when so much of a team's working time has passed since from.
	After(team string, from time.Time, d time.Duration) time.Time
	// LiftedAt is when what is queued and was due at an instant rises by its nth band of priority, later for a greater n;
	// zero for never.
	LiftedAt(team string, due time.Time, n int) time.Time
	// Aside tells whether the team says of an outcome, however it is written, that it counts as spam does.
	Aside(team, outcome string) bool
	// Answers tells whether a person may claim what the team has.
	Answers(team, person string) bool
}

// Options are what a Queue works with. Store and Teams must be given.
type Options struct {
	Store *store.Store
	Teams Teams
	// Archive is the place for tasks that are old. Nil: all stay in the store.
	Archive *archive.Archive
	// Step is called after each step of archiving with its name; tests stop the process there. May be nil.
	Step func(name string)
}

// A Queue holds all tasks of a store. Its methods may be called concurrently and by several processes.
type Queue struct {
	store *store.Store
	teams Teams
	feed  *Feed
	lost  lost

	archive *archive.Archive // may be nil
	step    func(string)
}

// New opens the queue of a store. It holds nothing that has to be closed.
func New(o Options) (*Queue, error) {
	if err := field.Given(o, "Store", "Teams"); err != nil {
		return nil, err
	}
	if o.Step == nil {
		o.Step = func(string) {}
	}
	return &Queue{store: o.Store, teams: o.Teams, feed: newFeed(o.Store), archive: o.Archive, step: o.Step}, nil
}

// Feed is the queue's stream of events, followed once for this process.
func (q *Queue) Feed() *Feed { return q.feed }
