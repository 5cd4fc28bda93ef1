package api

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// A Because says why somebody changes what is known about customers.
type Because struct {
	Reason  string // for whoever reads the log
	Message string // the message that shows it, if there is one
	// Confirm says that a person has seen both sides and takes them for one all the same.
	Confirm bool
}

func (c *Client) because(b Because) because { return because{c.Agent, b.Reason, b.Message, b.Confirm} }
func (c *Client) reason(b Because) reason   { return reason{c.Agent, b.Reason, b.Message} }

// Owners tells whose an identifier is.
func (c *Client) Owners(ctx context.Context, identifier string) (*Owners, error) {
	var o *Owners
	err := c.get(ctx, path("customers"), url.Values{"identifier": {identifier}}, &o)
	return o, err
}

// Customer gives a customer by an id they have or had.
func (c *Client) Customer(ctx context.Context, customer string) (*Profile, error) {
	var p *Profile
	err := c.get(ctx, path("customers", customer), nil, &p)
	return p, err
}

// Register notes that identifiers are one person's. The name may be empty.
func (c *Client) Register(ctx context.Context, identifiers []string, name string, b Because) (*Profile, error) {
	return c.registry(ctx, path("customers"), registerBody{c.because(b), identifiers, name})
}

// LinkIdentifier registers one more identifier of a customer.
func (c *Client) LinkIdentifier(ctx context.Context, customer, identifier string, b Because) (*Profile, error) {
	return c.registry(ctx, path("customers", customer, "link"), linkCustomerBody{c.because(b), identifier})
}

// UnlinkIdentifier notes that an identifier is not the customer's.
func (c *Client) UnlinkIdentifier(ctx context.Context, customer, identifier string, b Because) (*Profile, error) {
	return c.registry(ctx, path("customers", customer, "unlink"), identifierBody{c.reason(b), identifier})
}

// Share notes that several people use an identifier of the customer, or that they do not any more.
func (c *Client) Share(ctx context.Context, customer, identifier string, shared bool, b Because) (*Profile, error) {
	return c.registry(ctx, path("customers", customer, "share"), shareBody{c.reason(b), identifier, &shared})
}

// Retire notes that an identifier was the customer's until an instant in RFC 3339; "" is now.
func (c *Client) Retire(ctx context.Context, customer, identifier, at string, b Because) (*Profile, error) {
	return c.registry(ctx, path("customers", customer, "retire"), retireBody{c.reason(b), identifier, at})
}

// Split takes identifiers from a customer; they become one of their own.
func (c *Client) Split(ctx context.Context, customer string, identifiers []string, b Because) (*SplitResult, error) {
	var two *SplitResult
	err := c.post(ctx, path("customers", customer, "split"), splitBody{c.reason(b), identifiers}, &two)
	return two, err
}

// MergeCustomers makes two customers one. The Problem of two who had a number each shows what would become of them.
func (c *Client) MergeCustomers(ctx context.Context, a, b string, why Because) (*Profile, error) {
	return c.registry(ctx, path("customers", "merge"), mergeBody{c.because(why), []string{a, b}})
}

// UnmergeCustomers undoes a merge, and gives both customers. a and b are ids, or identifiers as they were merged by.
func (c *Client) UnmergeCustomers(ctx context.Context, a, b string, why Because) (*Profiles, error) {
	var two *Profiles
	err := c.post(ctx, path("customers", "unmerge"), unmergeBody{c.reason(why), []string{a, b}}, &two)
	return two, err
}

// Erase forgets a customer, for good, in every room; keepClaims leaves what was said by senders who only claimed to be
// the customer. done is false when the daemon has the order and goes on with it.
func (c *Client) Erase(ctx context.Context, customer string, keepClaims bool, b Because) (done bool, err error) {
	q := url.Values{"agent": {c.Agent}, "reason": {b.Reason}, "message": {b.Message}}
	if keepClaims {
		q.Set("keep_claims", "true")
	}
	req, err := c.request(ctx, http.MethodDelete, path("customers", customer), q, nil)
	if err != nil {
		return false, err
	}
	res, err := c.send(req)
	if err != nil {
		return false, err
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusNoContent, nil
}

// Block notes that an identifier says nothing about anybody, or that it does.
func (c *Client) Block(ctx context.Context, identifier string, blocked bool, b Because) error {
	return c.post(ctx, path("senders", "block"), blockBody{c.reason(b), identifier, &blocked}, nil)
}

// Why explains why two identifiers are of one customer or not. y may be empty.
func (c *Client) Why(ctx context.Context, customer, x, y string) (*Explanation, error) {
	var e *Explanation
	err := c.get(ctx, path("customers", customer, "why"), url.Values{"x": {x}, "y": {y}}, &e)
	return e, err
}

// History gives a page of the tasks of a customer, the newest first; limit 0 is the usual number.
func (c *Client) History(ctx context.Context, customer string, limit int, cursor string) (*History, error) {
	var h *History
	err := c.get(ctx, path("customers", customer, "history"), pageQuery(limit, cursor), &h)
	return h, err
}

// CustomerLog gives a page of what was decided about a customer; limit 0 is the usual length.
func (c *Client) CustomerLog(ctx context.Context, customer string, limit int, cursor string) (*LogPage, error) {
	var p *LogPage
	err := c.get(ctx, path("customers", customer, "log"), pageQuery(limit, cursor), &p)
	return p, err
}

func (c *Client) registry(ctx context.Context, path string, body any) (*Profile, error) {
	var p *Profile
	err := c.post(ctx, path, body, &p)
	return p, err
}

func pageQuery(limit int, cursor string) url.Values {
	q := url.Values{"cursor": {cursor}}
	if limit > 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	return q
}

// Export gives everything there is about a customer: as zip, which "" is too, or as json. The caller closes it.
func (c *Client) Export(ctx context.Context, customer, format string) (io.ReadCloser, error) {
	q := url.Values{"agent": {c.Agent}, "format": {format}}
	req, err := c.request(ctx, http.MethodGet, path("customers", customer, "export"), q, nil)
	if err != nil {
		return nil, err
	}
	res, err := c.send(req)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// Suggestions gives pairs of customers that may be one, the surest first; limit 0 is the usual length.
func (c *Client) Suggestions(ctx context.Context, limit int, cursor string) (*SuggestionPage, error) {
	var p *SuggestionPage
	err := c.get(ctx, path("customers", "suggestions"), pageQuery(limit, cursor), &p)
	return p, err
}

// DecideSuggestion says whether the two are the same.
func (c *Client) DecideSuggestion(ctx context.Context, suggestion string, same bool, b Because) error {
	return c.post(ctx, path("customers", "suggestions", suggestion, "decide"), decideBody{c.because(b), &same}, nil)
}
