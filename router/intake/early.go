package intake

import (
	"context"
	"errors"
	"time"

	"loket/internal/message"
)

// errEarly says that a message may answer what is being sent, by an id that we are yet to hear of, or that what begins its thread is on its way.
var errEarly = errors.New("what it belongs to may be on its way")

// How often such a message is put off, and for about how long each time: it ends in a task in any case, and soon.
const (
	earlyTries = 5
	earlyPause = 500 * time.Millisecond
)

// early is errEarly while a message refers only to what nobody knows, and an answer to its sender is with the channel: the
// customer may be faster than the channel's word of what it calls our answer.
func (in *Intake) early(ctx context.Context, m *message.Message) error {
	if m.Thread != "" || len(m.References) == 0 || len(m.From) == 0 || time.Since(m.Received) > remembered {
		return nil
	}
	leads, err := in.threads.Leads(ctx, m.Connector, m.References)
	if err != nil || leads {
		return err
	}
	sending, err := in.queue.SendingTo(ctx, m.Connector, m.From)
	if err != nil {
		return err
	}
	if sending {
		return errEarly
	}
	return nil
}
