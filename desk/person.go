package desk

import (
	"context"
	"errors"
	"slices"

	"loket/desk/access"
	"loket/internal/field"
	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// A Judgement is what somebody says of the automatic messages of a task.
type Judgement struct {
	Message string // which one a person wrote; left out, the newest of those that are taken for a machine's
	Machine bool   // machines wrote them indeed: they are unattended no more
}

// ByPerson takes the word of whoever answers for the team that a person wrote what was taken for a machine's message: then
// its writer has waited for us since it came, and a task that was closed comes back. Doing it again changes nothing.
func (d *Desk) ByPerson(ctx context.Context, by access.Actor, ref string, j Judgement) (*Task, error) {
	if j.Machine && j.Message != "" {
		return nil, field.Errorf("message", "must be left out with machine, which is said of all of them")
	}
	return d.act(ctx, by, ref, func(id string, who queue.Actor) (*queue.Task, error) {
		if err := d.current(ctx, id, who); err != nil {
			return nil, err
		}
		if j.Machine {
			return d.queue.ByMachines(ctx, id, who.Agent)
		}
		t, err := d.queue.Task(ctx, id)
		if err != nil {
			return nil, err
		}
		m, err := d.automatic(ctx, t, j.Message)
		if err != nil || m == nil {
			return t, err
		}
		// The task comes first: broken off between the two, the message is still the one to be found when it is said again.
		if t, err = d.queue.ByPerson(ctx, t.ID, who.Agent, m); err != nil {
			return nil, err
		}
		return t, d.threads.ByPerson(ctx, m.Thread, m.ID, "by a person, says "+who.Agent)
	})
}

// automatic is the message of a task that is taken for a machine's and named, or the newest of them; nil for one that is a
// person's already.
func (d *Desk) automatic(ctx context.Context, t *queue.Task, id string) (*message.Message, error) {
	if id != "" {
		e, err := d.messageOf(ctx, t, id)
		if errors.Is(err, thread.ErrNone) || err == nil && (!t.Holds(e.Task) || e.Message.Direction == message.Out) {
			return nil, field.Errorf("message", "must be the id of a message to us in this task")
		}
		if err != nil || e.Message.Automatic == message.ByPerson {
			return nil, err
		}
		return e.Message, nil
	}
	var newest *message.Message
	for _, th := range t.Threads {
		entries, _, err := d.threads.Newest(ctx, th, lookedThrough, maxShownBytes)
		if err != nil {
			return nil, err
		}
		for _, e := range slices.Backward(entries) {
			m := e.Message
			if t.Holds(e.Task) && m.Direction == message.In && m.Automatic != message.ByPerson {
				if newest == nil || m.Received.After(newest.Received) {
					newest = m
				}
				break
			}
		}
	}
	if newest == nil {
		return nil, field.Errorf("message", "must be one that is taken for a machine's, and there is none in this task")
	}
	return newest, nil
}
