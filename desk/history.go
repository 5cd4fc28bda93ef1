package desk

import (
	"context"
	"errors"
	"slices"

	"loket/desk/access"
	"loket/internal/message"
	"loket/router/queue"
)

// A TaskStep is one step of a task's history. Its Type is created, or that of the event.
type TaskStep struct {
	queue.Step
	Note string               // given with a transfer
	To   []message.Identifier // whom it was written to, of what went to others
}

// history is what was done with a task. What is noted with a transfer is among the notes, in which it can be forgotten.
func (d *Desk) history(_ context.Context, t *queue.Task, v *Task) error {
	v.History = []TaskStep{{Step: queue.Step{At: t.Created, Type: queue.Created}}}
	for _, s := range t.History {
		step := TaskStep{Step: s}
		given := func(n Note) bool { return n.Agent == s.Agent && n.At.UnixMilli() == s.At && n.Way == "" }
		if i := slices.IndexFunc(v.Notes, given); i >= 0 && s.Type == queue.Transferred {
			step.Note = v.Notes[i].Text
		}
		if s.Type == queue.ToOthers {
			step.To = v.writtenTo(s.Message)
		}
		v.History = append(v.History, step)
	}
	return nil
}

// writtenTo is whom a message of ours went to. The history itself holds no addresses, so that they can be forgotten.
func (v *Task) writtenTo(id string) []message.Identifier {
	for _, m := range v.Messages {
		if m.ID == id {
			return m.To
		}
	}
	for _, m := range v.Notes {
		if m.Mail != nil && m.Mail.ID == id {
			return m.Mail.To
		}
	}
	return nil
}

// Earlier are tasks of the same customer, surely theirs, that began before one, of those that the viewer may see.
type Earlier struct {
	Tasks []*queue.Task // the newest first
	More  int           // how many there are besides
	// Uncounted: even more, which were not counted.
	Uncounted bool
	// Open are those that began after it and are not closed: whoever answers this one should know of them.
	Open []*queue.Task
}

const (
	earlierShown   = 5
	earlierCounted = 50
)

// earlier are the customer's tasks before this one.
func (d *Desk) earlier(by access.Actor) func(context.Context, *queue.Task, *Task) error {
	return func(ctx context.Context, t *queue.Task, v *Task) error {
		if v.Customer == nil || v.Customer.Customer == "" {
			return nil
		}
		c, err := d.registry.Customer(ctx, v.Customer.Customer)
		if errors.Is(err, ErrStranger) || errors.Is(err, ErrGone) { // since a moment ago
			return nil
		}
		if err != nil {
			return err
		}
		found, next, err := d.WrittenBy(ctx, by, c.Identifiers(), earlierCounted, t.Before())
		if err != nil {
			return err
		}
		found = slices.DeleteFunc(found, func(o *queue.Task) bool { return t.Holds(o.ID) || !c.Wrote(o.From, instant(o.Created)) })
		newest, _, err := d.WrittenBy(ctx, by, c.Identifiers(), earlierCounted, "")
		if err != nil {
			return err
		}
		open := slices.DeleteFunc(newest, func(o *queue.Task) bool {
			return o.State == queue.Closed || o.Created < t.Created || t.Holds(o.ID) || !c.Wrote(o.From, instant(o.Created)) || slices.ContainsFunc(found, func(f *queue.Task) bool { return f.ID == o.ID })
		})
		v.Earlier = &Earlier{Open: open[:min(len(open), earlierShown)], Tasks: found[:min(len(found), earlierShown)], More: max(0, len(found)-earlierShown), Uncounted: next != ""}
		return nil
	}
}
