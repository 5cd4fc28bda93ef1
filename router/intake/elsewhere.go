package intake

import (
	"context"
	"errors"

	"go.uber.org/zap"

	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// elsewhere takes in what we said by another way than the desk: what one of us wrote in the channel's own app ends the
// wait of its task, what a connector sent by itself does not; both stand in their thread. What belongs to no thread we
// know is none of the desk's: it ends here.
func (in *Intake) elsewhere(ctx context.Context, m *message.Message, attempt int) error {
	joined, err := in.Threads.Known(ctx, m)
	if err != nil {
		return err
	}
	th, err := in.Threads.Find(ctx, joined)
	if joined == "" || errors.Is(err, thread.ErrNone) {
		if m.Thread != "" && attempt < maxAttempts {
			return err // what it answers is on its way to a thread of its own
		}
		in.Log.Debug("an answer from elsewhere to nothing we know", zap.String("message", m.ID), zap.String("connector", m.Connector))
		return in.end(ctx, m, attempt)
	}
	if err != nil {
		return err
	}
	full := *m
	full.Thread = th.ID
	if err := in.Threads.Record(ctx, th.Task, &full); err != nil {
		return err
	}
	if m.Automatic == message.ByPerson {
		if err := in.answered(ctx, th, &full); err != nil {
			return err
		}
	}
	return in.end(ctx, m, attempt)
}

// answered makes it an answer to the task.
func (in *Intake) answered(ctx context.Context, th *thread.Thread, m *message.Message) error {
	at := m.Sent
	if at.IsZero() || at.After(m.Received) {
		at = m.Received
	}
	if err := in.Queue.AnsweredElsewhere(ctx, th.Task, m, at); err != nil && !errors.Is(err, queue.ErrNone) {
		return err
	}
	return nil
}
