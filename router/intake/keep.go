package intake

import (
	"context"

	"loket/internal/message"
	"loket/router/queue"
)

// What follows serves a store that forgets: the spool holds every message until its task is closed.

// rereadSpool brings the files of the spool into the journal, when the process begins and after a message was
// accepted that the store did not take. They stay where they are.
func (in *Intake) rereadSpool(ctx context.Context) error {
	if !in.behind.Swap(false) {
		return nil
	}
	err := in.readSpool(ctx, func(string) error { return nil })
	if err != nil {
		in.behind.Store(true)
	}
	return err
}

// followClosed removes the files of tasks when they are closed.
func (in *Intake) followClosed(ctx context.Context) error {
	sub := in.queue.Feed().Subscribe(1024)
	defer func() { sub.Close() }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, open := <-sub.C:
			if !open { // dropped for being slow: what was missed is found by looking at every file
				sub = in.queue.Feed().Subscribe(1024)
				in.unspoolAll(ctx)
				continue
			}
			if e.Type == queue.Finished {
				in.unspoolTask(ctx, e.Task)
			}
		}
	}
}

// unspoolTask removes the files of a closed task. Here and below, one that stays after an error only makes closed
// work come back after a restart.
func (in *Intake) unspoolTask(ctx context.Context, id string) {
	t, err := in.queue.Task(ctx, id)
	if err != nil || t.State != queue.Closed {
		return
	}
	for _, th := range t.Threads {
		entries, err := in.threads.Messages(ctx, th, 10_000)
		if err != nil {
			return
		}
		for _, e := range entries {
			if t.Holds(e.Task) && e.Message.Direction == message.In {
				_ = in.spool.Remove(e.Message.ID)
			}
		}
	}
}

func (in *Intake) unspoolAll(ctx context.Context) {
	ids, err := in.spool.List(0)
	if err != nil {
		return
	}
	for _, id := range ids {
		if m, err := in.spool.Get(id); err == nil {
			in.unspoolDone(ctx, m)
		}
	}
}

// unspoolDone removes the file of a message whose task is closed. What is not in a task yet stays.
func (in *Intake) unspoolDone(ctx context.Context, m *message.Message) {
	if !begins(m) {
		return
	}
	where, err := in.find(ctx, m)
	if err != nil {
		return
	}
	e, err := in.threads.Message(ctx, where.message.Thread, m.ID)
	if err != nil {
		return
	}
	if t, err := in.queue.Current(ctx, e.Task); err == nil && t.State == queue.Closed {
		_ = in.spool.Remove(m.ID)
	}
}

// begins tells whether a message can begin a task, or come back with one: no report does, no answer of ours, and none to what was
// forwarded.
func begins(m *message.Message) bool {
	return m.Kind == message.Said && m.Direction == message.In && m.Forward == ""
}
