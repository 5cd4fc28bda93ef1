package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"loket/desk/access"
	"loket/internal/field"
	"loket/internal/message"
	"loket/router/thread"
)

// A MailFile is a mail that somebody has as a file, read as the mailbox would have read it.
type MailFile struct {
	Message *message.Message
	Files   map[string][]byte // by the name of the blob
}

// TakeMail takes in a mail that somebody has as a file, as the mailbox would have: it is the same message, however often and
// by whichever way it comes. connector names the mailbox; "" is the one that the mail was sent to, else the first. What the
// file says of its sender is a claim, unless the principal has the role vouch; a conversation that it leads to must be of a
// team that is theirs. What is no mail, and what is a report on a mail of ours, is refused.
func (d *Desk) TakeMail(ctx context.Context, by access.Actor, connector string, data []byte) (*TakenIn, error) {
	agent := ""
	if by.Agent != "" || by.Person != "" {
		var err error
		if agent, err = d.access().Agent(by.Principal, by.Agent); err != nil {
			return nil, err
		}
	}
	filed, err := d.readMail(connector, data, d.now().UTC().Truncate(time.Millisecond))
	if err != nil {
		return nil, err
	}
	m := *filed.Message
	if m.Kind == message.Delivery {
		return nil, field.Errorf("mail", "is a report on a mail of ours: only the mailbox itself may bring one")
	}
	m.Agent = agent
	by.Agent = agent
	claim(by, &m)
	if err := d.ticket(ctx, by, &m); err != nil {
		return nil, err
	}
	if m.Forward != "" {
		if _, err := d.find(ctx, by.Principal, m.Forward); err != nil {
			m.Forward = ""
		}
	}
	if _, err := d.threads.Find(ctx, m.Thread); m.Thread != "" && errors.Is(err, thread.ErrNone) {
		m.Thread = "" // it is not there any more, or not yet
	}
	if err := d.place(ctx, by, &m); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(filed.Files)) {
		if _, err := d.blobs.Put(ctx, name, bytes.NewReader(filed.Files[name])); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNotNow, err)
		}
	}
	return d.accept(ctx, by, &m)
}

// RouteMail asks the rules that hold now what they make of a mail that somebody has as a file, read as the mailbox of that connector
// would have. Nothing is stored.
func (d *Desk) RouteMail(ctx context.Context, connector string, data []byte, received time.Time) (*Routed, error) {
	filed, err := d.readMail(connector, data, d.now().UTC().Truncate(time.Millisecond))
	if err != nil {
		return nil, err
	}
	return d.Route(ctx, &Incoming{Message: filed.Message}, received)
}

// claim leaves of how sure the sender is what the principal may say: a file can be written by anybody.
func claim(by access.Actor, m *message.Message) {
	sure := func(id message.Identifier) bool { return !id.Claim() }
	if !slices.ContainsFunc(m.From, sure) {
		return
	}
	if by.Has(access.RoleVouch) {
		say(by, m)
		return
	}
	m.From = slices.Clone(m.From)
	for i := range m.From {
		m.From[i].Level = min(m.From[i].Level, message.Claimed)
	}
}

// ticket takes the number of a task out of a message when the task is not theirs.
func (d *Desk) ticket(ctx context.Context, by access.Actor, m *message.Message) error {
	if m.Ticket == "" || by.Everywhere() == nil {
		return nil
	}
	if _, err := d.find(ctx, by.Principal, m.Ticket); err != nil {
		m.Ticket = ""
	}
	return ctx.Err()
}
