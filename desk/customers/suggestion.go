package customers

import (
	"context"
	"strings"

	"loket/desk"
	"loket/desk/access"
	"loket/identity"
	"loket/internal/field"
)

// A SuggestionPage is a part of the suggestions. Cursor continues it; "" at its end.
type SuggestionPage struct {
	Suggestions []Suggestion `json:"suggestions"`
	Cursor      string       `json:"cursor"`
}

// A Suggestion is two customers that may be one, for a person to decide.
type Suggestion struct {
	ID        string            `json:"id"`
	Customers []*Profile        `json:"customers"`
	Score     int               `json:"score"` // how much speaks for it
	Reasons   []identity.Reason `json:"reasons"`
	Against   []string          `json:"against"` // what speaks against it
}

// Suggestions gives a page of pairs of customers that may be one, the surest first.
func (s *Service) Suggestions(ctx context.Context, limit int, cursor string) (*SuggestionPage, error) {
	limit, err := desk.PageSize(limit)
	if err != nil {
		return nil, err
	}
	found, next, err := s.registry.Suggestions(ctx, limit, cursor)
	if err != nil {
		return nil, err
	}
	page := &SuggestionPage{Suggestions: []Suggestion{}, Cursor: next}
	for _, s := range found {
		v := Suggestion{ID: s.ID, Customers: []*Profile{profile(s.A), profile(s.B)}, Score: s.Score, Reasons: s.Reasons, Against: filled(s.Against)}
		if v.Reasons == nil {
			v.Reasons = []identity.Reason{}
		}
		page.Suggestions = append(page.Suggestions, v)
	}
	return page, nil
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
