package customers

import (
	"context"
	"strings"

	"loket/desk"
	"loket/desk/access"
	"loket/identity"
	"loket/internal/field"
)

// Suggestions gives a page of pairs of customers that may be one, the surest first. next continues it; "" at its end.
func (s *Service) Suggestions(ctx context.Context, limit int, cursor string) (found []identity.Suggestion, next string, err error) {
	if limit, err = desk.PageSize(limit); err != nil {
		return nil, "", err
	}
	return s.registry.Suggestions(ctx, limit, cursor)
}

// DecideSuggestion says whether the two of a suggestion are the same; it is not asked again. It needs the role manager.
func (s *Service) DecideSuggestion(ctx context.Context, by access.Actor, id string, same *bool, why Because) error {
	who, err := s.govern(by, why)
	if err != nil {
		return err
	}
	if same == nil {
		return field.Errorf("same", "must be true or false")
	}
	err = s.registry.Decide(ctx, id, *same, who)
	if err == nil || !*same {
		return err
	}
	first, second, _ := strings.Cut(id, "+")
	a, b, missing := s.pairOf(ctx, []string{first, second})
	if missing != nil {
		return err
	}
	return s.unsure(a, b, err)
}
