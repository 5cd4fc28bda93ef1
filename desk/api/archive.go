package api

import (
	"time"

	"loket/identity"
	"loket/internal/message"
)

// An Archive is everything the registry knows of one customer, for whom it is about. What other customers have with
// theirs is not in it: of a fact that leads to another, only that it does.
type Archive struct {
	Customer    string              `json:"customer"`
	Former      []string            `json:"former,omitempty"`
	Name        string              `json:"name,omitempty"`
	Exported    time.Time           `json:"exported"`
	Identifiers []ArchivedHeld      `json:"identifiers"`
	Facts       []ArchivedFact      `json:"facts"`
	Attributes  []ArchivedAttribute `json:"attributes,omitempty"`
	Consent     []ArchivedConsent   `json:"consent,omitempty"`
	Preferred   []ArchivedChoice    `json:"preferred,omitempty"`
	Log         []ArchivedLog       `json:"log"`
	Suggestions []Reason            `json:"suggestions,omitempty"` // why the customer may be the same as another
}

// ArchivedHeld is an identifier, what its holder was called there, and since when.
type ArchivedHeld struct {
	Identifier string    `json:"identifier"`
	Level      string    `json:"level"`
	Name       string    `json:"name,omitempty"`
	Since      time.Time `json:"since,omitzero"`
	Last       time.Time `json:"last,omitzero"`
	Contested  bool      `json:"contested,omitempty"`
	Shared     bool      `json:"shared,omitempty"`
	Retired    bool      `json:"retired,omitempty"`
}

// ArchivedFact is what was said of two identifiers, or of a customer's id.
type ArchivedFact struct {
	A        string    `json:"a"`
	B        string    `json:"b"`
	Said     string    `json:"said"` // one person, the same, not the same, made of
	Level    string    `json:"level,omitempty"`
	First    time.Time `json:"first,omitzero"`
	Last     time.Time `json:"last,omitzero"`
	Evidence string    `json:"evidence,omitempty"`
	Void     string    `json:"void,omitempty"` // why it does not count
}

// ArchivedChoice is an address that was chosen for a purpose.
type ArchivedChoice struct {
	Purpose string    `json:"purpose"`
	Address string    `json:"address"`
	At      time.Time `json:"at"`
	Source  string    `json:"source,omitempty"`
}

// ArchivedLog is one entry of the customer's history.
type ArchivedLog struct {
	At          time.Time `json:"at"`
	Op          string    `json:"op"`
	Actor       string    `json:"actor,omitempty"`
	Reason      string    `json:"reason,omitempty"`
	Evidence    string    `json:"evidence,omitempty"`
	Identifiers []string  `json:"identifiers,omitempty"`
	Before      []string  `json:"before,omitempty"`
	After       []string  `json:"after,omitempty"`
}

// ArchivedAttribute is what a source said of the customer.
type ArchivedAttribute struct {
	Name   string    `json:"name"`
	Value  string    `json:"value"`
	Source string    `json:"source"` // the number it was said of
	At     time.Time `json:"at"`
}

// ArchivedConsent is what was said of writing to one address for one purpose.
type ArchivedConsent struct {
	Address message.Identifier `json:"address"` // of no kind when it is about all addresses of the customer
	Purpose string             `json:"purpose"`
	Allowed bool               `json:"allowed"`
	At      time.Time          `json:"at"`
	Source  string             `json:"source,omitempty"` // the system it was imported from
	Actor   string             `json:"actor,omitempty"`
}

func archiveOf(a *identity.Archive) Archive {
	return Archive{
		Customer: a.Customer, Former: a.Former, Name: a.Name, Exported: a.Exported,
		Identifiers: each(a.Identifiers, func(h identity.ArchivedHeld) ArchivedHeld { return ArchivedHeld(h) }),
		Facts:       each(a.Facts, func(f identity.ArchivedFact) ArchivedFact { return ArchivedFact(f) }),
		Attributes:  each(a.Attributes, func(v identity.Attribute) ArchivedAttribute { return ArchivedAttribute(v) }),
		Consent:     each(a.Consent, func(v identity.Consent) ArchivedConsent { return ArchivedConsent(v) }),
		Preferred:   each(a.Preferred, func(v identity.ArchivedChoice) ArchivedChoice { return ArchivedChoice(v) }),
		Log:         each(a.Log, func(l identity.ArchivedLog) ArchivedLog { return ArchivedLog(l) }),
		Suggestions: each(a.Suggestions, func(r identity.Reason) Reason { return Reason(r) }),
	}
}
