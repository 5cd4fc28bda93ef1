package intake

import (
	"context"
	"errors"
	"slices"

	"go.uber.org/zap"

	"loket/identity"
	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// elsewhere takes in what we said by another way than the desk: what one of us wrote in the channel's own app ends the
// wait of its task, what a connector sent by itself does not; both stand in their thread. What belongs to no thread we
// know may begin a conversation: it is remembered until somebody answers.
func (in *Intake) elsewhere(ctx context.Context, m *message.Message, attempt int) error {
	joined, err := in.threads.Known(ctx, m)
	if err == nil && joined == "" && m.Automatic == message.ByPerson {
		joined, err = in.first(ctx, m)
	}
	if err != nil {
		return err
	}
	th, err := in.threads.Find(ctx, joined)
	if err == nil && joined != "" {
		th, err = in.toTheirTime(ctx, th, m)
	}
	if joined == "" || errors.Is(err, thread.ErrNone) {
		if joined != "" && attempt < maxAttempts {
			return err // what it answers, or what answers it, is on its way to a thread of its own
		}
		in.log.Debug("an answer from elsewhere to nothing we know", zap.String("message", m.ID), zap.String("connector", m.Connector))
		return in.end(ctx, m, attempt)
	}
	if err != nil {
		return err
	}
	full := *m
	full.Thread = th.ID
	if err := in.threads.Record(ctx, th.Task, &full); err != nil {
		return err
	}
	if m.Automatic == message.ByPerson {
		if err := in.answered(ctx, th, &full); err != nil {
			return err
		}
	}
	return in.end(ctx, m, attempt)
}

// toTheirTime gives the thread of whoever has the address now that m is written to, where th is of whoever had it before.
func (in *Intake) toTheirTime(ctx context.Context, th *thread.Thread, m *message.Message) (*thread.Thread, error) {
	to := slices.Clone(m.To)
	for i := range to {
		to[i].Level = message.Attested
	}
	who, err := in.registry.Resolve(ctx, identity.Subject{IDs: to, At: m.Received, Brief: true, Look: true})
	if err != nil || len(who.Lives) == 0 {
		return th, err
	}
	own, err := in.ownThread(ctx, m, th, who)
	if err != nil || own == "" {
		return th, err
	}
	return in.threads.Find(ctx, own)
}

// first remembers what one of us said first, and looks again: whoever answers refers to it before they look for it, so one
// of the two finds the other.
func (in *Intake) first(ctx context.Context, m *message.Message) (joined string, err error) {
	if err := in.threads.Remember(ctx, m); err != nil {
		return "", err
	}
	in.step("remembered")
	waiting, err := in.threads.Awaiting(ctx, m)
	if err != nil {
		return "", err
	}
	for _, id := range waiting {
		th, err := in.threads.Find(ctx, id)
		if errors.Is(err, thread.ErrNone) {
			continue
		}
		if err == nil {
			err = in.recordFirst(ctx, m, th.ID, th.Task, th.From)
		}
		if err != nil {
			return "", err
		}
	}
	return in.threads.Known(ctx, m)
}

// before puts what one of us said first into the thread that m, its answer, has begun.
func (in *Intake) before(ctx context.Context, m *message.Message, task string) error {
	if m.Thread != m.ID {
		return nil
	}
	if err := in.threads.Await(ctx, m); err != nil {
		return err
	}
	said, err := in.threads.Before(ctx, m)
	if err != nil {
		return err
	}
	for _, b := range said {
		if err := in.recordFirst(ctx, b, m.Thread, task, m.From); err != nil {
			return err
		}
	}
	return nil
}

// recordFirst puts what one of us said first into a thread that somebody began by answering it.
func (in *Intake) recordFirst(ctx context.Context, m *message.Message, id, task string, by []message.Identifier) error {
	full := *m
	full.Thread, full.Own = id, "" // others may answer it too, in threads of their own
	if len(full.To) == 0 {
		full.To = by // a post is to nobody in particular: here it is what was said to whoever answered
	}
	return in.threads.Record(ctx, task, &full)
}

// answered makes it an answer to the task.
func (in *Intake) answered(ctx context.Context, th *thread.Thread, m *message.Message) error {
	at := m.Sent
	if at.IsZero() || at.After(m.Received) {
		at = m.Received
	}
	if err := in.queue.AnsweredElsewhere(ctx, th.Task, m, at); err != nil && !errors.Is(err, queue.ErrNone) {
		return err
	}
	return nil
}
