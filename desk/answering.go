package desk

import (
	"context"
	"slices"

	"loket/internal/message"
	"loket/router/queue"
)

// How far back the message is looked for that an answer answers.
const (
	mostEarlier      = 20
	mostEarlierBytes = 1 << 20
)

// answering makes m, an answer in t, the answer to what a person last wrote in its thread: it goes to where they want it, refers to what
// he wrote, and takes that along for channels that quote. Without such a message m stays as it is.
//
// An answer that was asked to go elsewhere than to whoever wrote last (via) keeps its recipient.
func (d *Desk) answering(ctx context.Context, t *queue.Task, m *message.Message, via string) error {
	entries, _, err := d.threads.Newest(ctx, m.Thread, mostEarlier, mostEarlierBytes)
	if err != nil {
		return err
	}
	for _, e := range slices.Backward(entries) {
		said := e.Message
		if said.Direction != message.In || !said.Awaits() {
			continue
		}
		switch {
		case via == viaPreferred: // others may have joined since
		case len(said.ReplyTo) > 0:
			m.To = said.ReplyTo
		case len(said.From) > 0 && (mailboxes(said.From) < 2 || len(m.To) == 0):
			m.To = said.From // of several senders nobody can say which one wrote: then to whoever began the thread
		}
		if said.Own == "" {
			return nil // nothing on this channel refers to anything
		}
		m.References = append(slices.Clone(said.References), said.Own)
		m.Earlier = &message.Earlier{Name: said.Name, Text: message.Head(said.Text, message.MaxEarlier), Sent: said.Sent, Zone: d.zone(t.Team).String()}
		return nil
	}
	return nil
}

// mailboxes counts the mail addresses among who a message is from: each is another sender, while other channels know one
// sender by several identifiers.
func mailboxes(ids []message.Identifier) int {
	n := 0
	for _, id := range ids {
		if id.Kind == "email" {
			n++
		}
	}
	return n
}
