package figures

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"loket/desk/access"
	"loket/internal/field"
	"loket/internal/message"
	"loket/internal/store"
)

// A View is a question about figures that somebody keeps under a name.
type View struct {
	Name     string
	Question string // as it stands in an address
}

// What one person may keep.
const (
	maxViews    = 50
	maxViewName = 60
	maxQuestion = 2000
)

// viewsKey is the hash of what a person keeps: name → question.
func viewsKey(person string) string { return "lk:{desk}:views:" + person }

// Views gives what somebody keeps, by name.
func (s *Service) Views(ctx context.Context, by access.Actor) ([]View, error) {
	if by.Person == "" {
		return nil, nil
	}
	kept, err := s.store.Redis().HGetAll(ctx, viewsKey(by.Person)).Result()
	if err != nil {
		return nil, fmt.Errorf("read views: %w", store.Cause(err))
	}
	var all []View
	for _, name := range slices.SortedFunc(maps.Keys(kept), func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
	}) {
		all = append(all, View{name, kept[name]})
	}
	return all, nil
}

// KeepView keeps a question under a name, in place of what was kept under it. Mistakes are *field.Error.
func (s *Service) KeepView(ctx context.Context, by access.Actor, v View) error {
	v.Name = message.CleanLine(v.Name)
	switch {
	case by.Person == "":
		return field.Errorf("person", "must be somebody: this token acts for others")
	case v.Name == "" || utf8.RuneCountInString(v.Name) > maxViewName:
		return field.Errorf("name", "must have 1 to %d characters", maxViewName)
	case len(v.Question) > maxQuestion:
		return field.Errorf("question", "must have at most %d characters", maxQuestion)
	}
	key := viewsKey(by.Person)
	kept, err := s.store.Redis().HKeys(ctx, key).Result()
	if err == nil && len(kept) >= maxViews && !slices.Contains(kept, v.Name) {
		return field.Errorf("name", "must be one of the %d that are kept already", maxViews)
	}
	if err == nil {
		err = s.store.Redis().HSet(ctx, key, v.Name, v.Question).Err()
	}
	if err != nil {
		return fmt.Errorf("keep view: %w", store.Cause(err))
	}
	return nil
}

// DropView forgets one. Doing it again changes nothing.
func (s *Service) DropView(ctx context.Context, by access.Actor, name string) error {
	if err := s.store.Redis().HDel(ctx, viewsKey(by.Person), name).Err(); err != nil {
		return fmt.Errorf("drop view: %w", store.Cause(err))
	}
	return nil
}
