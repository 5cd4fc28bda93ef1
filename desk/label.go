package desk

import (
	"context"
	"errors"
	"slices"

	"loket/desk/access"
	"loket/internal/field"
	"loket/router"
	"loket/router/queue"
)

// A Labelling says what is to change of what a task was given when it came. What is empty stays.
type Labelling struct {
	Tag      []string // it gets
	Untag    []string // it has no longer
	Priority string
	Language string
}

// Label changes tags, priority and language of a task. Anybody of its team may, whoever holds it.
func (d *Desk) Label(ctx context.Context, by access.Actor, ref string, l Labelling) (*Task, error) {
	labels, err := l.read()
	if err != nil {
		return nil, err
	}
	return d.act(ctx, by, ref, func(id string, who queue.Actor) (*queue.Task, error) {
		return d.queue.Label(ctx, id, who, labels)
	})
}

// read looks whether it says what is to change.
func (l *Labelling) read() (queue.Labels, error) {
	labels := queue.Labels{Priority: l.Priority, Language: l.Language}
	errs := []error{router.NoTags("tag", l.Tag), LanguageMistake(l.Language)}
	if l.Priority != "" {
		var err error
		labels.Band, err = router.Band("priority", l.Priority)
		errs = append(errs, err)
	}
	if i := slices.IndexFunc(l.Untag, func(tag string) bool { return slices.Contains(l.Tag, tag) }); i >= 0 {
		errs = append(errs, field.Errorf(field.At("untag", i), "must not be among the tags that it gets"))
	}
	if len(l.Tag)+len(l.Untag) > 0 {
		labels.Tags = l.tags
	} else if l.Priority == "" && l.Language == "" {
		errs = append(errs, field.Errorf("", "must say what changes: tag, untag, priority or language"))
	}
	return labels, errors.Join(errs...)
}

// tags are what a task has then that has those. One that has too many from elsewhere can lose some.
func (l *Labelling) tags(have []string) ([]string, error) {
	var tags []string
	for _, tag := range slices.Concat(have, l.Tag) {
		if !slices.Contains(l.Untag, tag) && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	if len(tags) <= len(have) {
		return tags, nil
	}
	return tags, router.TooManyTags("tag", tags)
}
