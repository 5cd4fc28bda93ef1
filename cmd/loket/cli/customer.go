package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

type customerCommand struct {
	Find    customerFindCommand    `cmd:"" help:"Find customers by an identifier of theirs, or by id."`
	Show    customerShowCommand    `cmd:"" help:"Show a customer: every identifier, and how sure each is."`
	History customerHistoryCommand `cmd:"" help:"List the tasks of a customer, newest first."`
	Why     customerWhyCommand     `cmd:"" help:"Say why two identifiers are of one customer, or why they are not."`
	Log     customerLogCommand     `cmd:"" help:"List what was decided about a customer, by whom and why."`

	Consent customerConsentCommand `cmd:"" help:"Show what a customer said of being written to, or note it for one address."`
	Optout  customerOptoutCommand  `cmd:"" help:"Note that a customer wants nothing for a purpose, at any address."`
	Prefer  customerPreferCommand  `cmd:"" help:"Note where a customer wants to be written to."`

	Register customerRegisterCommand `cmd:"" help:"Note that identifiers are one person's."`
	Link     customerLinkCommand     `cmd:"" help:"Register one more identifier of a customer."`
	Unlink   customerUnlinkCommand   `cmd:"" help:"Note that an identifier is not the customer's."`
	Merge    customerMergeCommand    `cmd:"" help:"Make two customers one. For managers, as all below."`
	Unmerge  customerUnmergeCommand  `cmd:"" help:"Undo a merge: both are as they were, and stay apart."`
	Split    customerSplitCommand    `cmd:"" help:"Take identifiers from a customer; they become one of their own."`
	Share    customerShareCommand    `cmd:"" help:"Note that several people use an identifier: it names nobody any more."`
	Retire   customerRetireCommand   `cmd:"" help:"Note that a customer gave an identifier up: whoever shows it now is somebody else."`
	Import   customerImportCommand   `cmd:"" help:"Take in customers from a CRM: CSV, or a JSON object a line."`
	Export   customerExportCommand   `cmd:"" help:"Write everything there is about a customer into one archive."`
	Suggest  customerSuggestCommand  `cmd:"" help:"List customers that may be one, and decide."`
	Erase    customerEraseCommand    `cmd:"" help:"Forget a customer, for good."`
}

// customerRef is for commands about one customer.
type customerRef struct {
	outputFlags
	Customer string `arg:"" help:"The customer's id, or an identifier of theirs such as email:kate@example.org."`
}

// explained is for commands that change what is known about customers.
type explained struct {
	Reason string `placeholder:"TEXT" help:"Why, for whoever reads the log."`
}

func (e explained) because() api.Because { return api.Because{Reason: e.Reason} }

// confirmed is for changes that may need a second look.
type confirmed struct {
	explained
	Confirm bool `help:"You have seen both sides, and take them for one all the same."`
}

func (c confirmed) because() api.Because { return api.Because{Reason: c.Reason, Confirm: c.Confirm} }

// target gives a client and the id of the customer that is meant.
func (c *customerRef) target(ctx context.Context, w *streams, d *daemon) (*api.Client, string, error) {
	client, err := d.client(w)
	if err != nil {
		return nil, "", err
	}
	id, err := customerID(ctx, client, c.Customer)
	return client, id, err
}

// customerID is the id of the customer that somebody means: by an id, or by kind:value.
func customerID(ctx context.Context, client *api.Client, ref string) (string, error) {
	if !strings.Contains(ref, ":") {
		if strings.TrimSpace(ref) == "" {
			return "", usagef("the customer must be an id, or an identifier such as email:kate@example.org")
		}
		return ref, nil
	}
	found, err := client.Owners(ctx, ref)
	switch {
	case err != nil:
		return "", err
	case len(found.Customers) > 0:
		return found.Customers[0].ID, nil
	case len(found.Candidates) == 0:
		return "", fmt.Errorf("no customer with the identifier %s", ref)
	}
	var ids []string
	for _, c := range found.Candidates {
		ids = append(ids, join(c.ID, c.Name))
	}
	return "", fmt.Errorf("%s may be of several customers; name one of %s", ref, strings.Join(ids, ", "))
}

