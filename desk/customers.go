package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"loket/desk/access"
	"loket/identity"
	"loket/internal/field"
	"loket/internal/message"
	"loket/router/queue"
)

// customerID reads an id of a customer. What cannot be one is ErrStranger.
func customerID(ref string) (string, error) {
	id, err := ulid.ParseStrict(strings.TrimSpace(ref))
	if err != nil {
		return "", fmt.Errorf("customer %q: %w", ref, ErrStranger)
	}
	return id.String(), nil
}

// registered gives the customer of an id, a former one too.
func (d *Desk) registered(ctx context.Context, ref string) (*identity.Customer, error) {
	id, err := customerID(ref)
	if err != nil {
		return nil, err
	}
	return d.registry.Customer(ctx, id)
}

// Profile gives a customer by an id he has or had. It is ErrStranger when there never was one, ErrGone when he was
// erased.
func (d *Desk) Profile(ctx context.Context, ref string) (*Profile, error) {
	c, err := d.registered(ctx, ref)
	if err != nil {
		return nil, err
	}
	v := profile(c)
	v.Attributes, err = d.attributes(ctx, c.ID)
	return v, err
}

// identifier reads one that somebody typed.
func (d *Desk) identifier(path, text string, level message.Level) (message.Identifier, error) {
	if strings.TrimSpace(text) == "" {
		return message.Identifier{}, field.Errorf(path, "must be kind:value, such as email:name@example.org")
	}
	id, err := message.ParseIdentifier(text, d.region, level)
	if err != nil {
		return id, field.Errorf(path, "%v", err)
	}
	return id, nil
}

// Owners tells whose an identifier is; nobody's is no error.
func (d *Desk) Owners(ctx context.Context, text string) (*Owners, error) {
	x, err := d.identifier("identifier", text, message.Vouched)
	if err != nil {
		return nil, err
	}
	return d.owners(ctx, x)
}

func (d *Desk) owners(ctx context.Context, x message.Identifier) (*Owners, error) {
	found := &Owners{Customers: []*Profile{}, Candidates: []Candidate{}}
	c, others, err := d.registry.Owner(ctx, x)
	switch {
	case errors.Is(err, ErrStranger), errors.Is(err, ErrGone): // that somebody was erased is nobody's business here
		return found, nil
	case err != nil:
		return nil, err
	case c != nil:
		found.Customers = append(found.Customers, profile(c))
	}
	found.Candidates = candidates(others)
	return found, nil
}

func candidates(list []identity.Candidate) []Candidate {
	out := []Candidate{}
	for _, c := range list {
		if !slices.ContainsFunc(out, func(have Candidate) bool { return have.ID == c.Customer }) {
			out = append(out, Candidate{ID: c.Customer, Name: c.Name, Why: c.Why})
		}
	}
	return out
}

// searchCustomers finds customers by their id, by an identifier of theirs, and by how their name or number goes.
func (d *Desk) searchCustomers(ctx context.Context, query string) ([]*Profile, error) {
	found, err := d.registry.Search(ctx, query, usualPage)
	list := make([]*Profile, len(found))
	for i, c := range found {
		list[i] = profile(c)
	}
	return list, err
}

// Why explains why two identifiers are of one customer, or why they are not. With y left out, it is x and the most
// lasting identifier of the customer.
func (d *Desk) Why(ctx context.Context, by access.Actor, ref, x, y string) (*Explanation, error) {
	c, err := d.registered(ctx, ref)
	if err != nil {
		return nil, err
	}
	a, err := d.identifier("x", x, message.Vouched)
	if err != nil {
		return nil, err
	}
	var b message.Identifier
	switch {
	case strings.TrimSpace(y) != "":
		if b, err = d.identifier("y", y, message.Vouched); err != nil {
			return nil, err
		}
	case len(c.Held) == 0:
		return nil, field.Errorf("y", "must be given: the customer has no identifier")
	default:
		b = c.Held[0].Identifier
	}
	e, err := d.registry.Why(ctx, a, b)
	if err != nil {
		return nil, err
	}
	v := explanation(a, b, e)
	for i := range v.Steps {
		v.Steps[i].Evidence = evidence(by.Principal, v.Steps[i].Evidence)
	}
	return v, nil
}

// evidence is what something is known from, as the principal may hear it: whose message it is, is not known here, so that
// the ids of messages are for who may see every team.
func evidence(p *access.Principal, from string) string {
	if message.ValidID(from) && p.Everywhere() != nil {
		return ""
	}
	return from
}

