package queue

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// Labels are what a task is to have of what it was given when it came; what is left out stays as it is.
type Labels struct {
	// Tags gives the tags it is to have instead of those that it has, which it must leave alone. It may be asked several
	// times, and its error ends the step. nil leaves them.
	Tags     func(have []string) ([]string, error)
	Priority string
	Band     int // of that priority
	Language string
}

// Label changes tags, priority and language of a task, whoever holds it and also when it is closed; a lease that is given
// must be current. A more pressing priority lets the wait that runs fall due earlier, as the team promises from now on; otherwise
// due times stay. Doing it again changes nothing.
func (q *Queue) Label(ctx context.Context, id string, by Actor, l Labels) (*Task, error) {
	t, err := q.change(ctx, id, newToken(), func(c *change) error {
		if by.Lease != "" && by.Lease != c.task.Lease {
			return c.task.Taken()
		}
		c.agent = by.Agent
		return c.label(l)
	})
	if errors.Is(err, errUnchanged) {
		return t, nil
	}
	return t, wrap(err, "label task %s", id)
}

// label changes what is another than it was, and tells all of it in one event.
func (c *change) label(l Labels) error {
	var said []string
	if l.Tags != nil {
		words, err := c.retag(l.Tags)
		if err != nil {
			return err
		}
		said = append(said, words...)
	}
	if t := &c.task; l.Priority != "" && l.Priority != t.Priority {
		said = append(said, "priority "+l.Priority+", was "+t.Priority)
		if !c.press(l.Priority, l.Band, millis(c.now)) {
			c.prioritise(l.Priority, l.Band)
		}
	}
	if t := &c.task; l.Language != "" && l.Language != t.Language {
		words := "language " + l.Language
		if t.Language != "" {
			words += ", was " + t.Language
		}
		said, t.Language = append(said, words), l.Language
	}
	if len(said) == 0 {
		return errUnchanged
	}
	e := c.event(Labelled)
	e.Reason = strings.Join(said, "; ")
	if c.task.Since > 0 {
		e.began(&c.task)
	}
	return nil
}

// retag gives the task other tags, and says which came and went.
func (c *change) retag(choose func([]string) ([]string, error)) ([]string, error) {
	was := c.task.Tags
	tags, err := choose(was)
	if err != nil {
		return nil, err
	}
	var said []string
	for _, tag := range tags {
		if !slices.Contains(was, tag) {
			said = append(said, "+"+tag)
		}
	}
	for _, tag := range was {
		if !slices.Contains(tags, tag) {
			said = append(said, "-"+tag)
		}
	}
	if len(said) == 0 {
		return nil, nil
	}
	c.task.Tags = tags
	return []string{"tags " + strings.Join(said, " ")}, nil
}

// prioritise gives the task another priority, and with it another place in its lane. Later answers are due by what the team
// promises at it: what a rule promised was for the other one.
func (c *change) prioritise(priority string, band int) {
	c.task.Priority, c.task.Band, c.task.NextReply = priority, band, 0
}
