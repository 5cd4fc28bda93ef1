package customers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"loket/desk"
	"loket/desk/access"
	"loket/identity"
	"loket/internal/field"
	"loket/internal/message"
	"loket/router/queue"
)

// customerID reads an id of a customer. What cannot be one is identity.ErrNone.
func customerID(ref string) (string, error) {
	id, err := ulid.ParseStrict(strings.TrimSpace(ref))
	if err != nil {
		return "", fmt.Errorf("customer %q: %w", ref, identity.ErrNone)
	}
	return id.String(), nil
}

// registered gives the customer of an id, a former one too.
func (s *Service) registered(ctx context.Context, ref string) (*identity.Customer, error) {
	id, err := customerID(ref)
	if err != nil {
		return nil, err
	}
	return s.registry.Customer(ctx, id)
}

// Profile gives a customer by an id they have or had. It is identity.ErrNone when there never was one, identity.ErrGone when they were
// erased.
func (s *Service) Profile(ctx context.Context, ref string) (*Profile, error) {
	c, err := s.registered(ctx, ref)
	if err != nil {
		return nil, err
	}
	said, err := s.registry.Attributes(ctx, c.ID)
	return &Profile{c, append([]identity.Attribute{}, said...)}, err
}

// identifier reads one that somebody typed.
func (s *Service) identifier(path, text string, level message.Level) (message.Identifier, error) {
	if strings.TrimSpace(text) == "" {
		return message.Identifier{}, field.Errorf(path, "must be kind:value, such as email:name@example.org")
	}
	id, err := message.ParseIdentifier(text, s.region, level)
	if err != nil {
		return id, field.Errorf(path, "%v", err)
	}
	return id, nil
}

// Owners tells whose an identifier is; nobody's is no error.
func (s *Service) Owners(ctx context.Context, text string) (*Owners, error) {
	x, err := s.identifier("identifier", text, message.Vouched)
	if err != nil {
		return nil, err
	}
	return s.owners(ctx, x)
}

func (s *Service) owners(ctx context.Context, x message.Identifier) (*Owners, error) {
	c, others, err := s.registry.Owner(ctx, x)
	if errors.Is(err, identity.ErrNone) || errors.Is(err, identity.ErrGone) { // that somebody was erased is nobody's business here
		return &Owners{}, nil
	}
	if err != nil {
		return nil, err
	}
	return &Owners{c, others}, nil
}

// Search finds customers by their id, by an identifier of theirs, and by how their name or number goes.
func (s *Service) Search(ctx context.Context, query string) ([]*identity.Customer, error) {
	return s.registry.Search(ctx, query, desk.UsualPage)
}

// Why explains why two identifiers are of one customer, or why they are not. With y left out, it is x and the most
// lasting other identifier of the customer; x itself when there is none.
func (s *Service) Why(ctx context.Context, by access.Actor, ref, x, y string) (*Explanation, error) {
	c, err := s.registered(ctx, ref)
	if err != nil {
		return nil, err
	}
	a, err := s.identifier("x", x, message.Vouched)
	if err != nil {
		return nil, err
	}
	var b message.Identifier
	switch {
	case strings.TrimSpace(y) != "":
		if b, err = s.identifier("y", y, message.Vouched); err != nil {
			return nil, err
		}
	case len(c.Held) == 0:
		return nil, field.Errorf("y", "must be given: the customer has no identifier")
	default:
		b = c.Held[0].Identifier
		if len(c.Held) > 1 && b.Node() == a.Node() {
			b = c.Held[1].Identifier
		}
	}
	e, err := s.registry.Why(ctx, a, b)
	if err != nil {
		return nil, err
	}
	for i := range e.Steps {
		e.Steps[i].Evidence = evidence(by.Principal, e.Steps[i].Evidence)
	}
	return &Explanation{a, b, e}, nil
}

// evidence is what something is known from, as the principal may hear it: whose message it is, is not known here, so that
// the ids of messages are for who may see every team.
func evidence(p *access.Principal, from string) string {
	if message.ValidID(from) && p.Everywhere() != nil {
		return ""
	}
	return from
}

// CustomerLog gives a page of what was decided about a customer, under all ids they ever had, the newest first. next continues
// it; "" at its end.
func (s *Service) CustomerLog(ctx context.Context, by access.Actor, ref string, limit int, cursor string) (entries []identity.LogEntry, next string, err error) {
	id, err := customerID(ref)
	if err != nil {
		return nil, "", err
	}
	limit, err = desk.PageSize(limit)
	if err != nil {
		return nil, "", err
	}
	entries, next, err = s.registry.Log(ctx, id, limit, cursor)
	for i := range entries {
		entries[i].Evidence = evidence(by.Principal, entries[i].Evidence)
	}
	return entries, next, err
}

// History gives a page of the tasks of a customer that the principal may see, the newest first, at most limit; 0 is the
// usual number.
func (s *Service) History(ctx context.Context, by access.Actor, ref string, limit int, cursor string) (*History, error) {
	limit, err := desk.PageSize(limit)
	if err != nil {
		return nil, err
	}
	c, err := s.registered(ctx, ref)
	if err != nil {
		return nil, err
	}
	found, next, err := s.desk.WrittenBy(ctx, by, c.Identifiers(), limit, cursor)
	if errors.Is(err, queue.ErrCursor) {
		return nil, field.Errorf("cursor", "must be the cursor of the page before")
	}
	if err != nil {
		return nil, err
	}
	sure, claims := []*queue.Task{}, []*queue.Task{}
	for _, t := range found {
		was := func(x message.Identifier) bool { return c.HadBefore(x, created(t)) }
		switch {
		case theirs(c, t):
			sure = append(sure, t)
		case slices.ContainsFunc(t.From, was): // whoever it was, it was not the customer
		default:
			claims = append(claims, t)
		}
	}
	h := &History{Customer: c, Cursor: next}
	if h.Tasks, err = s.desk.Summaries(ctx, sure); err != nil {
		return nil, err
	}
	h.Claims, err = s.desk.Summaries(ctx, claims)
	return h, err
}

// allVisible is ErrForbidden, naming the teams, when tasks that count, of those in which an identifier wrote, are of teams
// that the principal may not see: what is done with a customer as a whole must not be done by halves.
func (s *Service) allVisible(ctx context.Context, by access.Actor, who []message.Identifier, counts func(*queue.Task) bool) error {
	if by.Everywhere() == nil {
		return nil
	}
	var others []string
	err := s.everyTask(ctx, who, func(t *queue.Task) error {
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
