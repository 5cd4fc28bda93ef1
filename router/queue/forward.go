package queue

import (
	"context"
	"errors"
	"slices"

	"loket/internal/message"
)

// A task that is forwarded goes to a third party, by a reply that is to others than the customer. A note tells it to
// colleagues, and another one what comes back.

// A NoteMail is what makes a note of one: it tells what was forwarded, or what came back.
type NoteMail struct {
	ID        string               `json:"id"` // of the message, and of its reply
	From      []message.Identifier `json:"from,omitempty"`
	Name      string               `json:"name,omitempty"`
	To        []message.Identifier `json:"to,omitempty"` // of what was forwarded
	Of        []string             `json:"of,omitempty"` // which messages were
	Subject   string               `json:"subject,omitempty"`
	Automatic message.Automatic    `json:"automatic,omitempty"`
	Marks     []string             `json:"marks,omitempty"`
	// Ours: one of us wrote it, here or in another program.
	Ours        bool                 `json:"ours,omitempty"`
	Attachments []message.Attachment `json:"attachments,omitempty"`
	RawBlob     string               `json:"raw_blob,omitempty"`
}

// A Forward is what goes to a third party.
type Forward struct {
	// Key makes a repeat of the same one; "" makes each its own.
	Key     string
	Message *message.Message // Direction Out, with connector, channel, addresses and the whole text; ID is set here
	Text    string           // what the agent wrote, for the note
	Asked   string           // how much was to be forwarded; a repeat has the same
	Of      []string         // the messages that it holds
	Files   int              // how many of its attachments, the last, are the agent's
}

// Forward puts what goes to a third party on its way, and a note about it into the task. It neither needs the task to be held
// nor changes where it stands; a lease that is given must be current. Keys are as with Reply. The task is nil when it could
// not be read.
func (q *Queue) Forward(ctx context.Context, id string, by Actor, f Forward) (*Task, *Reply, error) {
	files := f.Message.Attachments[len(f.Message.Attachments)-f.Files:]
	r := newReply(id, by, Answer{Key: f.Key, Message: f.Message})
	r.ToOthers, r.Digest = true, digest([]any{f.Text, words(f.Message.To), files, f.Asked}) // what is forwarded may be more by now
	if f.Key != "" {
		if have, err := q.repeated(ctx, r); have != nil || err != nil {
			return q.answered(ctx, id, have, err)
		}
	}
	t, err := q.change(ctx, id, r.ID+" "+r.Digest, func(c *change) error {
		c.again = func(ctx context.Context) error {
			if have, err := q.repeated(ctx, r); have != nil || err != nil {
				return errors.Join(errKnown, err)
			}
			return nil
		}
		if c.task.Into.ID != "" {
			return c.task.closed()
		}
		if by.Lease != "" && by.Lease != c.task.Lease {
			return c.task.Taken()
		}
		c.agent = by.Agent
		c.event(ToOthers).Message = r.ID
		c.put(r)
		c.outgoing(r)
		c.append(Note{Agent: by.Agent, Text: f.Text, Mail: &NoteMail{
			ID: r.ID, To: f.Message.To, Of: f.Of, Subject: f.Message.Subject, Ours: true, Attachments: files,
		}})
		return nil
	})
	if errors.Is(err, errKnown) {
		have, known := q.repeated(ctx, r)
		return q.answered(ctx, id, have, known)
	}
	return t, r, wrap(err, "forward task %s", id)
}

// How much of what comes back is kept in a task.
const (
	maxMails     = 100
	maxMailBytes = 64 << 10
)

// ErrNoRoom says that a task has all the mails from third parties that it can have.
var ErrNoRoom = errors.New("has no room for more mails from third parties")

// TakeBack makes a note of m, which answers something that was forwarded: no customer sees it, and nobody waits for an
// answer to it. When a person wrote it, a task that waits comes before its team, and of a closed one lists tell that something
// came. Doing it again changes nothing. ErrNone when the task is not there, or was forgotten; ErrNoRoom when it is full.
func (q *Queue) TakeBack(ctx context.Context, id string, m *message.Message) error {
	_, err := q.changeCurrent(ctx, id, m.ID, func(c *change) error {
		c.again = func(ctx context.Context) error { return q.notDelivered(ctx, m.ID) }
		notes, err := q.Notes(ctx, c.task.ID)
		if err != nil {
			return err
		}
		mails := slices.DeleteFunc(notes, func(n Note) bool { return n.Mail == nil || n.Mail.To != nil })
		switch {
		case slices.ContainsFunc(mails, func(n Note) bool { return n.Mail.ID == m.ID }):
			return errUnchanged
		case len(mails) >= maxMails:
			return ErrNoRoom
		case c.task.forgotten():
			return ErrNone
		}
		c.tx.IfNoMember(deliveredKey, m.ID)
		c.tx.ZAdd(deliveredKey, millis(c.now), m.ID)
		c.append(Note{Agent: m.Agent, Text: message.Head(m.Text, maxMailBytes), Mail: &NoteMail{
			ID: m.ID, From: senders(m.From), Name: m.Name, Subject: m.Subject, Automatic: m.Automatic, Marks: m.Marks,
			Ours: m.Direction == message.Out, Attachments: m.Attachments, RawBlob: m.RawBlob,
		}})
		c.event(Noted).Message = m.ID
		switch {
		case m.Direction == message.Out:
		case m.Automatic == message.ByPerson:
			c.comeForward()
		default:
			c.notAttended()
		}
		return nil
	})
	if errors.Is(err, errUnchanged) || errors.Is(err, errKnown) {
		return nil
	}
	return wrap(err, "take back into task %s", id)
}

// forgotten tells whether the customer of a task was erased.
func (t *Task) forgotten() bool {
	return t.State == Closed && len(t.From) == 0 && t.Subject == "" && t.Name == ""
}