// change makes one call about a customer and prints them as they are then.
func (c *customerRef) change(ctx context.Context, w *streams, d *daemon, call func(*api.Client, string) (*api.Profile, error)) error {
	client, id, err := c.target(ctx, w, d)
	if err != nil {
		return err
	}
	p, err := call(client, id)
	return c.customer(w, p, err)
}

// customer prints a customer, or those that must be looked at first.
func (c *outputFlags) customer(w *streams, p *api.Profile, err error) error {
	var problem *api.Problem
	switch {
	case errors.As(err, &problem) && len(problem.Customers) > 0:
		return c.unsure(w, problem)
	case err != nil:
		return err
	case c.JSON:
		return w.printJSON(p)
	}
	w.page().profile(p)
	return nil
}

func (c *outputFlags) unsure(w *streams, p *api.Problem) error {
	if c.JSON {
		if err := w.printJSON(p); err != nil {
			return err
		}
		return errReported
	}
	sheet := w.page()
	for _, one := range p.Customers {
		sheet.profile(one)
		sheet.Printf("\n")
	}
	if p.WouldBe != nil {
		sheet.Printf("%s\n", format.Bold.Of("With --confirm they would be"))
		sheet.profile(p.WouldBe)
	}
	return p
}

type customerFindCommand struct {
	outputFlags
	Query string `arg:"" help:"email:kate@example.org, kate@example.org, +31 20 123 4567, a customer number, an id…"`
}

func (c *customerFindCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	found, err := client.Search(ctx, c.Query)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := w.printJSON(api.Profiles{Customers: found.Customers}); err != nil {
			return err
		}
	} else {
		sheet := w.page()
		for i, p := range found.Customers {
			if i > 0 {
				sheet.Printf("\n")
			}
			sheet.profile(p)
		}
	}
	if len(found.Customers) == 0 {
		w.warn("nobody found")
		return errReported
	}
	return nil
}

type customerShowCommand struct{ customerRef }

func (c *customerShowCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, id, err := c.target(ctx, w, d)
	if err != nil {
		return err
	}
	p, err := client.Customer(ctx, id)
	if err != nil || c.JSON {
		return c.customer(w, p, err)
	}
	said, err := client.Permissions(ctx, id)
	if err != nil {
		return err
	}
	sheet := w.page()
	sheet.profile(p)
	sheet.attributes(p)
	sheet.permissions(said)
	return nil
}

type customerHistoryCommand struct {
	customerRef
	paged `set:"limit=50" set:"most=500"`
}

func (c *customerHistoryCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, id, err := c.target(ctx, w, d)
	if err != nil {
		return err
	}
	h, err := client.History(ctx, id, c.Limit, c.Cursor)
	return c.result(w, h, err, func(p *page) { p.history(h) })
}

type customerWhyCommand struct {
	outputFlags
	X string `arg:"" help:"An identifier, such as email:kate@example.org."`
	Y string `arg:"" optional:"" help:"Another. Left out, the customer's most lasting other one."`
}

func (c *customerWhyCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	id, err := anyOwner(ctx, client, c.X, c.Y)
	if err != nil {
		return err
	}
	e, err := client.Why(ctx, id, c.X, c.Y)
	if err != nil {
		return err
	}
	if c.JSON {
		err = w.printJSON(e)
	} else {
		w.page().explanation(e)
	}
	if err == nil && !e.Same {
		return errReported
	}
	return err
}

// anyOwner is a customer that one of the identifiers has to do with.
func anyOwner(ctx context.Context, client *api.Client, identifiers ...string) (string, error) {
	for _, x := range identifiers {
		if x == "" {
			continue
		}
		found, err := client.Owners(ctx, x)
		switch {
		case err != nil:
			return "", err
		case len(found.Customers) > 0:
			return found.Customers[0].ID, nil
		case len(found.Candidates) > 0:
			return found.Candidates[0].ID, nil
		}
	}
	return "", fmt.Errorf("no customer with the identifier %s", identifiers[0])
}

type customerLogCommand struct {
	customerRef
	paged `set:"limit=50" set:"most=500"`
}

func (c *customerLogCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, id, err := c.target(ctx, w, d)
	if err != nil {
		return err
	}
	log, err := client.CustomerLog(ctx, id, c.Limit, c.Cursor)
	return c.result(w, log, err, func(p *page) { p.customerLog(log) })
}
