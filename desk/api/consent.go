package api

import (
	"context"
	"net/http"

	"loket/desk/customers"
)

// Permissions are what a customer said of being written to.
type Permissions struct {
	Customer  string      `json:"customer"`
	Consent   []Consent   `json:"consent"`
	Preferred []Preferred `json:"preferred"`
}

// A Consent is the word that counts on writing to one address for one purpose.
type Consent struct {
	Identifier string `json:"identifier,omitempty"` // absent when it is about the customer as a whole
	Purpose    string `json:"purpose"`
	Allowed    bool   `json:"allowed"`
	At         Time   `json:"at,omitzero"`
	Source     string `json:"source,omitempty"` // the system it was imported from
	Agent      string `json:"agent,omitempty"`  // who noted it
}

// Preferred is the address that is written to for a purpose, when nothing forbids it.
type Preferred struct {
	Purpose    string `json:"purpose"`
	Identifier string `json:"identifier"`
}

func permissionsOf(p *customers.Permissions) *Permissions {
	v := &Permissions{Customer: p.Customer, Consent: make([]Consent, len(p.Consent)), Preferred: make([]Preferred, len(p.Preferred))}
	for i, c := range p.Consent {
		v.Consent[i] = Consent{Purpose: c.Purpose, Allowed: c.Allowed, At: Time{Time: c.At}, Source: c.Source, Agent: c.Actor}
		if !c.Address.IsZero() {
			v.Consent[i].Identifier = c.Address.String()
		}
	}
	for i, c := range p.Preferred {
		v.Preferred[i] = Preferred{c.Purpose, c.Identifier.String()}
	}
	return v
}

func showConsent(c *call) error {
	return c.permissions(c.customers.Permissions(c.ctx(), c.customerPath()))
}

// permissions answers with what a customer allows.
func (c *call) permissions(p *customers.Permissions, err error) error {
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, permissionsOf(p))
}

type consentBody struct {
	reason
	Identifier string `json:"identifier,omitempty"`
	Purpose    string `json:"purpose"`
	Allowed    *bool  `json:"allowed"`
}

func setConsent(c *call) error {
	var b consentBody
	if err := c.read(&b); err != nil {
		return err
	}
	said := customers.ConsentChange{Identifier: b.Identifier, Purpose: b.Purpose, Allowed: b.Allowed}
	return c.permissions(c.customers.SetConsent(c.ctx(), c.by(person{Agent: b.Agent}), c.customerPath(), said, b.why()))
}

type preferredBody struct {
	reason
	Purpose    string `json:"purpose,omitempty"`
	Identifier string `json:"identifier"`
}

func setPreferred(c *call) error {
	var b preferredBody
	if err := c.read(&b); err != nil {
		return err
	}
	return c.permissions(c.customers.SetPreferred(c.ctx(), c.by(person{Agent: b.Agent}), c.customerPath(), b.Purpose, b.Identifier, b.why()))
}

// Permissions gives what a customer said of being written to.
func (c *Client) Permissions(ctx context.Context, customer string) (*Permissions, error) {
	var p *Permissions
	err := c.get(ctx, path("customers", customer, "consent"), nil, &p)
	return p, err
}

// SetConsent notes that a customer allows or refuses to be written to for a purpose; with an empty identifier, at any
// address.
func (c *Client) SetConsent(ctx context.Context, customer, identifier, purpose string, allowed bool, b Because) (*Permissions, error) {
	return c.putPermissions(ctx, path("customers", customer, "consent"), consentBody{c.reason(b), identifier, purpose, &allowed})
}

// SetPreferred notes where a customer wants to be written to; an empty identifier takes the choice back, and an empty
// purpose is service.
func (c *Client) SetPreferred(ctx context.Context, customer, purpose, identifier string, b Because) (*Permissions, error) {
	return c.putPermissions(ctx, path("customers", customer, "preferred"), preferredBody{c.reason(b), purpose, identifier})
}

func (c *Client) putPermissions(ctx context.Context, path string, body any) (*Permissions, error) {
	req, err := c.request(ctx, http.MethodPut, path, nil, body)
	if err != nil {
		return nil, err
	}
	var p *Permissions
	return p, c.do(req, &p)
}
