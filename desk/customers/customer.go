package customers

import (
	"cmp"
	"fmt"
	"slices"

	"loket/desk"
	"loket/identity"
	"loket/internal/message"
)

// A Profile is a customer as the registry knows them now.
type Profile struct {
	*identity.Customer
	Attributes []identity.Attribute // what sources say of them; nil where that was not read, else never
}

// Owners says whose an identifier is: one customer's; or nobody's alone, when each of the candidates may be meant.
type Owners struct {
	Customer   *identity.Customer // nil for nobody
	Candidates []identity.Candidate
}

// A History is what was said with a customer, newest first. It is gathered from the identifiers they hold now, so that
// merging and splitting rewrite nothing.
type History struct {
	Customer *identity.Customer
	// Tasks whose sender showed an identifier of this customer, attested or better.
	Tasks []*desk.Task
	// Claims are tasks whose sender may have been somebody else: they only said that an identifier is theirs, or it is
	// contested, shared, or has been given up since.
	Claims []*desk.Task
	Cursor string // continues with older ones; "" when there are none
}

// An Explanation says why X and Y are of one customer, or why they are not.
type Explanation struct {
	X, Y message.Identifier
	identity.Explanation
}

// Unsure says that a person must look at the customers before a change is made. It is an error: nothing was changed,
// unless the cause says that what was said is kept as a contradiction.
type Unsure struct {
	Customers []*identity.Customer // as they are
	WouldBe   *identity.Customer   // what they would become, if that is asked
	Text      string               // for people
	Cause     error
}

func (u *Unsure) Error() string { return u.Text }

// Unwrap gives the cause.
func (u *Unsure) Unwrap() error { return u.Cause }

// joined is the customer that two would become: known by the older id, with what both hold.
func joined(a, b *identity.Customer) *identity.Customer {
	if b.ID < a.ID {
		a, b = b, a
	}
	return &identity.Customer{
		ID: a.ID, Name: cmp.Or(a.Name, b.Name), Version: max(a.Version, b.Version) + 1,
		Former: slices.Concat(a.Former, []string{b.ID}, b.Former), Held: slices.Concat(a.Held, b.Held),
	}
}

// bothHave names the numbers of one system that two customers have.
func bothHave(a, b *identity.Customer) string {
	var text string
	for _, x := range a.Held {
		for _, y := range b.Held {
			if x.Class() == message.Anchor && x.Kind == y.Kind && x.Scope == y.Scope && x.Value != y.Value {
				if text != "" {
					text += "; "
				}
				text += fmt.Sprintf("one is %s, the other %s", x.String(), y.String())
			}
		}
	}
	return text
}

var _ error = (*Unsure)(nil)
