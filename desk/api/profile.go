package api

import (
	"loket/desk/customers"
	"loket/identity"
)

// A Profile is a customer as the registry knows them now.
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
	Identifier string `json:"identifier"` // kind:value
	Level      string `json:"level"`      // how sure it is that it is the customer's
	Since      Time   `json:"since,omitzero"`
	Last       Time   `json:"last,omitzero"`
	Contested  bool   `json:"contested,omitempty"` // others claim it with as good a right
	Shared     bool   `json:"shared,omitempty"`    // several people use it
	Retired    bool   `json:"retired,omitempty"`   // it was theirs
	Until      Time   `json:"until,omitzero"`      // and until when
	From       Time   `json:"from,omitzero"`       // since whoever had it before gave it up; what was said with it until then is theirs
}

// An Attribute is what a source said of a customer. It proves nothing.
type Attribute struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source string `json:"source"` // the number it was said of
	At     Time   `json:"at,omitzero"`
}

// Profiles are some customers.
type Profiles struct {
	Customers []*Profile `json:"customers"`
}

// Owners says whose an identifier is: one customer's; or nobody's alone, when each of the candidates may be meant.
type Owners struct {
	Customers  []*Profile  `json:"customers"` // one, or none
	Candidates []Candidate `json:"candidates"`
}

// A SplitResult is the two customers that one became: the one that keeps the id, and the new one.
type SplitResult struct {
	Kept  *Profile `json:"kept"`
	Fresh *Profile `json:"fresh"`
}

func profileOf(c *identity.Customer) *Profile {
	p := &Profile{ID: c.ID, Name: c.Name, Former: filled(c.Former), Identifiers: make([]Held, len(c.Held)), Version: c.Version}
	for i, h := range c.Held {
		p.Identifiers[i] = Held{
			Identifier: h.String(), Level: h.Level.String(), Since: Time{Time: h.Since}, Last: Time{Time: h.Last},
			Contested: h.Contested, Shared: h.Shared, Retired: h.Retired, Until: Time{Time: h.Until}, From: Time{Time: h.From},
		}
	}
	return p
}

func profilesOf(list ...*identity.Customer) []*Profile {
	out := make([]*Profile, len(list))
	for i, c := range list {
		out[i] = profileOf(c)
	}
	return out
}

func fullProfileOf(c *customers.Profile) *Profile {
	p := profileOf(c.Customer)
	if c.Attributes == nil {
		return p
	}
	p.Attributes = make([]Attribute, len(c.Attributes))
	for i, a := range c.Attributes {
		p.Attributes[i] = Attribute{a.Name, a.Value, a.Source, Time{Time: a.At}}
	}
	return p
}

func ownersOf(o *customers.Owners) *Owners {
	v := &Owners{Customers: []*Profile{}, Candidates: candidatesOf(o.Candidates)}
	if o.Customer != nil {
		v.Customers = profilesOf(o.Customer)
	}
	return v
}

// filled is list, and never nil: an empty list shows as one.
func filled(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
