package api

import (
	"net/http"

	"loket/desk/customers"
)

// because says who changes the registry, and why.
type because struct {
	Agent   string `json:"agent,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"`
	Confirm bool   `json:"confirm,omitempty"`
}

func (b because) why() customers.Because {
	return customers.Because{Reason: b.Reason, Message: b.Message, Confirm: b.Confirm}
}

// reason is because where there is nothing to confirm.
type reason struct {
	Agent   string `json:"agent,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"`
}

func (b reason) why() customers.Because {
	return customers.Because{Reason: b.Reason, Message: b.Message}
}

func (c *call) customerPath() string { return c.r.PathValue("customer") }

func owners(c *call) error {
	found, err := c.customers.Owners(c.ctx(), c.query().Get("identifier"))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, ownersOf(found))
}

// profile answers with a customer.
func (c *call) profile(p *customers.Profile, err error) error {
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, fullProfileOf(p))
}

func showCustomer(c *call) error {
	return c.profile(c.customers.Profile(c.ctx(), c.customerPath()))
}

type registerBody struct {
	because
	Identifiers []string `json:"identifiers"`
	Name        string   `json:"name,omitempty"`
}

func register(c *call) error {
	var b registerBody
	if err := c.read(&b); err != nil {
		return err
	}
	return c.profile(c.customers.Register(c.ctx(), c.by(person{Agent: b.Agent}), b.Identifiers, b.Name, b.why()))
}

type linkCustomerBody struct {
	because
	Identifier string `json:"identifier"`
}

func linkCustomer(c *call) error {
	var b linkCustomerBody
	if err := c.read(&b); err != nil {
		return err
	}
	return c.profile(c.customers.LinkIdentifier(c.ctx(), c.by(person{Agent: b.Agent}), c.customerPath(), b.Identifier, b.why()))
}

type identifierBody struct {
	reason
	Identifier string `json:"identifier"`
}

func unlinkCustomer(c *call) error {
	var b identifierBody
	if err := c.read(&b); err != nil {
		return err
	}
	return c.profile(c.customers.UnlinkIdentifier(c.ctx(), c.by(person{Agent: b.Agent}), c.customerPath(), b.Identifier, b.why()))
}

type shareBody struct {
	reason
	Identifier string `json:"identifier"`
	Shared     *bool  `json:"shared,omitempty"`
}

func shareCustomer(c *call) error {
	var b shareBody
	if err := c.read(&b); err != nil {
		return err
	}
	shared := b.Shared == nil || *b.Shared
	return c.profile(c.customers.Share(c.ctx(), c.by(person{Agent: b.Agent}), c.customerPath(), b.Identifier, shared, b.why()))
}

type retireBody struct {
	reason
	Identifier string `json:"identifier"`
	At         string `json:"at,omitempty"`
}

func retireCustomer(c *call) error {
	var b retireBody
	if err := c.read(&b); err != nil {
		return err
	}
	return c.profile(c.customers.Retire(c.ctx(), c.by(person{Agent: b.Agent}), c.customerPath(), b.Identifier, b.At, b.why()))
}

type splitBody struct {
	reason
	Identifiers []string `json:"identifiers"`
}

func splitCustomer(c *call) error {
	var b splitBody
	if err := c.read(&b); err != nil {
		return err
	}
	kept, fresh, err := c.customers.Split(c.ctx(), c.by(person{Agent: b.Agent}), c.customerPath(), b.Identifiers, b.why())
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, SplitResult{Kept: profileOf(kept), Fresh: profileOf(fresh)})
}

type mergeBody struct {
	because
	Customers []string `json:"customers"`
}

func mergeCustomers(c *call) error {
	var b mergeBody
	if err := c.read(&b); err != nil {
		return err
	}
	return c.profile(c.customers.MergeCustomers(c.ctx(), c.by(person{Agent: b.Agent}), b.Customers, b.why()))
}

type unmergeBody struct {
	reason
	Customers []string `json:"customers"`
}

func unmergeCustomers(c *call) error {
	var b unmergeBody
	if err := c.read(&b); err != nil {
		return err
	}
	two, err := c.customers.UnmergeCustomers(c.ctx(), c.by(person{Agent: b.Agent}), b.Customers, b.why())
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, Profiles{Customers: profilesOf(two...)})
}

// eraseCustomer answers 204 when it is done, and 202 when the order is kept and the rest follows.
func eraseCustomer(c *call) error {
	q := c.query()
	keep, err := truth("keep_claims", q.Get("keep_claims"))
	if err != nil {
		return err
	}
	c.mayTake(stall)
	done, err := c.customers.Erase(c.ctx(), c.asked(), c.customerPath(), customers.Erasure{
		Because: customers.Because{Reason: q.Get("reason"), Message: q.Get("message")}, KeepClaims: keep,
	})
	if err == nil && !done {
		c.w.WriteHeader(http.StatusAccepted)
		return nil
	}
	return c.done(err)
}

type blockBody struct {
	reason
	Identifier string `json:"identifier"`
	Blocked    *bool  `json:"blocked,omitempty"`
}

func blockSender(c *call) error {
	var b blockBody
	if err := c.read(&b); err != nil {
		return err
	}
	blocked := b.Blocked == nil || *b.Blocked
	return c.done(c.customers.Block(c.ctx(), c.by(person{Agent: b.Agent}), b.Identifier, blocked, b.why()))
}

// done answers that there is nothing more to say.
func (c *call) done(err error) error {
	if err == nil {
		c.w.WriteHeader(http.StatusNoContent)
	}
	return err
}

func whyCustomer(c *call) error {
	q := c.query()
	e, err := c.customers.Why(c.ctx(), c.asked(), c.customerPath(), q.Get("x"), q.Get("y"))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, explanationOf(e))
}

// A History is what was said with a customer, newest first.
type History struct {
	Customer *Profile `json:"customer"`
	// Tasks whose sender showed an identifier of this customer, attested or better.
	Tasks []*Task `json:"tasks"`
	// Claims are tasks whose sender may have been somebody else: they only said that an identifier is theirs, or it is
	// contested, shared, or has been given up since.
	Claims []*Task `json:"claims"`
	// More: there are older ones. Cursor continues with them; "" at the end.
	More   bool   `json:"more"`
	Cursor string `json:"cursor"`
}

func customerHistory(c *call) error {
	limit, err := c.number("limit")
	if err != nil {
		return err
	}
	h, err := c.customers.History(c.ctx(), c.asked(), c.customerPath(), limit, c.query().Get("cursor"))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, History{Customer: profileOf(h.Customer), Tasks: tasksOf(h.Tasks), Claims: tasksOf(h.Claims), More: h.Cursor != "", Cursor: h.Cursor})
}

func customerLog(c *call) error {
	limit, err := c.number("limit")
	if err != nil {
		return err
	}
	entries, next, err := c.customers.CustomerLog(c.ctx(), c.asked(), c.customerPath(), limit, c.query().Get("cursor"))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, logPageOf(entries, next))
}

func suggestions(c *call) error {
	limit, err := c.number("limit")
	if err != nil {
		return err
	}
	found, next, err := c.customers.Suggestions(c.ctx(), limit, c.query().Get("cursor"))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, suggestionPageOf(found, next))
}

type decideBody struct {
	because
	Same *bool `json:"same"`
}

func decideSuggestion(c *call) error {
	var b decideBody
	if err := c.read(&b); err != nil {
		return err
	}
	return c.done(c.customers.DecideSuggestion(c.ctx(), c.by(person{Agent: b.Agent}), c.r.PathValue("suggestion"), b.Same, b.why()))
}
