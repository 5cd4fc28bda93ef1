package intake

import (
	"context"
	"slices"

	"loket/internal/message"
)

// How much of a thread is looked through for what a message answers.
const (
	lookedThrough = 100
	bytesThrough  = 4 << 20
)

// answersUs gives m as a person's message when its connector was not sure that a machine wrote it, and its sender, who takes
// part in the thread, answers there what one of us wrote.
func (in *Intake) answersUs(ctx context.Context, m *message.Message) (*message.Message, error) {
	if !m.Unsure || m.Thread == m.ID || len(m.From) == 0 || len(m.References) == 0 {
		return m, nil
	}
	part, err := in.part(ctx, m.Thread, m.From)
	if err != nil || !part.In {
		return m, err
	}
	entries, _, err := in.threads.Newest(ctx, m.Thread, lookedThrough, bytesThrough)
	if err != nil {
		return m, err
	}
	for _, e := range entries {
		ours := e.Message.Direction == message.Out && e.Message.Automatic == message.ByPerson && e.Message.Own != ""
		if ours && slices.Contains(m.References, e.Message.Own) {
			persons := *m
			persons.Automatic, persons.Unsure = message.ByPerson, false
			return &persons, nil
		}
	}
	return m, nil
}
