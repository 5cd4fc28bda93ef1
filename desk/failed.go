package desk

import (
	"context"
	"errors"
	"fmt"

	"loket/desk/access"
	"loket/router/queue"
)

// A Failed is a task in which an answer did not arrive, or may not have; the answers that somebody may decide about, if they are
// kept still.
type Failed struct {
	*Task
	Replies []*queue.Reply
}

// failedShown is how many tasks of a team Failed gives.
const failedShown = 50

// Failed gives the tasks, of the teams that the principal may see, in which an answer did not arrive, or may not have, and nobody
// dealt with that yet: of each team the oldest, at most 50. more tells that there are others.
func (d *Desk) Failed(ctx context.Context, by access.Actor) (all []Failed, more bool, err error) {
	for _, team := range d.router().Teams() {
		if by.Sees(team) != nil {
			continue
		}
		page, err := d.queue.Failed(ctx, team, failedShown, "")
		if err != nil {
			return nil, false, err
		}
		more = more || page.Cursor != ""
		tasks, err := d.Summaries(ctx, page.Tasks)
		if err != nil {
			return nil, false, err
		}
		for _, t := range tasks {
			replies, err := d.queue.ReplyStates(ctx, t.Card.Sending...)
			if err != nil {
				return nil, false, err
			}
			f := Failed{Task: t}
			for _, id := range t.Card.Sending {
				if r := replies[id]; r != nil && (r.State == queue.ReplyGaveUp || r.State == queue.ReplyDoubt) {
					f.Replies = append(f.Replies, r)
				}
			}
			all = append(all, f)
		}
	}
	return all, more, nil
}

// LookAgain asks the channel once more whether it has an answer that is in doubt. What it says is seen in the task within moments. It needs the role
// manager.
func (d *Desk) LookAgain(ctx context.Context, by access.Actor, ref, reply string) (*Task, error) {
	if err := by.Require(access.RoleManager); err != nil {
		return nil, err
	}
	return d.ofReply(ctx, by, ref, reply, func(id string, _ queue.Actor) (*queue.Task, error) {
		if err := d.queue.LookAgain(ctx, reply); err != nil {
			return nil, err
		}
		return d.queue.Task(ctx, id)
	})
}

// Settle takes a person's word for whether an answer arrived that is in doubt, or whose channel said that it did not. It needs the role
// manager, because figures go by it.
func (d *Desk) Settle(ctx context.Context, by access.Actor, ref, reply string, arrived bool) (*Task, error) {
	if err := by.Require(access.RoleManager); err != nil {
		return nil, err
	}
	return d.ofReply(ctx, by, ref, reply, func(_ string, who queue.Actor) (*queue.Task, error) {
		return d.queue.Settle(ctx, reply, who.Agent, arrived)
	})
}

// Resend sends an answer once more that failed or is in doubt, because a person decided so.
func (d *Desk) Resend(ctx context.Context, by access.Actor, ref, reply string) (*Task, error) {
	return d.ofReply(ctx, by, ref, reply, func(_ string, who queue.Actor) (*queue.Task, error) {
		return d.queue.Resend(ctx, reply, who.Agent)
	})
}

// ofReply does what a person decided about an answer of a task.
func (d *Desk) ofReply(ctx context.Context, by access.Actor, ref, reply string, do func(id string, who queue.Actor) (*queue.Task, error)) (*Task, error) {
	return d.act(ctx, by, ref, func(id string, who queue.Actor) (*queue.Task, error) {
		r, err := d.queue.ReplyByID(ctx, reply)
		if errors.Is(err, ErrNone) || err == nil && r.Task != id {
			return nil, fmt.Errorf("reply: %w", ErrNotFound)
		}
		if err != nil {
			return nil, err
		}
		if err := d.current(ctx, id, who); err != nil {
			return nil, err
		}
		return do(id, who)
	})
}
