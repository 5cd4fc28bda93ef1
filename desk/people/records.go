package people

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"loket/desk/access"
	"loket/internal/store"
)

// changeKnown changes somebody who was added or stands in the configuration.
func (s *Service) changeKnown(ctx context.Context, name string, change func(r *record)) error {
	inFile := slices.ContainsFunc(s.configured(), func(p access.Person) bool { return p.Name == name })
	return s.change(ctx, name, func(r *record, _ bool) error {
		if !r.Added && !inFile {
			return ErrNobody
		}
		change(r)
		return nil
	})
}

// maxTries is how often a change is tried that others disturb.
const maxTries = 20

// change changes the record of a name, or makes it.
func (s *Service) change(ctx context.Context, name string, do func(r *record, isThere bool) error) error {
	for range maxTries {
		_, was, err := s.store.Load(ctx, store.Field{Key: peopleKey(), Name: name})
		if err != nil {
			return err
		}
		var r record
		if was[0] != "" {
			if err := json.Unmarshal([]byte(was[0]), &r); err != nil {
				return fmt.Errorf("read record: %w", err)
			}
		}
		if err := do(&r, was[0] != ""); err != nil {
			return err
		}
		now, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("encode record: %w", err)
		}
		if string(now) == was[0] {
			return nil
		}
		var tx store.Tx
		tx.IfField(peopleKey(), name, was[0])
		tx.SetField(peopleKey(), name, string(now))
		tx.CountField(versionKey(), "n", 1)
		if done, err := s.store.Commit(ctx, &tx); err != nil || done {
			return err
		}
	}
	return errBusy
}

func (s *Service) records(ctx context.Context) (map[string]record, error) {
	all, err := s.store.Redis().HGetAll(ctx, peopleKey()).Result()
	if err != nil {
		return nil, store.Cause(err)
	}
	out := map[string]record{}
	for name, text := range all {
		var r record
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			return nil, fmt.Errorf("read person %q: %w", name, err)
		}
		out[name] = r
	}
	return out, nil
}

// one is the record of a name; an empty one when there is none.
func (s *Service) one(ctx context.Context, name string) (record, error) {
	var r record
	_, values, err := s.store.Load(ctx, store.Field{Key: peopleKey(), Name: name})
	if err != nil || values[0] == "" {
		return r, err
	}
	if err := json.Unmarshal([]byte(values[0]), &r); err != nil {
		return r, fmt.Errorf("read person %q: %w", name, err)
	}
	return r, nil
}

// known tells whether somebody is called so, by the configuration or by what was added.
func (s *Service) known(name string, r record) bool {
	return r.Added || slices.ContainsFunc(s.configured(), func(p access.Person) bool { return p.Name == name })
}

// lookEvery is how soon a change by another process is seen.
const lookEvery = 2 * time.Second
