package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"loket/identity"
	"loket/internal/field"
	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// The ways an answer may go.
const (
	ViaSame      = "same"
	ViaPreferred = "preferred"
	ViaPrivate   = "private"
)

// replyThread is the thread that an answer goes to: the one last written in that carries answers, one with the preferred address, or one that
// nobody else reads. A thread without a task is yet to begin.
func (d *Desk) replyThread(ctx context.Context, t *queue.Task, via string) (*thread.Thread, error) {
	switch via {
	case ViaPreferred:
		return d.preferred(ctx, t)
	case ViaPrivate:
		return d.private(ctx, t)
	}
	if len(t.Threads) == 0 {
		return nil, field.Errorf("", "the task has no thread to answer on")
	}
	last, err := d.threads.Find(ctx, t.Threads[len(t.Threads)-1])
	if errors.Is(err, thread.ErrNone) {
		return nil, field.Errorf("", "the thread to answer on is not kept any more")
	}
	if err != nil || last.Connector != HandConnector || d.canReply(last.Connector, compose(t, last, Answer{Text: "…"})) == nil {
		return last, err
	}
	for _, id := range slices.Backward(t.Threads) { // what was taken down by hand carries no answer: another may
		th, err := d.threads.Find(ctx, id)
		if err == nil && th.Connector != HandConnector || err != nil && !errors.Is(err, thread.ErrNone) {
			return th, err
		}
	}
	return last, nil
}

// preferred is the thread with the customer's preferred address: one of the task, or a new one. It must be sure who they
// are: what somebody gets who only claims to be the customer must not go to the customer, nor the other way round.
func (d *Desk) preferred(ctx context.Context, t *queue.Task) (*thread.Thread, error) {
	who, err := d.registry.Resolve(ctx, identity.Subject{IDs: t.From, Name: t.Name, At: instant(t.Created), Look: true})
	if err != nil {
		return nil, err
	}
	if who.Customer == "" || who.Assurance < message.Attested || who.Contested {
		return nil, field.Errorf("via", "must be same: it is not sure who the customer is (%s), so that nobody's preferred address is known", who.Assurance)
	}
	to, ok, err := d.registry.Preferred(ctx, who.Customer, identity.Service)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, field.Errorf("via", "must be same: the customer has no verified address of their own where they may be answered")
	}
	connector, channel, ok := d.reach(to, "")
	if !ok {
		return nil, field.Errorf("via", "must be same: no connector here can begin a conversation with %s, which the customer prefers", to)
	}
	return d.threadWith(ctx, t, connector, channel, to)
}

// private is where the conversation that was last written in goes on without the public: with whoever began it, on the
// same connector if that can. Of what is private already it is the thread itself.
func (d *Desk) private(ctx context.Context, t *queue.Task) (*thread.Thread, error) {
	public, err := d.replyThread(ctx, t, ViaSame)
	if err != nil || !public.Public {
		return public, err
	}
	for _, to := range public.From {
		if to.Claim() {
			continue
		}
		if connector, channel, ok := d.reach(to, public.Connector); ok {
			return d.threadWith(ctx, t, connector, channel, to)
		}
	}
	return nil, field.Errorf("via", "must be same: no connector here can begin a private conversation with who wrote")
}

// threadWith is the private thread of the task with an address, the newest, or one that is yet to begin.
func (d *Desk) threadWith(ctx context.Context, t *queue.Task, connector, channel string, to message.Identifier) (*thread.Thread, error) {
	for _, id := range slices.Backward(t.Threads) {
		th, err := d.threads.Find(ctx, id)
		if errors.Is(err, thread.ErrNone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if th.Connector == connector && !th.Public && len(th.From) > 0 && th.From[0].String() == to.String() {
			return th, nil
		}
	}
	return &thread.Thread{
		// The same for every answer to this address in this task: what is said again goes to the same thread.
		ID:        message.NewID([]byte("begun"), []byte(t.ID), []byte(connector), []byte(to.String())),
		Connector: connector, Channel: channel, Subject: t.Subject, From: []message.Identifier{to},
	}, nil
}

// stillTheirs is an error when an answer goes to whoever began a thread at an address that was given up since: whoever has it
// now would read what is for somebody else. The page of a form leads to no address.
func (d *Desk) stillTheirs(ctx context.Context, th *thread.Thread, m *message.Message) error {
	if th.Began.IsZero() || th.Channel == "web" || !meet(th.From, m.To) {
		return nil
	}
	now := identity.Subject{IDs: slices.Clone(th.From), Look: true, Brief: true}
	for i := range now.IDs {
		now.IDs[i].Level = message.Attested
	}
	has, err := d.registry.Resolve(ctx, now)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(has.Lives, func(l identity.Life) bool { return !l.Holds(th.Began) })
	if i < 0 {
		return nil
	}
	now.At = th.Began
	had, err := d.registry.Resolve(ctx, now)
	if err != nil || had.Customer != "" && had.Customer == has.Customer {
		return err
	}
	l := has.Lives[i]
	return field.Errorf("via", "must be preferred: %s was given up on %s, and whoever has it now may be somebody else",
		l.String(), l.From.In(d.zone("")).Format(time.DateOnly))
}
