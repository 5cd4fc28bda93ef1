package desk

import (
	"context"
	"errors"
	"slices"

	"loket/identity"
	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// A Writer is the person who wrote last in a task, where that is not surely whom the task is from: answers go to them.
type Writer struct {
	From      []message.Identifier
	Name      string
	Assurance string
	Began     bool // they began the conversation they wrote in
}

// writer tells who wrote last, nil when the task tells it already.
func (d *Desk) writer(ctx context.Context, t *queue.Task, last *message.Message) (*Writer, error) {
	if last == nil || len(last.From) == 0 || !slices.ContainsFunc(last.From, func(id message.Identifier) bool { return !shows(t.From, id) }) {
		return nil, nil
	}
	who, err := d.registry.Resolve(ctx, identity.Subject{IDs: last.From, Name: last.Name, At: last.Received, Look: true})
	if err != nil {
		return nil, err
	}
	w := &Writer{From: last.From, Name: last.Name, Assurance: who.Word()}
	th, err := d.threads.Find(ctx, last.Thread)
	if err != nil && !errors.Is(err, thread.ErrNone) {
		return nil, err
	}
	w.Began = err == nil && len(th.Newcomers(last.From)) == 0
	return w, nil
}

// shows tells whether one of from is id, and as sure.
func shows(from []message.Identifier, id message.Identifier) bool {
	return slices.ContainsFunc(from, func(f message.Identifier) bool { return f.Node() == id.Node() })
}

// later is whichever of two messages of persons came later; the first may be nil, and the second anything.
func later(a, b *message.Message) *message.Message {
	if b.Direction != message.In || !b.Awaits() || a != nil && a.Received.After(b.Received) {
		return a
	}
	return b
}
