package customers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"loket/desk"
	"loket/desk/access"
	"loket/identity"
	"loket/internal/field"
	"loket/internal/message"
)

const (
	maxReason      = 1000
	maxIdentifiers = 64 // of one customer
)

// A Because says why somebody changes what is known about customers.
type Because struct {
	Reason  string // for whoever reads the log
	Message string // the message that shows it, if there is one
	// Confirm says that a person has seen both sides and takes them for one all the same.
	Confirm bool
}

// change says who changes the registry and why, as it stands in the log. A program that names no person acts itself.
//
// Confirming makes two customers one, and so needs the role manager, as merging does.
func (s *Service) change(by access.Actor, why Because) (identity.Actor, error) {
	if why.Confirm {
		if err := by.Require(access.RoleManager); err != nil {
			return identity.Actor{}, err
		}
	}
	who := identity.Actor{Name: by.Name, Reason: message.CleanLine(why.Reason), Message: why.Message, Confirm: why.Confirm, Apart: !by.Has(access.RoleManager)}
	who.Repeats = by.Agent == "" && by.Person == ""
	if by.Agent != "" || by.Person != "" {
		var err error
		if who.Name, err = s.access().Agent(by.Principal, by.Agent); err != nil {
			return who, err
		}
	}
	if why.Message != "" && !message.ValidID(why.Message) {
		return who, field.Errorf("message", "must be the id of a message")
	}
	return who, desk.LongMistake("reason", who.Reason, maxReason)
}

// govern is change for what takes more than answering: it needs the role manager.
func (s *Service) govern(by access.Actor, why Because) (identity.Actor, error) {
	if err := by.Require(access.RoleManager); err != nil {
		return identity.Actor{}, err
	}
	return s.change(by, why)
}

// own reads an identifier that is to be somebody's.
func (s *Service) own(path, text string) (message.Identifier, error) {
	x, err := s.identifier(path, text, message.Vouched)
	switch class := x.Class(); {
	case err != nil:
		return x, err
	case x.Claim():
		return x, field.Errorf(path, "must be without ~: what is only claimed is nobody's")
	case class == message.Ephemeral || class == message.ClaimOnly:
		return x, field.Errorf(path, "must be of a kind that lasts: %s is one visit or one call", x.Kind)
	case x.Blocked():
		return x, field.Errorf(path, "must be somebody's: this value says nothing about anybody")
	}
	return x, nil
}

func (s *Service) ownAll(path string, texts []string) ([]message.Identifier, error) {
	switch {
	case len(texts) == 0:
		return nil, field.Errorf(path, "must be at least one identifier, such as email:name@example.org")
	case len(texts) > maxIdentifiers:
		return nil, field.Errorf(path, "must be at most %d", maxIdentifiers)
	}
	var all []message.Identifier
	var errs []error
	for i, text := range texts {
		x, err := s.own(field.At(path, i), text)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for j, y := range all {
			if x.Class() == message.Anchor && x.Kind == y.Kind && x.Scope == y.Scope && x.Value != y.Value {
				errs = append(errs, field.Errorf(field.At(path, i), "must be of the same person as %s: nobody has two numbers in one system", field.At(path, j)))
			}
		}
		all = append(all, x)
	}
	return all, errors.Join(errs...)
}

// Register notes that some identifiers are one person's, and makes the customer if nobody is known by them. The same
// again changes nothing. Where it contradicts what is known it is *Unsure: what was said is kept, and contested. It is *Unsure
// too, and a suggestion, where it would make two customers one and by is no manager.
func (s *Service) Register(ctx context.Context, by access.Actor, texts []string, name string, why Because) (*Profile, error) {
	ids, err := s.ownAll("identifiers", texts)
	name = message.CleanLine(name)
	who, whoErr := s.change(by, why)
	if err := errors.Join(whoErr, err, desk.LongMistake("name", name, desk.MaxName)); err != nil {
		return nil, err
	}
	c, err := s.registry.Register(ctx, ids, name, who)
	return s.changed(ctx, c, err, ids...)
}

// LinkIdentifier registers one more identifier of a customer. One of another customer does not move: it is *Unsure.
func (s *Service) LinkIdentifier(ctx context.Context, by access.Actor, ref, text string, why Because) (*Profile, error) {
	x, err := s.own("identifier", text)
	who, whoErr := s.change(by, why)
	if err := errors.Join(whoErr, err); err != nil {
		return nil, err
	}
	id, err := customerID(ref)
	if err != nil {
		return nil, err
	}
	c, err := s.registry.Link(ctx, x, id, who)
	return s.changed(ctx, c, err, x)
}

// changed gives the customer as it is now, or with a contradiction everybody concerned.
func (s *Service) changed(ctx context.Context, c *identity.Customer, err error, about ...message.Identifier) (*Profile, error) {
	switch {
	case err == nil:
		return &Profile{Customer: c}, nil
	case !errors.Is(err, identity.ErrConflict):
		return nil, err
	}
	u := &Unsure{Text: reasonOf(err), Cause: err}
	if c != nil {
		u.Customers = append(u.Customers, c)
	}
	for _, x := range about {
		found, err := s.Search(ctx, x.String())
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			if !slices.ContainsFunc(u.Customers, func(have *identity.Customer) bool { return have.ID == p.ID }) {
				u.Customers = append(u.Customers, p)
			}
		}
	}
	return nil, u
}

// reasonOf is what an error of the registry says to people: without the operation, which they asked for.
func reasonOf(err error) string {
	text := err.Error()
	if _, rest, ok := strings.Cut(text, ": "); ok {
		return rest
	}
	return text
}

// UnlinkIdentifier notes that an identifier is not the customer's. One that was proven, that is in the CRM or that others registered
// needs the role manager: else an agent could take it from one customer and register it to another.
func (s *Service) UnlinkIdentifier(ctx context.Context, by access.Actor, ref, text string, why Because) (*Profile, error) {
	who, err := s.change(by, why)
	if err != nil {
		return nil, err
	}
	_, x, err := s.holder(ctx, ref, text)
	if err != nil {
		return nil, err
	}
	c, err := s.registry.Unlink(ctx, x, who)
	if errors.Is(err, identity.ErrConflict) {
		return nil, field.Errorf("identifier", "must not be all the customer has, nor shared by several people")
	}
	if errors.Is(err, identity.ErrSure) {
		return nil, fmt.Errorf("%w: taking this %s from the customer needs the role %s: %w", access.ErrForbidden, x.Kind, access.RoleManager, identity.ErrSure)
	}
	if err != nil {
		return nil, err
	}
	return &Profile{Customer: c}, nil
}
