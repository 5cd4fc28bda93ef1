package customers

import (
	"context"

	"loket/identity"
	"loket/internal/field"
)

// A Comparison is two customers who may be one, side by side.
type Comparison struct {
	A, B    *Profile
	WouldBe *identity.Customer // what they would become
	Against string             // what contradicts, in words; "" when nothing does
	// Suggestion is the id of the one that was made of these two, to be answered; "" for none.
	Suggestion string
}

// suggestionsLookedAt is among how many of the surest suggestions that of two customers is looked for.
const suggestionsLookedAt = 100

// Compare shows two customers side by side, by ids they have or had, and what they would become as one. Nothing is changed.
func (s *Service) Compare(ctx context.Context, refs ...string) (*Comparison, error) {
	a, b, err := s.pairOf(ctx, refs)
	if err != nil {
		return nil, err
	}
	if a.ID == b.ID {
		return nil, field.Errorf("customers", "must be two: they are one already")
	}
	c := &Comparison{WouldBe: joined(a, b), Against: bothHave(a, b)}
	if c.A, err = s.Profile(ctx, a.ID); err != nil {
		return nil, err
	}
	if c.B, err = s.Profile(ctx, b.ID); err != nil {
		return nil, err
	}
	found, err := s.SuggestionsOf(ctx, a.ID)
	for _, one := range found {
		if one.A.ID == b.ID || one.B.ID == b.ID {
			c.Suggestion = one.ID
		}
	}
	return c, err
}

// SuggestionsOf gives the suggestions that are about a customer, of the hundred surest of all.
func (s *Service) SuggestionsOf(ctx context.Context, id string) ([]identity.Suggestion, error) {
	all, _, err := s.registry.Suggestions(ctx, suggestionsLookedAt, "")
	var out []identity.Suggestion
	for _, one := range all {
		if one.A.ID == id || one.B.ID == id {
			out = append(out, one)
		}
	}
	return out, err
}
