package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

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
func (d *Desk) Why(ctx context.Context, ref, x, y string) (*Explanation, error) {
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
	return explanation(a, b, e), nil
}

// CustomerLog gives a page of what was decided about a customer, under all ids he ever had.
func (d *Desk) CustomerLog(ctx context.Context, ref string, limit int, cursor string) (*LogPage, error) {
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
		page.Entries = append(page.Entries, logEntry(e))
	}
	return page, nil
}

// History gives the newest tasks of a customer that the principal may see, at most limit; 0 is the usual number.
func (d *Desk) History(ctx context.Context, by By, ref string, limit int) (*History, error) {
	limit, err := pageSize(limit)
	if err != nil {
		return nil, err
	}
	c, err := d.registered(ctx, ref)
	if err != nil {
		return nil, err
	}
	tasks, more, err := d.written(ctx, by, c, limit)
	if err != nil {
		return nil, err
	}
	until, err := d.retirements(ctx, c)
	if err != nil {
		return nil, err
	}
	sure, claims := []*queue.Task{}, []*queue.Task{}
	for _, t := range tasks {
		if theirs(c, t, until) {
			sure = append(sure, t)
		} else {
			claims = append(claims, t)
		}
	}
	h := &History{Customer: profile(c), More: more}
	if h.Tasks, err = d.summaries(ctx, sure); err != nil {
		return nil, err
	}
	h.Claims, err = d.summaries(ctx, claims)
	return h, err
}

// written gives the tasks in which an identifier of the customer stands, the newest first.
func (d *Desk) written(ctx context.Context, by By, c *identity.Customer, limit int) ([]*queue.Task, bool, error) {
	byID := map[string]*queue.Task{}
	for _, h := range c.Held {
		some, err := d.queue.ByIdentifier(ctx, h.Identifier, limit+1)
		if err != nil {
			return nil, false, err
		}
		for _, t := range some {
			byID[t.ID] = t
		}
	}
	var tasks []*queue.Task
	for _, t := range byID {
		tasks = append(tasks, t)
	}
	slices.SortFunc(tasks, func(a, b *queue.Task) int {
		return cmp.Or(cmp.Compare(b.Created, a.Created), cmp.Compare(b.ID, a.ID))
	})
	more := len(tasks) > limit
	return by.visible(tasks[:min(limit, len(tasks))]), more, nil
}

// theirs tells whether the sender of a task was the customer, beyond a claim.
func theirs(c *identity.Customer, t *queue.Task, until map[string]time.Time) bool {
	return slices.ContainsFunc(t.From, func(x message.Identifier) bool { return wrote(c, x, instant(t.Created).Time, until) })
}

// wrote tells whether an identifier that a sender showed at an instant makes him the customer, beyond a claim.
func wrote(c *identity.Customer, x message.Identifier, at time.Time, until map[string]time.Time) bool {
	if x.Claim() || x.Class() == message.Alias {
		return false
	}
	return slices.ContainsFunc(c.Held, func(h identity.Held) bool {
		return h.String() == x.String() && !h.Contested && !h.Shared && (!h.Retired || !at.After(until[h.String()]))
	})
}

// retirements says until when identifiers were the customer's that he has given up.
func (d *Desk) retirements(ctx context.Context, c *identity.Customer) (map[string]time.Time, error) {
	until := map[string]time.Time{}
	if !slices.ContainsFunc(c.Held, func(h identity.Held) bool { return h.Retired }) {
		return until, nil
	}
	entries, _, err := d.registry.Log(ctx, c.ID, 0, "")
	for _, e := range entries {
		for _, x := range e.Identifiers {
			if end := retiredAt(e); e.Op == "retire" && end.After(until[x]) {
				until[x] = end
			}
		}
	}
	return until, err
}

// untilMark stands in the reason of a retirement before its instant, when that is not the moment it was noted.
const untilMark = " until "

// retiredAt is when an identifier was given up by an entry of the log.
func retiredAt(e identity.LogEntry) time.Time {
	words := strings.Fields(e.Reason)
	if n := len(words); n > 1 && words[n-2] == strings.TrimSpace(untilMark) {
		if at, err := time.Parse(time.RFC3339Nano, words[n-1]); err == nil && at.Before(e.At) {
			return at
		}
	}
	return e.At
}
