package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"loket/desk/access"
	"loket/identity"
	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// Show gives the task as viewer sees it, who is shown the lease if it is theirs, with the newest messages. Of the tasks it is linked to
// those stand there that by may see. Beside an error stands what could be read.
func (d *Desk) Show(ctx context.Context, by access.Actor, t *queue.Task, viewer string) (*Task, error) {
	return d.showBefore(ctx, by, t, viewer, thread.Position{})
}

// showBefore is Show with the newest messages before a position.
func (d *Desk) showBefore(ctx context.Context, by access.Actor, t *queue.Task, viewer string, before thread.Position) (*Task, error) {
	v := d.card(t)
	if viewer != "" && t.State == queue.Claimed && t.Agent == viewer {
		v.Lease = t.Lease
	}
	said := func(ctx context.Context, t *queue.Task, v *Task) error { return d.messages(ctx, t, v, before) }
	for _, part := range []func(context.Context, *queue.Task, *Task) error{d.customer, d.links(by), said, d.others, d.notes, d.history, d.earlier(by)} {
		if err := part(ctx, t, v); err != nil {
			return v, fmt.Errorf("show task %s: %w", t.ID, err)
		}
	}
	return v, nil
}

// Outline gives a task with who it is from, its links and its notes, without what was said in it.
func (d *Desk) Outline(ctx context.Context, by access.Actor, t *queue.Task) (*Task, error) {
	v := d.card(t)
	for _, part := range []func(context.Context, *queue.Task, *Task) error{d.customer, d.links(by), d.notes} {
		if err := part(ctx, t, v); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// showWithin bounds the reading of a task that was changed already.
const showWithin = 5 * time.Second

// shown is Show for a task that was changed just now. It never fails, whatever became of who asked: whoever hears that a
// change failed makes it again. What could not be read is absent then, and Partial says so.
func (d *Desk) shown(ctx context.Context, by access.Actor, t *queue.Task, viewer string) *Task {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), showWithin)
	defer cancel()
	v, err := d.Show(ctx, by, t, viewer)
	if err != nil {
		v.Partial = true
		d.log.Warn("task changed, but not read whole afterwards", zap.String("task", t.ID), zap.Error(err))
	}
	return v
}

// Summaries gives tasks as they stand in lists: without what was said.
func (d *Desk) Summaries(ctx context.Context, tasks []*queue.Task) ([]*Task, error) {
	list := make([]*Task, len(tasks))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(32) // look-ups that are under way together travel together
	for i, t := range tasks {
		list[i] = d.card(t)
		group.Go(func() error { return d.customer(ctx, t, list[i]) })
	}
	return list, group.Wait()
}

// card is what the queue itself knows of a task.
func (d *Desk) card(t *queue.Task) *Task { return &Task{Card: t, Zone: d.zone(t.Team).String()} }

// customer derives who wrote. It is not kept with the task, so that merging and its undoing rewrite nothing.
func (d *Desk) customer(ctx context.Context, t *queue.Task, v *Task) error {
	who, err := d.registry.Resolve(ctx, identity.Subject{IDs: t.From, Name: t.Name, At: instant(t.Created), Look: true})
	if err == nil {
		v.Customer = &who
	}
	return err
}

// links are the tasks that have to do with this one, as far as by may see them.
func (d *Desk) links(by access.Actor) func(context.Context, *queue.Task, *Task) error {
	return func(ctx context.Context, t *queue.Task, v *Task) error {
		others, err := d.queue.Tasks(ctx, t.Links...)
		v.Links = append([]*queue.Task{}, visible(by.Principal, others)...)
		return err
	}
}

// deliveries tells how far our answers came, and adds those that no thread has yet.
func (d *Desk) deliveries(ctx context.Context, t *queue.Task, v *Task, ours []string) error {
	replies, err := d.queue.ReplyStates(ctx, ours...)
	if err != nil {
		return err
	}
	if t.Archived != nil {
		for _, id := range ours {
			if r := t.Archived.Replies[id]; r != nil {
				replies[id] = r
			}
		}
	}
	for i := range v.Messages {
		m := &v.Messages[i]
		m.Delivery = replies[m.ID]
		delete(replies, m.ID)
	}
	for _, r := range replies {
		if r.Message != nil && r.Message.Forward == "" { // what is forwarded stands among the notes
			v.Messages = append(v.Messages, Message{Message: r.Message, Task: t.ID, Delivery: r})
		}
	}
	return nil
}

