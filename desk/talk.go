package desk

import (
	"context"
	"slices"
	"time"

	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// How far back the message is looked for that an answer answers.
const (
	maxEarlier      = 50
	maxEarlierBytes = 1 << 20
)

// recentTalk is what was said lately in a thread, between us and those whom an answer there goes to.
func (d *Desk) recentTalk(ctx context.Context, t *queue.Task, th *thread.Thread) (*talk, error) {
	entries, _, err := d.threads.Newest(ctx, th.ID, maxEarlier, maxEarlierBytes)
	if err != nil {
		return nil, err
	}
	return listen(entries, slices.Concat(th.From, t.From)), nil
}

// refer makes m refer to what it answers, and takes that along for channels that quote. On a channel where nothing refers to
// anything m stays as it is.
func (h *talk) refer(m *message.Message, zone *time.Location) {
	if h.said == nil || h.said.Own == "" {
		return
	}
	m.References = append(slices.Clone(h.said.References), h.said.Own)
	m.Earlier = &message.Earlier{Name: h.said.Name, Text: message.Head(h.said.Text, message.MaxEarlier), Sent: h.said.Sent, Zone: zone.String()}
}

// A talk is what was said lately in a thread, from the side of who is to answer.
type talk struct {
	entries []thread.Entry
	// said is what an answer answers: the last that a person said whom nobody of us brought in, else the last of all; nil when
	// there is none.
	said *message.Message
	// brought are those whom one of us brought into the conversation, by a copy or by writing to them instead of the customer.
	brought []message.Identifier
}

// listen hears what was said to us, between us and the people whom the conversation is with.
func listen(entries []thread.Entry, with []message.Identifier) *talk {
	heard := &talk{entries: entries}
	known := slices.Clone(with)
	var guests *message.Message
	for _, e := range entries {
		m := e.Message
		switch {
		case m.Direction == message.Out:
			news := m.Cc
			if m.ToOthers {
				news = slices.Concat(m.To, m.Cc)
			}
			heard.brought = append(heard.brought, without(news, known)...)
		case m.Awaits() && heard.isGuest(m):
			guests = m
		case m.Awaits():
			heard.said = m
		}
		if m.Direction == message.In {
			known = append(known, without(slices.Concat(m.From, m.ReplyTo, m.Cc), heard.brought)...)
		}
	}
	if heard.said == nil {
		heard.said = guests
	}
	return heard
}

// isGuest tells whether all who wrote m were brought in by us.
func (h *talk) isGuest(m *message.Message) bool {
	return len(m.From) > 0 && len(without(m.From, h.brought)) == 0
}

// others are who else wrote or got what is answered.
func (h *talk) others() []message.Identifier {
	if h.said == nil {
		return nil
	}
	all := h.said.Cc
	if mailboxes(h.said.From) > 1 {
		all = slices.Concat(h.said.From, all)
	}
	return slices.DeleteFunc(without(all, h.said.ReplyTo), func(id message.Identifier) bool { return id.Kind != "email" })
}

// everybody is who ever wrote.
func (h *talk) everybody() (all []message.Identifier) {
	for _, e := range h.entries {
		if e.Message.Direction == message.In {
			all = append(all, e.Message.From...)
		}
	}
	return all
}

// waiting are those who wrote since one of us last wrote to them. Whom we brought in counts only if nobody else waits.
func (h *talk) waiting() []message.Identifier {
	var all []message.Identifier
	for _, e := range h.entries {
		m := e.Message
		switch {
		case m.Awaits() && m.Direction == message.In:
			all = append(all, m.From...)
		case m.Direction == message.Out && m.Automatic == message.ByPerson:
			all = without(all, slices.Concat(m.To, m.Cc))
		}
	}
	if left := without(all, h.brought); len(left) > 0 {
		return left
	}
	return all
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
