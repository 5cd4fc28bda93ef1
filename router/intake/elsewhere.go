package intake

import (
	"context"
	"errors"

	"go.uber.org/zap"

	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// elsewhere takes in what one of us said in the channel's own app: into the thread that it answers, and as an answer
// to its task. What belongs to no thread we know is none of the desk's: it ends here.
func (in *Intake) elsewhere(ctx context.Context, m *message.Message, attempt int) error {
	full := *m
	joined, err := in.Threads.Known(ctx, m)
	if err != nil {
		return err
	}
	th, err := in.Threads.Find(ctx, joined)
	if joined == "" || errors.Is(err, thread.ErrNone) {
		in.Log.Debug("an answer from elsewhere to nothing we know", zap.String("message", m.ID), zap.String("connector", m.Connector))
		return in.end(ctx, m, attempt)
	}
	if err != nil {
		return err
	}
	full.Thread = th.ID
	if err := in.Threads.Record(ctx, th.Task, &full); err != nil {
		return err
	}
	at := m.Sent
	if at.IsZero() || at.After(m.Received) {
		at = m.Received
	}
	if err := in.Queue.AnsweredElsewhere(ctx, th.Task, &full, at); err != nil && !errors.Is(err, queue.ErrNone) {
		return err
	}
	return in.end(ctx, m, attempt)
}
