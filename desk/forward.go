package desk

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"loket/desk/access"
	"loket/internal/field"
	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// A Forward is what a person passes on of a task to somebody outside of loket, by mail.
type Forward struct {
	To          []string // mail addresses
	Text        string   // what is asked of them
	Attachments []FileToTake
	Whole       bool   // all that was said, not only what the customer said last
	NoFiles     bool   // without the files of what is forwarded
	Key         string // makes a repeat of the same one
}

// Forwarded says what became of it.
type Forwarded struct {
	Reply     *queue.Reply // by which it goes, whose id is the message's
	To        []message.Identifier
	Of        []string // the messages that it holds, oldest first
	Files     int
	LeftOut   []string // files that found no room
	Connector string
	Task      *Task // nil when it could not be read
}

// How much is forwarded.
const (
	maxForwarded     = 20       // messages
	maxForwardedText = 64 << 10 // bytes of each
	maxForwardedFile = 20
	maxForwardedSize = 10 << 20 // of all files together
)

// Forward sends what the customer said last, or all that was said, to third parties. What they answer comes back as a note.
// It changes nothing for the customer, and may be done whoever holds the task.
func (d *Desk) Forward(ctx context.Context, by access.Actor, ref string, f Forward) (*Forwarded, error) {
	agent, err := d.access().Agent(by.Principal, by.Agent)
	if err != nil {
		return nil, err
	}
	files, to, err := d.readForward(&f)
	if err != nil {
		return nil, err
	}
	t, err := d.find(ctx, by.Principal, ref)
	if err != nil {
		return nil, err
	}
	m, p, err := d.forwarding(ctx, t, to, f)
	if err != nil {
		return nil, err
	}
	key := agent + "\x00forward\x00" + cmp.Or(f.Key, rand.Text())
	if err := d.attach(ctx, m, upload{t.ID, key, files}, "cannot be forwarded"); err != nil {
		return nil, err
	}
	who := queue.Actor{Agent: agent, Lease: by.Lease}
	t, r, err := d.queue.Forward(ctx, t.ID, who, queue.Forward{
		Key: key, Message: m, Text: message.CleanText(f.Text), Of: p.of, Files: len(files),
		Asked: fmt.Sprintf("whole %v, no files %v", f.Whole, f.NoFiles),
	})
	if err != nil {
		return nil, err
	}
	done := &Forwarded{
		Reply: r, To: to, Of: p.of, Files: len(m.Attachments), LeftOut: p.leftOut, Connector: m.Connector,
	}
	if t != nil {
		done.Task = d.shown(ctx, by, t, agent)
	}
	return done, nil
}

// forwarding makes the message to third parties, without the agent's own files, and tells what goes with it.
func (d *Desk) forwarding(ctx context.Context, t *queue.Task, to []message.Identifier, f Forward) (*message.Message, parcel, error) {
	connector, channel, ok := d.reach(to[0], t.Connector)
	if !ok {
		return nil, parcel{}, field.Errorf("to", "must be left: no connector here can send mail to them")
	}
	said, err := d.toForward(ctx, t, f.Whole)
	if err != nil {
		return nil, parcel{}, err
	}
	if len(said) == 0 {
		return nil, parcel{}, field.Errorf("", "there is nothing to forward: nobody said anything in %s", queue.FormatNumber(t.Number))
	}
	p := packed(said, f.NoFiles)
	return &message.Message{
		Direction: message.Out, Connector: connector, Channel: channel, From: sentTo(said, connector), To: to, ToOthers: true, Forward: t.ID,
		Subject: "Fwd: " + strings.TrimPrefix(cmp.Or(t.Subject, queue.FormatNumber(t.Number)), "Fwd: "), Language: t.Language,
		Text: message.CleanText(f.Text) + "\n" + p.text(said, d.zone(t.Team)), Attachments: p.files,
	}, p, nil
}

