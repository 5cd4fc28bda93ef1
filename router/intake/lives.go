package intake

import (
	"context"
	"errors"
	"slices"
	"time"

	"loket/identity"
	"loket/internal/message"
	"loket/router/thread"
)

// MarkOthersTime is on a message that would have gone on with a conversation of whoever had the sender's address before.
const MarkOthersTime = "an earlier conversation of this address belongs to somebody else's time"

// ofTheirTime gives m in a conversation of whoever has its sender's address when it was said. Where it leads to one that
// somebody else began who had the address before, or has it since, it begins its own, or goes on with it, and names the other's
// task. One person stays in one conversation, whatever was given up meanwhile.
func (in *Intake) ofTheirTime(ctx context.Context, asked *message.Message, f found, who identity.Result) (found, error) {
	m := f.message
	if m.Thread == m.ID || len(who.Lives) == 0 {
		return f, nil
	}
	th, err := in.Threads.Find(ctx, m.Thread)
	if errors.Is(err, thread.ErrNone) {
		return f, nil
	}
	if err != nil {
		return f, err
	}
	own, err := in.ownThread(ctx, th, who)
	if err != nil || own == "" {
		return f, err
	}
	theirs := *m
	theirs.Thread, theirs.Marks = own, asked.Marks
	f.message, f.related = &theirs, ""
	_, err = in.Threads.Find(ctx, own)
	if errors.Is(err, thread.ErrNone) {
		theirs.Marks = append(slices.Clone(theirs.Marks), MarkOthersTime)
		f.related = th.Task
		return f, nil
	}
	if err != nil {
		return f, err
	}
	return in.look(ctx, f)
}

// ownThread is where somebody's conversation is whose address leads to a thread of another time; "" when it leads to their
// own. All that lead there from one time have the same.
func (in *Intake) ownThread(ctx context.Context, th *thread.Thread, who identity.Result) (string, error) {
	i := slices.IndexFunc(who.Lives, func(l identity.Life) bool {
		return !l.Holds(th.Began) && slices.ContainsFunc(th.From, func(x message.Identifier) bool { return x.String() == l.String() })
	})
	if i < 0 {
		return "", nil
	}
	if who.Customer != "" {
		began, err := in.Registry.Resolve(ctx, identity.Subject{IDs: th.From, At: th.Began, Brief: true, Look: true})
		if err != nil || began.Customer == who.Customer {
			return "", err
		}
	}
	l := who.Lives[i]
	return message.NewID([]byte("conversation of another time"), []byte(th.ID), []byte(l.String()), []byte(l.From.UTC().Format(time.RFC3339Nano))), nil
}
