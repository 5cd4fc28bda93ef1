package customers

import (
	"context"
	"errors"
	"slices"
	"strings"

	"loket/desk/access"
	"loket/identity"
	"loket/internal/field"
	"loket/internal/message"
)

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
		return nil, nil, field.Errorf("identifiers", "must be the customer's alone, and leave them at least one: shared ones and handles are not split")
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