func (d *Desk) readForward(f *Forward) ([]FileToTake, []message.Identifier, error) {
	files, err := CheckFiles(f.Attachments)
	whom := Whom{To: f.To}
	asked, bad := whom.read()
	errs := []error{err, bad, keyMistake(f.Key), textMistake("text", f.Text)}
	if len(f.To) == 0 {
		errs = append(errs, field.Errorf("to", "must name whom it goes to"))
	}
	for i, id := range asked.to {
		if d.ours(id) {
			errs = append(errs, field.Errorf(field.At("to", i), "must be somebody else's: what goes to this address comes back to us"))
		}
	}
	for i, file := range files {
		if !file.Given {
			errs = append(errs, field.Errorf(field.At("attachments", i)+".data", "must be given, in base64"))
		}
	}
	return files, asked.to, errors.Join(errs...)
}

// toForward are the messages of a task that are forwarded: what a person last wrote to us, or the newest of all that was said
// between the customer and us, oldest first.
func (d *Desk) toForward(ctx context.Context, t *queue.Task, whole bool) ([]*message.Message, error) {
	var said []*message.Message
	newest, err := d.stretch(ctx, t, thread.Position{}, lookedThrough)
	if err != nil {
		return nil, err
	}
	for _, m := range newest.said {
		if m.Kind == message.Said && !m.ToOthers {
			said = append(said, m.Message)
		}
	}
	slices.SortStableFunc(said, func(a, b *message.Message) int { return a.Received.Compare(b.Received) })
	if whole {
		return said[max(0, len(said)-maxForwarded):], nil
	}
	for _, wanted := range []func(*message.Message) bool{
		func(m *message.Message) bool { return m.Direction == message.In && m.Awaits() },
		func(m *message.Message) bool { return m.Direction == message.In },
		func(*message.Message) bool { return true },
	} {
		for i, m := range slices.Backward(said) {
			if wanted(m) {
				return said[i : i+1], nil
			}
		}
	}
	return nil, nil
}

// sentTo is which of our addresses was written to, for the answer to come from there.
func sentTo(said []*message.Message, connector string) []message.Identifier {
	for _, m := range slices.Backward(said) {
		if m.Direction == message.In && m.Connector == connector {
			return m.To
		}
	}
	return nil
}

func ids(said []*message.Message) []string {
	list := make([]string, len(said))
	for i, m := range said {
		list[i] = m.ID
	}
	return list
}

// A parcel is what goes along with what is forwarded.
type parcel struct {
	of      []string // the messages
	files   []message.Attachment
	leftOut []string
}

// packed takes the files of the newest messages first, as many as have room.
func packed(said []*message.Message, noFiles bool) parcel {
	p := parcel{of: ids(said)}
	size := int64(0)
	for _, m := range slices.Backward(said) {
		for _, a := range m.Attachments {
			if noFiles || len(p.files) == maxForwardedFile || size+a.Size > maxForwardedSize {
				p.leftOut = append(p.leftOut, a.Name)
				continue
			}
			size += a.Size
			p.files = append(p.files, a)
		}
	}
	if noFiles {
		p.leftOut = nil
	}
	return p
}

// text is what is forwarded, under what the agent wrote. It names who wrote as they call themselves, and no address: that is
// the agent's to tell.
func (p parcel) text(said []*message.Message, zone *time.Location) string {
	var b strings.Builder
	for _, m := range said {
		from := cmp.Or(message.CleanLine(m.Name), "the customer")
		if m.Direction == message.Out {
			from = "us"
		}
		when := cmp.Or(m.Sent, m.Received).In(zone)
		fmt.Fprintf(&b, "\n---------- Forwarded message ----------\nFrom: %s\nDate: %s (%s)\n", from, when.Format("2 January 2006 15:04"), zone)
		if m.Subject != "" {
			fmt.Fprintf(&b, "Subject: %s\n", message.CleanLine(m.Subject))
		}
		b.WriteString("\n" + message.Head(m.Text, maxForwardedText) + "\n")
	}
	for _, name := range p.leftOut {
		fmt.Fprintf(&b, "\n[left out: %s]\n", message.CleanLine(name))
	}
	return b.String()
}

// MailsOf are the mails among notes.
func MailsOf(notes []queue.Note) (mails []*queue.NoteMail) {
	for _, n := range notes {
		if n.Mail != nil {
			mails = append(mails, n.Mail)
		}
	}
	return mails
}