// CustomerLog gives a page of what was decided about a customer, under all ids he ever had.
func (d *Desk) CustomerLog(ctx context.Context, by access.Actor, ref string, limit int, cursor string) (*LogPage, error) {
	id, err := customerID(ref)
	if err != nil {
		return nil, err
	}
	limit, err = pageSize(limit)
	if err != nil {
		return nil, err
	}
	entries, next, err := d.registry.Log(ctx, id, limit, cursor)
	if err != nil {
		return nil, err
	}
	page := &LogPage{Entries: []LogEntry{}, Cursor: next}
	for _, e := range entries {
		v := logEntry(e)
		v.Evidence = evidence(by.Principal, v.Evidence)
		page.Entries = append(page.Entries, v)
	}
	return page, nil
}

// History gives a page of the tasks of a customer that the principal may see, the newest first, at most limit; 0 is the
// usual number.
func (d *Desk) History(ctx context.Context, by access.Actor, ref string, limit int, cursor string) (*History, error) {
	limit, err := pageSize(limit)
	if err != nil {
		return nil, err
	}
	c, err := d.registered(ctx, ref)
	if err != nil {
		return nil, err
	}
	found, next, err := d.writtenBy(ctx, by, held(c), limit, cursor)
	if errors.Is(err, queue.ErrCursor) {
		return nil, field.Errorf("cursor", "must be the cursor of the page before")
	}
	if err != nil {
		return nil, err
	}
	sure, claims := []*queue.Task{}, []*queue.Task{}
	for _, t := range found {
		was := func(x message.Identifier) bool { return before(c, x, instant(t.Created).Time) }
		switch {
		case theirs(c, t):
			sure = append(sure, t)
		case slices.ContainsFunc(t.From, was): // whoever it was, it was not the customer
		default:
			claims = append(claims, t)
		}
	}
	h := &History{Customer: profile(c), More: next != "", Cursor: next}
	if h.Tasks, err = d.summaries(ctx, sure); err != nil {
		return nil, err
	}
	h.Claims, err = d.summaries(ctx, claims)
	return h, err
}

// writtenBy gives a page of the tasks that the principal may see in which any of the identifiers wrote, the newest first.
// The cursor names one of those too.
func (d *Desk) writtenBy(ctx context.Context, by access.Actor, who []message.Identifier, limit int, cursor string) ([]*queue.Task, string, error) {
	var found []*queue.Task
	for {
		page, err := d.queue.WrittenBy(ctx, who, limit-len(found), cursor)
		if err != nil {
			return nil, "", err
		}
		found, cursor = append(found, visible(by.Principal, page.Tasks)...), page.Cursor
		if cursor == "" || len(found) == limit {
			return found, cursor, nil
		}
	}
}

// allVisible is ErrForbidden, naming the teams, when tasks that count, of those in which an identifier wrote, are of teams
// that the principal may not see: what is done with a customer as a whole must not be done by halves.
func (d *Desk) allVisible(ctx context.Context, by access.Actor, who []message.Identifier, counts func(*queue.Task) bool) error {
	if by.Everywhere() == nil {
		return nil
	}
	var others []string
	err := d.everyTask(ctx, who, func(t *queue.Task) error {
		if by.Sees(t.Team) != nil && !slices.Contains(others, t.Team) && counts(t) {
			others = append(others, t.Team)
		}
		return nil
	})
	if err != nil || len(others) == 0 {
		return err
	}
	slices.Sort(others)
	return fmt.Errorf("%w: the customer has tasks of other teams (%s) too; a manager of all of them can do it", access.ErrForbidden, strings.Join(others, ", "))
}

// held are the identifiers of a customer.
func held(c *identity.Customer) []message.Identifier {
	all := make([]message.Identifier, len(c.Held))
	for i, h := range c.Held {
		all[i] = h.Identifier
	}
	return all
}

// theirs tells whether the sender of a task was the customer, beyond a claim.
func theirs(c *identity.Customer, t *queue.Task) bool {
	return slices.ContainsFunc(t.From, func(x message.Identifier) bool { return wrote(c, x, instant(t.Created).Time) })
}

// wrote tells whether an identifier that a sender showed at an instant makes him the customer, beyond a claim.
func wrote(c *identity.Customer, x message.Identifier, at time.Time) bool {
	if x.Claim() || x.Class() == message.Alias {
		return false
	}
	return slices.ContainsFunc(c.Held, func(h identity.Held) bool {
		return h.String() == x.String() && !h.Contested && !h.Shared && h.Holds(at)
	})
}

// before tells whether an identifier that stands with something said was another's at that time, who gave it up before the
// customer had it.
func before(c *identity.Customer, x message.Identifier, at time.Time) bool {
	known := false
	for _, h := range c.Held {
		if h.String() != x.String() {
			continue
		}
		if at.After(h.From) {
			return false
		}
		known = true
	}
	return known
}

// anothers tells whether an identifier of the customer stands with something said, and was another's at that time.
func anothers(c *identity.Customer, ids []message.Identifier, at time.Time) bool {
	other := false
	for _, x := range ids {
		for _, h := range c.Held {
			switch {
			case h.String() != x.String():
			case h.Holds(at):
				return false
			default:
				other = true
			}
		}
	}
	return other
}
