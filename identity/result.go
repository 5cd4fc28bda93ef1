package identity

import (
	"time"

	"loket/internal/message"
)

// Result says who a sender is, as far as is known.
type Result struct {
	Customer string // empty when nobody is known, or when it is contested
	Name     string // for people to read; proves nothing
	// Assurance is how sure it is that the sender is Customer; without one, that they hold Basis.
	Assurance message.Level
	// Basis is the identifier that Assurance is about. It is zero when the sender showed none.
	Basis   message.Identifier
	Created bool // Customer did not exist before
	// Contested: what the sender holds is of several customers, or may be. Customer, if there is one, is for
	// routing, and no surer than a claim; the others stand among Candidates.
	Contested  bool
	Candidates []Candidate
	// ClaimsToBe are the other customers whose identifiers the sender merely claims.
	ClaimsToBe []Candidate
	Conflicts  []Conflict
	// Lives are of the identifiers shown that were ever given up: between which times they were whose they were then.
	Lives []Life
	// Signs speak for it that a number is somebody else's now, in words for people.
	Signs   []string
	Version int64 // of what is known about Customer; 0 when that was not read
}

// Word is Assurance for people and rules: "none" when the sender showed nothing at all.
func (r *Result) Word() string {
	if r.Basis.IsZero() {
		return NoAssurance
	}
	return r.Assurance.String()
}

// NoAssurance is how sure it is who somebody is who showed nothing.
const NoAssurance = "none"

// A Candidate is a customer the sender may be. A person decides.
type Candidate struct {
	Customer string
	Name     string
	Why      string // the identifier that speaks for it, as Identifier.Node writes it
}

// A Conflict is a pair of identifiers that the sender holds both and that are of different customers.
type Conflict struct {
	A, B                 message.Identifier
	CustomerA, CustomerB string
}

// A Life of an identifier lies between two times that it was given up: what was said with it in another is another's.
type Life struct {
	message.Identifier
	// From is when it was given up before, not included, zero for never; Until when it was again, zero for not yet.
	From, Until time.Time
	// Doubt tells that it was silent for long before it, and nobody said that it was given up.
	Doubt bool
}

// Holds tells whether an instant lies in it.
func (l Life) Holds(at time.Time) bool {
	return at.After(l.From) && (l.Until.IsZero() || !at.After(l.Until))
}

// maxHeld is how many identifiers of one sender count, the strongest.
const maxHeld = 16