// others are those who get a copy of the next answer when its author wants everybody to.
func (d *Desk) others(ctx context.Context, t *queue.Task, v *Task) error {
	for _, id := range slices.Backward(t.Threads) {
		entries, _, err := d.threads.Newest(ctx, id, maxEarlier, maxEarlierBytes)
		if err != nil {
			return err
		}
		if len(entries) == 0 || entries[0].Message.Connector != HandConnector { // as an answer goes
			v.Others = d.othersIn(t, entries)
			break
		}
	}
	return nil
}

func (d *Desk) othersIn(t *queue.Task, entries []thread.Entry) []message.Identifier {
	if len(entries) == 0 || !d.copies(entries[0].Message.Connector) {
		return nil
	}
	return slices.DeleteFunc(listen(entries, t.From).others(), d.ours)
}

func (d *Desk) notes(ctx context.Context, t *queue.Task, v *Task) error {
	v.Notes, v.Drafts = []Note{}, []Draft{}
	notes, drafts, err := d.NotesOf(ctx, t)
	if err != nil {
		return err
	}
	replies, err := d.forwards(ctx, t, notes)
	if err != nil {
		return err
	}
	for _, n := range notes {
		one := Note{Note: n, Task: t.ID}
		if n.Mail != nil {
			one.Delivery = replies[n.Mail.ID]
		}
		v.Notes = append(v.Notes, one)
	}
	slices.SortStableFunc(v.Notes, func(a, b Note) int { return a.At.Compare(b.At) })
	for _, k := range drafts {
		v.Drafts = append(v.Drafts, Draft{k, t.ID})
	}
	return nil
}

// forwards are the replies by which something was forwarded, by id.
func (d *Desk) forwards(ctx context.Context, t *queue.Task, notes []queue.Note) (map[string]*queue.Reply, error) {
	var sent []string
	for _, m := range MailsOf(notes) {
		if len(m.To) > 0 {
			sent = append(sent, m.ID)
		}
	}
	if t.Archived != nil {
		return t.Archived.Replies, nil
	}
	return d.queue.ReplyStates(ctx, sent...)
}

// NotesOf are the notes of a task and of those that go on in it, and its drafts.
func (d *Desk) NotesOf(ctx context.Context, t *queue.Task) (notes []queue.Note, drafts []queue.Draft, err error) {
	ids := make([]string, len(t.Merged))
	for i, p := range t.Merged {
		ids[i] = p.ID
	}
	others, err := d.queue.Tasks(ctx, ids...)
	if err != nil {
		return nil, nil, err
	}
	for _, o := range others {
		more, err := d.ownNotes(ctx, o)
		if err != nil {
			return nil, nil, err
		}
		notes = append(notes, more...)
	}
	own, err := d.ownNotes(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	notes = append(notes, own...)
	if t.Archived != nil {
		return notes, t.Archived.Drafts, nil
	}
	drafts, err = d.queue.Drafts(ctx, t.ID)
	return notes, drafts, err
}

func (d *Desk) ownNotes(ctx context.Context, t *queue.Task) ([]queue.Note, error) {
	if t.Archived != nil {
		return t.Archived.Notes, nil
	}
	return d.queue.Notes(ctx, t.ID)
}

// instant is one of the queue, zero for one that has not come.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Message gives one message of a task, whole.
func (d *Desk) Message(ctx context.Context, by access.Actor, ref, id string) (*Message, error) {
	t, err := d.find(ctx, by.Principal, ref)
	if err != nil {
		return nil, err
	}
	e, err := d.messageOf(ctx, t, id)
	switch {
	case errors.Is(err, thread.ErrNone), err == nil && !t.Holds(e.Task):
		return nil, fmt.Errorf("message: %w", ErrNotFound)
	case err != nil:
		return nil, err
	}
	return &Message{Message: e.Message, Task: t.ID}, nil
}
