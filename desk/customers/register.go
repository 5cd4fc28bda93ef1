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
	mostReason      = 1000
	mostIdentifiers = 64 // of one customer
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
func (s *Service) change(by access.Actor, why Because) (identity.By, error) {
	if why.Confirm {
		if err := by.Require(access.RoleManager); err != nil {
			return identity.By{}, err
		}
	}
	who := identity.By{Actor: by.Name, Reason: message.CleanLine(why.Reason), Message: why.Message, Confirm: why.Confirm, Apart: !by.Has(access.RoleManager)}
	who.Repeats = by.Agent == "" && by.Person == ""
	if by.Agent != "" || by.Person != "" {
		var err error
		if who.Actor, err = s.access().Agent(by.Principal, by.Agent); err != nil {
			return who, err
		}
	}
	if why.Message != "" && !message.ValidID(why.Message) {
		return who, field.Errorf("message", "must be the id of a message")
	}
	return who, desk.LongMistake("reason", who.Reason, mostReason)
}

// govern is change for what takes more than answering: it needs the role manager.
func (s *Service) govern(by access.Actor, why Because) (identity.By, error) {
	if err := by.Require(access.RoleManager); err != nil {
		return identity.By{}, err
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
	case len(texts) > mostIdentifiers:
		return nil, field.Errorf(path, "must be at most %d", mostIdentifiers)
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

// holder gives a customer and an identifier that is his.
func (s *Service) holder(ctx context.Context, ref, text string) (*identity.Customer, message.Identifier, error) {
	x, err := s.identifier("identifier", text, message.Vouched)
	if err != nil {
		return nil, x, err
	}
	c, err := s.registered(ctx, ref)
	switch {
	case err != nil:
	case !holds(c, x):
		err = field.Errorf("identifier", "must be one of the customer's: it is not")
	case !stillHas(c, x):
		err = fmt.Errorf("%w: %w", errGivenUp, field.Errorf("identifier", "must be one of the customer's: they gave it up"))
	}
	return c, x, err
}

// errGivenUp says that an identifier was the customer's.
var errGivenUp = errors.New("given up")

// stillHas tells whether an identifier is the customer's still.
func stillHas(c *identity.Customer, x message.Identifier) bool {
	return slices.ContainsFunc(c.Held, func(h identity.Held) bool { return h.String() == x.String() && !h.Retired })
}

func holds(c *identity.Customer, x message.Identifier) bool {
	return slices.ContainsFunc(c.Held, func(h identity.Held) bool { return h.String() == x.String() })
}

// Share notes that several people use an identifier, so that it names nobody any more, or that this is over. It needs
// the role manager, as all below.
func (s *Service) Share(ctx context.Context, by access.Actor, ref, text string, shared bool, why Because) (*Profile, error) {
	who, err := s.govern(by, why)
	if err != nil {
		return nil, err
	}
	c, x, err := s.holder(ctx, ref, text)
	if err != nil {
		return nil, err
	}
	if err := s.registry.Share(ctx, x, shared, who); err != nil {
		return nil, err
	}
	return s.Profile(ctx, c.ID)
}

// Retire notes that an identifier was the customer's until a time, and a telephone number on WhatsApp too: an instant in RFC 3339, how long ago (3d), or what clocks
// show (17:30, 2026-11-22, both with a space between); "" is now.
func (s *Service) Retire(ctx context.Context, by access.Actor, ref, text, at string, why Because) (*Profile, error) {
	who, err := s.govern(by, why)
	if err != nil {
		return nil, err
	}
	now := s.now().UTC()
	until, err := desk.Moment{Path: "at", Text: at, Now: now, Zone: s.zone(""), Past: true}.Read()
	if err != nil {
		return nil, err
	}
	if until.After(now) {
		return nil, field.Errorf("at", "must not lie in the future")
	}
	if until.IsZero() {
		until = now
	}
	c, x, err := s.holder(ctx, ref, text)
	earlier := func(h identity.Held) bool { return h.String() == x.String() && h.Retired && h.Holds(until) }
	if errors.Is(err, errGivenUp) && slices.ContainsFunc(c.Held, earlier) {
		err = nil // it was so earlier than was said before
	}
	if err != nil {
		return nil, err
	}
	for _, h := range c.Held { // before the number itself, so that whoever dies in between leaves it to be done again
		if !h.Retired && h.String() != x.String() && oneNumber(h.Identifier, x) {
			if err := s.registry.Retire(ctx, h.Identifier, until, who); err != nil {
				return nil, err
			}
		}
	}
	if err := s.registry.Retire(ctx, x, until, who); err != nil {
		return nil, err
	}
	return s.Profile(ctx, c.ID)
}

// oneNumber tells whether two identifiers are one telephone number, as a telephone shows it and as WhatsApp does: who gives up
// the one has given up the other.
func oneNumber(a, b message.Identifier) bool {
	x, y := numberOf(a), numberOf(b)
	return x != "" && x == y
}

// numberOf are the digits of a telephone number. WhatsApp may leave out the ninth digit of Brazilian mobile numbers, and has a 1
// in Mexican ones that is not theirs any more.
func numberOf(x message.Identifier) string {
	n := strings.TrimPrefix(x.Value, "+")
	switch {
	case x.Kind == "phone":
		return n
	case x.Kind != "wa":
		return ""
	case strings.HasPrefix(n, "55") && len(n) == 12 && n[4] >= '6':
		return n[:4] + "9" + n[4:]
	case strings.HasPrefix(n, "521") && len(n) == 13:
		return "52" + n[3:]
	}
	return n
}

// Split takes identifiers from a customer; they become one of their own.
func (s *Service) Split(ctx context.Context, by access.Actor, ref string, texts []string, why Because) (kept, fresh *identity.Customer, err error) {
	who, err := s.govern(by, why)
	if err != nil {
		return nil, nil, err
	}
	ids, err := s.ownAll("identifiers", texts)
	if err != nil {
		return nil, nil, err
	}
	c, err := s.registered(ctx, ref)
	if err != nil {
		return nil, nil, err
	}
	for i, x := range ids {
		if !holds(c, x) {
			return nil, nil, field.Errorf(field.At("identifiers", i), "must be one of the customer's: it is not")
		}
	}
	if !slices.ContainsFunc(c.Held, func(h identity.Held) bool {
		return !slices.ContainsFunc(ids, func(x message.Identifier) bool { return x.String() == h.String() })
	}) {
		return nil, nil, field.Errorf("identifiers", "must leave the customer at least one")
	}
	kept, fresh, err = s.registry.Split(ctx, c.ID, ids, who)
	if errors.Is(err, identity.ErrConflict) || errors.Is(err, identity.ErrNone) {
		return nil, nil, field.Errorf("identifiers", "must be the customer's alone, and leave him at least one: shared ones and handles are not split")
	}
	return kept, fresh, err
}

// pairOf reads the two customers that a decision is about.
func (s *Service) pairOf(ctx context.Context, refs []string) (a, b *identity.Customer, err error) {
	if len(refs) != 2 {
		return nil, nil, field.Errorf("customers", "must be the ids of two customers")
	}
	var both [2]*identity.Customer
	for i, ref := range refs {
		both[i], err = s.registered(ctx, ref)
		if err != nil {
			return nil, nil, noCustomer(i, ref, err)
		}
	}
	return both[0], both[1], nil
}

// MergeCustomers makes two customers one, known by the older id; the other leads there. Two who have each a number of
// their own in one system are *Unsure until somebody who has seen both confirms.
func (s *Service) MergeCustomers(ctx context.Context, by access.Actor, refs []string, why Because) (*Profile, error) {
	who, err := s.govern(by, why)
	if err != nil {
		return nil, err
	}
	a, b, err := s.pairOf(ctx, refs)
	if err != nil {
		return nil, err
	}
	if a.ID == b.ID {
		if refs[0] == refs[1] {
			return nil, field.Errorf("customers", "must be two: it is twice the same")
		}
		return &Profile{Customer: a}, nil // they are one already
	}
	c, err := s.registry.Merge(ctx, a.ID, b.ID, who)
	if err != nil {
		return nil, s.unsure(a, b, err)
	}
	return &Profile{Customer: c}, nil
}

// unsure shows whoever wanted to make two customers one what speaks against it.
func (s *Service) unsure(a, b *identity.Customer, err error) error {
	if errors.Is(err, identity.ErrAnchored) {
		text := "they were two people elsewhere"
		if numbers := bothHave(a, b); numbers != "" {
			text += " (" + numbers + ")"
		}
		text += "; look at both, and confirm to make them one all the same"
		return &Unsure{Customers: []*identity.Customer{a, b}, WouldBe: joined(a, b), Text: text, Cause: err}
	}
	if errors.Is(err, identity.ErrConflict) {
		return &Unsure{Customers: []*identity.Customer{a, b}, Text: reasonOf(err), Cause: err}
	}
	return err
}

// UnmergeCustomers undoes a merge: the two are told apart for good, and have their ids again. They may be named as they were
// to be merged, by identifiers too.
func (s *Service) UnmergeCustomers(ctx context.Context, by access.Actor, refs []string, why Because) ([]*identity.Customer, error) {
	who, err := s.govern(by, why)
	if err != nil {
		return nil, err
	}
	ids, err := s.merged(ctx, refs)
	if err != nil {
		return nil, err
	}
	a, b, err := s.registry.Unmerge(ctx, ids[0], ids[1], who)
	if errors.Is(err, identity.ErrConflict) {
		return nil, field.Errorf("customers", "must be two that were merged: these are ids of one identifier")
	}
	if err != nil {
		return nil, err
	}
	return []*identity.Customer{a, b}, nil
}

// merged gives the ids of the two that were made one.
func (s *Service) merged(ctx context.Context, refs []string) (ids [2]string, err error) {
	if len(refs) != 2 {
		return ids, field.Errorf("customers", "must be two customers")
	}
	named := false
	for i, ref := range refs {
		if strings.Contains(ref, ":") {
			x, err := s.identifier(field.At("customers", i), ref, message.Vouched)
			if err != nil {
				return ids, err
			}
			ids[i], named = x.String(), true
			continue
		}
		if _, err := s.registered(ctx, ref); err != nil {
			return ids, noCustomer(i, ref, err)
		}
		if ids[i], err = customerID(ref); err != nil {
			return ids, err
		}
	}
	if ids[0] == ids[1] {
		return ids, field.Errorf("customers", "must be two: it is twice the same")
	}
	if !named {
		return ids, nil
	}
	a, b, err := s.registry.Joined(ctx, ids[0], ids[1])
	switch {
	case errors.Is(err, identity.ErrConflict):
		return ids, field.Errorf("customers", "must be two that were merged: these are one by what is known of them, and split takes it apart")
	case errors.Is(err, identity.ErrNone):
		return ids, field.Errorf("customers", "must both be somebody's: there is no customer with one of them")
	}
	return [2]string{a, b}, err
}

// noCustomer says that one of two is not there.
func noCustomer(i int, ref string, err error) error {
	if errors.Is(err, identity.ErrNone) {
		return field.Errorf(field.At("customers", i), "there is no customer %q", ref)
	}
	return err
}

// Block notes that an identifier says nothing about anybody, such as a gateway's, or that it does: it parts customers from
// what they write from.
func (s *Service) Block(ctx context.Context, by access.Actor, text string, blocked bool, why Because) error {
	who, err := s.govern(by, why)
	if err != nil {
		return err
	}
	x, err := s.identifier("identifier", text, message.Vouched)
	if err != nil {
		return err
	}
	if x.Class() == message.Anchor {
		return field.Errorf("identifier", "must not be a customer's number: it says who somebody is")
	}
	if err := s.registry.Block(ctx, x, blocked, who); err != nil {
		return fmt.Errorf("block sender: %w", err)
	}
	return nil
}
