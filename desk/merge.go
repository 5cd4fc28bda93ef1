package desk

import (
	"context"
	"errors"

	"loket/desk/access"
	"loket/identity"
	"loket/internal/field"
	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// Merge lets the task that other names go on in this one: what was said and noted in it is shown here, what comes to it comes
// here, and the customer waits from where they began to wait first. Who does it must answer for the teams of both. Tasks of
// two customers are not merged. Reopening the other takes it out again.
func (d *Desk) Merge(ctx context.Context, by access.Actor, ref, other string) (*Task, error) {
	t, who, err := d.acting(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	o, err := d.other(ctx, by, t, other)
	if err != nil {
		return nil, err
	}
	if _, err := d.agent(by, o.Team); err != nil {
		return nil, err
	}
	if o.Into.ID != t.ID {
		if err := d.oneCustomers(ctx, t, o); err != nil {
			return nil, err
		}
	}
	first, err := d.began(ctx, o)
	if err != nil {
		return nil, err
	}
	if t, err = d.queue.Merge(ctx, queue.Merging{Stays: t.ID, Goes: o.ID, First: first}, who); err != nil {
		return nil, err
	}
	return d.shown(ctx, by, t, who.Agent), nil
}

// oneCustomers refuses two tasks of which it is known that they are of two customers.
func (d *Desk) oneCustomers(ctx context.Context, t, o *queue.Task) error {
	var of [2]identity.Result
	for i, one := range []*queue.Task{t, o} {
		who, err := d.registry.Resolve(ctx, identity.Subject{IDs: one.From, Name: one.Name, At: instant(one.Created), Look: true})
		if err != nil {
			return err
		}
		of[i] = who
	}
	if of[0].Customer == "" || of[1].Customer == "" || of[0].Customer == of[1].Customer {
		return nil
	}
	return field.Errorf("task", "is of customer %s, and %s of %s: if they are one, merge the customers first (loket customer merge)",
		of[1].Customer, queue.FormatNumber(t.Number), of[0].Customer)
}

// began is the id of the message that began a task, "" when it is not kept any more.
func (d *Desk) began(ctx context.Context, t *queue.Task) (string, error) {
	first := ""
	for _, id := range t.Threads {
		err := d.threads.Each(ctx, id, func(e thread.Entry) error {
			if e.Task == t.ID && e.Message.Direction == message.In && e.Message.Received.UnixMilli() == t.Created {
				first = e.Message.ID
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			return "", err
		}
		if first != "" {
			break
		}
	}
	return first, nil
}
