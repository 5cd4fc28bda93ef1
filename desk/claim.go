package desk

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"loket/desk/access"
	"loket/internal/field"
	"loket/router/queue"
)

// MaxWait is how long a claim may wait for work.
const MaxWait = time.Minute

// requestForm is what a caller may call a request of theirs: it stands between spaces in the store.
var requestForm = regexp.MustCompile(`^[!-~]{0,128}$`)

// Claim gives the agent the most urgent task of the team under a lease, waiting for one at most wait, and never
// longer than MaxWait. The same request gives the same task; "" makes each its own. ErrNothing when none came. Who holds a
// task now is told so, also when it cannot be read: it is Partial then.
func (d *Desk) Claim(ctx context.Context, by access.Actor, team, request string, wait time.Duration) (*Task, error) {
	if err := d.team(team); err != nil {
		return nil, err
	}
	agent, err := d.agent(by, team)
	if err != nil {
		return nil, err
	}
	if !requestForm.MatchString(request) {
		return nil, field.Errorf("request_id", "must be at most 128 letters, digits and signs without spaces")
	}
	t, err := d.queue.Claim(ctx, queue.Claim{Team: team, Agent: agent, Request: request, Wait: min(wait, MaxWait)})
	if err != nil {
		return nil, err
	}
	if by.Sees(t.Team) != nil { // the same request was answered elsewhere, or the task went on since
		return nil, fmt.Errorf("%w: the request_id was used for a task that this token may not see", access.ErrForbidden)
	}
	gone := ctx.Err()
	if gone == nil || request != "" {
		v := d.shown(ctx, by, t, agent)
		if gone == nil && !v.Partial {
			d.looked(ctx, t, agent)
		}
		return v, nil
	}
	// Who asked does not learn of this task and cannot ask for it again: the next one shall not wait for its lease
	// to end.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), showWithin)
	defer cancel()
	_, err = d.queue.Return(ctx, t.ID, queue.Actor{Agent: agent, Lease: t.Lease})
	return nil, errors.Join(gone, err)
}

// Take claims this very task, and shows it.
func (d *Desk) Take(ctx context.Context, by access.Actor, ref string) (*Task, error) {
	t, who, err := d.acting(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	if t, err = d.queue.Take(ctx, t.ID, who.Agent); err != nil {
		return nil, err
	}
	v := d.shown(ctx, by, t, who.Agent)
	if !v.Partial {
		d.looked(ctx, t, who.Agent)
	}
	return v, nil
}

// Heartbeat renews the lease of a task.
func (d *Desk) Heartbeat(ctx context.Context, by access.Actor, ref string) (*Task, error) {
	return d.act(ctx, by, ref, func(id string, who queue.Actor) (*queue.Task, error) {
		return d.queue.Heartbeat(ctx, id, who)
	})
}

// Return gives a task back; its place is kept.
func (d *Desk) Return(ctx context.Context, by access.Actor, ref string) (*Task, error) {
	return d.act(ctx, by, ref, func(id string, who queue.Actor) (*queue.Task, error) {
		return d.queue.Return(ctx, id, who)
	})
}

// act lets a person who answers for the task's team change it, and shows it as it is then.
func (d *Desk) act(ctx context.Context, by access.Actor, ref string, do func(id string, who queue.Actor) (*queue.Task, error)) (*Task, error) {
	t, who, err := d.acting(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	if t, err = do(t.ID, who); err != nil {
		return nil, d.unseen(ctx, err)
	}
	return d.shown(ctx, by, t, who.Agent), nil
}

// acting gives the task and the person who acts on it, who must answer for its team.
func (d *Desk) acting(ctx context.Context, by access.Actor, ref string) (*queue.Task, queue.Actor, error) {
	// Who acts comes first: a mistake in the call shall not depend on the task.
	if _, err := d.access().Agent(by.Principal, by.Agent); err != nil {
		return nil, queue.Actor{}, err
	}
	t, err := d.find(ctx, by.Principal, ref)
	if err != nil {
		return nil, queue.Actor{}, err
	}
	agent, err := d.agent(by, t.Team)
	if err == nil && t.Archived != nil {
		t, err = d.BringBack(ctx, t.ID)
	}
	if err != nil {
		return nil, queue.Actor{}, err
	}
	seen, err := readSeen(t, by.Seen)
	return t, queue.Actor{Agent: agent, Lease: by.Lease, Seen: seen, Anyway: by.Anyway}, err
}

// BringBack gives a task that is archived as it is in the store, with all that belongs to it.
func (d *Desk) BringBack(ctx context.Context, id string) (*queue.Task, error) {
	if _, err := d.queue.Restore(ctx, id); err != nil {
		return nil, err
	}
	return d.queue.Task(ctx, id)
}

// current is ErrTaken when a lease was given that is no longer that of the task. It is for changes that anybody
// of the team may make, which the queue does not fence.
func (d *Desk) current(ctx context.Context, id string, who queue.Actor) error {
	if who.Lease == "" {
		return nil
	}
	t, err := d.queue.Task(ctx, id)
	if err == nil && t.Lease != who.Lease {
		err = t.Taken()
	}
	return err
}
