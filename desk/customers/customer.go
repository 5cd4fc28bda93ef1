package customers

import (
	"fmt"

	"loket/desk"
	"loket/identity"
	"loket/internal/message"
)

// A Profile is a customer as the registry knows him now.
type Profile struct {
	ID          string   `json:"id"`
	Name        string   `json:"name,omitempty"` // for people to read; proves nothing
	Former      []string `json:"former"`         // other ids that lead here, oldest first
	Identifiers []Held   `json:"identifiers"`    // the most lasting first
	Version     int64    `json:"version"`        // grows with every change
	// Attributes are what sources say of the customer. Absent where several customers are listed.
	Attributes []Attribute `json:"attributes,omitzero"`
}

// Held is an identifier of a customer.
type Held struct {
	Identifier string    `json:"identifier"` // kind:value
	Level      string    `json:"level"`      // how sure it is that it is the customer's
	Since      desk.Time `json:"since,omitzero"`
	Last       desk.Time `json:"last,omitzero"`
	Contested  bool      `json:"contested,omitempty"` // others claim it with as good a right
	Shared     bool      `json:"shared,omitempty"`    // several people use it
	Retired    bool      `json:"retired,omitempty"`   // it was theirs
	Until      desk.Time `json:"until,omitzero"`      // and until when
	From       desk.Time `json:"from,omitzero"`       // since whoever had it before gave it up; what was said with it until then is theirs
}

func profile(c *identity.Customer) *Profile {
	v := &Profile{ID: c.ID, Name: c.Name, Former: filled(c.Former), Identifiers: []Held{}, Version: c.Version}
	for _, h := range c.Held {
		v.Identifiers = append(v.Identifiers, Held{
			Identifier: h.String(), Level: h.Level.String(), Since: desk.Time{Time: h.Since}, Last: desk.Time{Time: h.Last},
			Contested: h.Contested, Shared: h.Shared, Retired: h.Retired, Until: desk.Time{Time: h.Until}, From: desk.Time{Time: h.From},
		})
	}
	return v
}

// Owners says whose an identifier is: one customer's; or nobody's alone, when each of the candidates may be meant.
type Owners struct {
	Customers  []*Profile       `json:"customers"` // one, or none
	Candidates []desk.Candidate `json:"candidates"`
}

// A History is what was said with a customer, newest first. It is gathered from the identifiers he holds now, so that
// merging and splitting rewrite nothing.
type History struct {
	Customer *Profile `json:"customer"`
	// Tasks whose sender showed an identifier of this customer, attested or better.
	Tasks []*desk.Task `json:"tasks"`
	// Claims are tasks whose sender may have been somebody else: he only said that an identifier is his, or it is
	// contested, shared, or has been given up since.
	Claims []*desk.Task `json:"claims"`
	// More: there are older ones. Cursor continues with them; "" at the end.
	More   bool   `json:"more"`
	Cursor string `json:"cursor"`
}

// An Explanation says why two identifiers are of one customer, or why they are not.
type Explanation struct {
	X     string `json:"x"`
	Y     string `json:"y"`
	Same  bool   `json:"same"`
	Rule  string `json:"rule,omitempty"` // what keeps them apart, in words
	Steps []Step `json:"steps"`          // from the one to the other; when not the same, what was said and refused
}

// A Step is one fact between two identifiers.
type Step struct {
	A        string    `json:"a"`
	B        string    `json:"b"`
	Level    string    `json:"level"`
	Since    desk.Time `json:"since,omitzero"`
	Last     desk.Time `json:"last,omitzero"`
	Evidence string    `json:"evidence,omitempty"` // the message or the person it is known from
	Rule     string    `json:"rule,omitempty"`     // why it does not count, in words
}

func explanation(x, y message.Identifier, e identity.Explanation) *Explanation {
	v := &Explanation{X: x.String(), Y: y.String(), Same: e.Same, Rule: e.Rule, Steps: []Step{}}
	for _, s := range e.Steps {
		v.Steps = append(v.Steps, Step{
			A: s.A.String(), B: s.B.String(), Level: s.Level.String(), Since: desk.Time{Time: s.Since}, Last: desk.Time{Time: s.Last},
			Evidence: s.Evidence, Rule: s.Rule,
		})
	}
	return v
}

// A LogPage is a part of what was decided about a customer, newest first. Cursor continues it; "" at its end.
type LogPage struct {
	Entries []LogEntry `json:"entries"`
	Cursor  string     `json:"cursor"`
}

// A LogEntry is one change in the life of a customer.
type LogEntry struct {
	ID          string    `json:"id"`
	At          desk.Time `json:"at"`
	Op          string    `json:"op"`
	Actor       string    `json:"actor,omitempty"`
	Reason      string    `json:"reason,omitempty"`
	Evidence    string    `json:"evidence,omitempty"` // the message it is known from
	Identifiers []string  `json:"identifiers"`        // one that was erased since is a hash
	Before      []string  `json:"before"`             // customers' ids
	After       []string  `json:"after"`
}

func logEntry(e identity.LogEntry) LogEntry {
	return LogEntry{
		ID: e.ID, At: desk.Time{Time: e.At}, Op: e.Op, Actor: e.Actor, Reason: e.Reason, Evidence: e.Evidence,
		Identifiers: filled(e.Identifiers), Before: filled(e.Before), After: filled(e.After),
	}
}

// A SplitResult is the two customers that one became: the one that keeps the id, and the new one.
type SplitResult struct {
	Kept  *Profile `json:"kept"`
	Fresh *Profile `json:"fresh"`
}

// Unsure says that a person must look at the customers before a change is made. It is an error: nothing was changed,
// unless the cause says that what was said is kept as a contradiction.
type Unsure struct {
	Customers []*Profile // as they are
	WouldBe   *Profile   // what they would become, if that is asked
	Text      string     // for people
	Cause     error
}

func (u *Unsure) Error() string { return u.Text }

// Unwrap gives the cause.
func (u *Unsure) Unwrap() error { return u.Cause }

// joined is the customer that two would become: known by the older id, with what both hold.
func joined(a, b *Profile) *Profile {
	if b.ID < a.ID {
		a, b = b, a
	}
	v := &Profile{ID: a.ID, Name: a.Name, Former: []string{}, Identifiers: []Held{}, Version: max(a.Version, b.Version) + 1}
	if v.Name == "" {
		v.Name = b.Name
	}
	v.Former = append(append(append(v.Former, a.Former...), b.ID), b.Former...)
	v.Identifiers = append(append(v.Identifiers, a.Identifiers...), b.Identifiers...)
	return v
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
