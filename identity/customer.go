package identity

import (
	"errors"
	"time"

	"loket/internal/message"
)

// What can be wrong with a change. A change that is refused with one of these changed nothing, unless it says so.
var (
	// ErrNone says that there is no such customer or identifier.
	ErrNone = errors.New("no customer with this identifier")
	// ErrGone says that the customer asked to be forgotten. Nothing of theirs can be registered again.
	ErrGone = errors.New("it was erased")
	// ErrConflict says that what was asked contradicts what is known. What was said is kept where everybody sees
	// it, and what it is about is contested until a person decides.
	ErrConflict = errors.New("it contradicts what is known")
	// ErrAnchored says that both customers have a number of their own in one system, so that they were two people
	// there. Who has seen both may confirm.
	ErrAnchored = errors.New("both have a number in one system")
	// ErrSure says that an identifier is its customer's by more than people merely said, so that it takes more than that to take
	// it off.
	ErrSure = errors.New("it is proven, registered by others or in the CRM")
	// ErrLimit says that too much was joined in too short a time, or to one customer. It is kept as a suggestion.
	ErrLimit = errors.New("too many joins")
	// ErrBusy says that others change the same customers faster than they can be read, for seconds. It may be asked
	// again.
	ErrBusy = errors.New("it changes too fast, try again")
)

// Actor says who makes a change, why, and on what evidence.
type Actor struct {
	Name    string
	Reason  string
	Message string    // the message that is the evidence, if there is one
	At      time.Time // when it was so; zero is now
	// Repeats says that whoever says it may only say again what they said before, as a program does that keeps two systems
	// alike: saying the same once more then brings back nothing that was given up meanwhile.
	Repeats bool
	// Confirm says that a person saw both sides and takes them for one all the same.
	Confirm bool
	// Apart says that what is said here may make no two customers one; whoever says it may not decide that.
	Apart bool
}

// Held is an identifier of a customer. Its Level is that of the fact that ties it to the customer.
type Held struct {
	message.Identifier
	Since, Last time.Time
	Contested   bool // others claim it with as good a right: it names nobody
	Shared      bool // several people use it: it names nobody
	Retired     bool // it was theirs
	// Until is when a retired one was theirs last. From is when somebody else gave it up, before whom it was not theirs; zero
	// when nobody did.
	From, Until time.Time
}

// Holds tells whether an identifier was the customer's at an instant, as far as is known. Whether it was theirs alone is another
// matter.
func (h Held) Holds(at time.Time) bool {
	return at.After(h.From) && (!h.Retired || !at.After(h.Until))
}

// A Customer is whoever holds some identifiers, as far as is known now.
type Customer struct {
	ID      string
	Former  []string // other ids that lead here, oldest first
	Name    string   // for people to read; proves nothing
	Held    []Held   // the most lasting first
	Version int64    // grows with every change
}

// A Step is one fact in the chain between two identifiers.
type Step struct {
	A, B     message.Identifier
	Level    message.Level
	Since    time.Time
	Last     time.Time
	Evidence string // the message or the person it is known from
	// Rule says why the step does not count, in words; empty when it does.
	Rule string
}

// An Explanation says why two identifiers are of one customer, or why they are not.
type Explanation struct {
	Same  bool
	Steps []Step // from the one to the other when Same; else what speaks for it and was refused
	Rule  string // what keeps them apart, in words; empty when Same
}

// A LogEntry is one decision or change in the life of a customer.
type LogEntry struct {
	ID     string // sorts by time
	At     time.Time
	Op     string // register, link, unlink, merge, unmerge, split, share, block, retire, erase, join, conflict, create
	Actor  string
	Reason string
	// Evidence is the message it is known from.
	Evidence string
	// Identifiers it is about, as Identifier.Node writes them; one that has been erased since is a keyed hash.
	Identifiers []string
	Before      []string // customers' ids
	After       []string
}
