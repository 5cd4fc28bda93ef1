package customers

import (
	"context"
	"errors"
	"io"
	"slices"

	"go.uber.org/zap"

	"loket/desk"
	"loket/desk/access"
	"loket/identity"
	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// An Export is everything there is about a customer, part by part: what the registry knows, and the tasks that are surely
// theirs with what was said in them, however many. What others said who claimed to be them is theirs, and left out. One task
// or message is in memory at a time.
type Export struct {
	Known    *identity.Archive // what the registry knows
	service  *Service
	by       access.Actor
	customer *identity.Customer
	files    []exportedFile
	written  map[string]bool // messages
}

// Export begins one. It needs the role manager, of every team that has such a task.
func (s *Service) Export(ctx context.Context, by access.Actor, ref string) (*Export, error) {
	if err := by.Require(access.RoleManager); err != nil {
		return nil, err
	}
	c, err := s.registered(ctx, ref)
	if err != nil {
		return nil, err
	}
	if err := s.allVisible(ctx, by, c.Identifiers(), func(t *queue.Task) bool { return theirs(c, t) || c.OfAnother(t.From, created(t)) }); err != nil {
		return nil, err
	}
	known, err := s.registry.Archive(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	s.log.Info("customer exported", zap.String("customer", c.ID), zap.String("token", by.Name), zap.String("agent", by.Agent))
	return &Export{service: s, by: by, customer: c, Known: known, written: map[string]bool{}}, nil
}

// exportedFile is a file of a message, with the id by which the message names it.
type exportedFile struct {
	id string
	message.Attachment
}

// each calls f with every task that is surely the customer's, the newest first.
func (e *Export) each(ctx context.Context, f func(*queue.Task) error) error {
	return e.service.everyTask(ctx, e.customer.Identifiers(), func(t *queue.Task) error {
		if !theirs(e.customer, t) && !e.customer.OfAnother(t.From, created(t)) {
			return nil
		}
		if err := e.by.Sees(t.Team); err != nil { // it came since we looked: a part must not pass for the whole
			return err
		}
		return f(t)
	})
}

// Outlines gives the tasks without what was said in them, the newest first. An error of f ends it.
func (e *Export) Outlines(ctx context.Context, f func(*desk.Task) error) error {
	return e.each(ctx, func(t *queue.Task) error {
		if !theirs(e.customer, t) {
			return nil
		}
		v, err := e.service.desk.Outline(ctx, e.by, t)
		if err != nil {
			return err
		}
		if err := e.addUnfinished(ctx, t, v); err != nil {
			return err
		}
		return f(v)
	})
}

// Messages gives each message once, with the number of its task. An error of f ends it.
func (e *Export) Messages(ctx context.Context, f func(task int64, m desk.Message) error) error {
	return e.each(ctx, func(t *queue.Task) error {
		numbers, err := e.numbers(ctx, t)
		if err != nil {
			return err
		}
		for _, id := range t.Threads {
			err := e.service.threads.Each(ctx, id, func(in thread.Entry) error {
				number, ok := numbers[in.Task]
				if !ok || e.written[in.Message.ID] || !e.hasPart(t, in.Message) {
					return nil
				}
				e.written[in.Message.ID] = true
				for _, a := range in.Message.Attachments {
					e.files = append(e.files, exportedFile{desk.FileID(in.Task, a.Blob), a})
				}
				return f(number, desk.Message{Message: in.Message, Task: in.Task})
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// numbers are those of the tasks in which what is said in the threads of a task is about its matter: its own, that of the one
// it goes on in, and of those that go on in it.
func (e *Export) numbers(ctx context.Context, t *queue.Task) (map[string]int64, error) {
	numbers := map[string]int64{t.ID: t.Number}
	for _, p := range t.Merged {
		numbers[p.ID] = p.Number
	}
	if t.Into.ID == "" {
		return numbers, nil
	}
	stays, err := e.service.queue.Current(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	numbers[stays.ID] = stays.Number
	return numbers, nil
}

// hasPart tells whether a message of a task is the customer's to have: of a task of theirs, all but what was said by or to
// whoever had their address before or since; of a task that one of those began, what the customer said, and was told.
func (e *Export) hasPart(t *queue.Task, m *message.Message) bool {
	who := m.From
	if m.Direction == message.Out {
		who = m.To
	}
	if theirs(e.customer, t) {
		return !e.customer.OfAnother(who, m.Received)
	}
	return slices.ContainsFunc(who, func(x message.Identifier) bool {
		if m.Direction == message.Out {
			x.Level = max(x.Level, message.Attested) // it was told whoever has the address
		}
		return e.customer.Wrote([]message.Identifier{x}, m.Received)
	})
}

// Files gives the attachments of the messages that were given before, under the id by which a message names it and its own
// name. What is not kept any more is left out. f must not keep what it reads from.
func (e *Export) Files(ctx context.Context, f func(name string, from io.Reader) error) error {
	for _, a := range e.files {
		r, err := e.service.desk.File(ctx, a.Blob)
		if errors.Is(err, desk.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		err = f(a.id+"-"+message.CleanFileName(a.Name), r)
		if err := errors.Join(err, r.Close()); err != nil {
			return err
		}
	}
	return nil
}

// Tasks gives the tasks with all that was said in them, and no files. An error of f ends it.
func (e *Export) Tasks(ctx context.Context, f func(*desk.Task) error) error {
	return e.each(ctx, func(t *queue.Task) error {
		v, err := e.service.desk.Show(ctx, e.by, t, "")
		if err != nil {
			return err
		}
		if err := e.service.desk.AddOlder(ctx, v); err != nil {
			return err
		}
		if err := e.addUnfinished(ctx, t, v); err != nil {
			return err
		}
		if err := e.keepPart(ctx, t, v); err != nil || len(v.Messages) == 0 && !theirs(e.customer, t) {
			return err
		}
		return f(v)
	})
}

// addUnfinished adds to the drafts and notes of a task what our people are writing, and the answers that are to go out in a moment, with
// their files.
func (e *Export) addUnfinished(ctx context.Context, t *queue.Task, v *desk.Task) error {
	all, err := e.service.desk.UnfinishedByAll(ctx, t.ID)
	if err != nil {
		return err
	}
	for _, w := range all {
		if w.Text != "" || len(w.Files) > 0 {
			e.addDraft(v, queue.Draft{Agent: w.Agent, At: w.At, Text: w.Text, Via: w.Via, Reason: "it is not finished", Attachments: w.Files})
		}
		if w.Note != "" {
			v.Notes = append(v.Notes, desk.Note{Note: queue.Note{Agent: w.Agent, At: w.At, Text: w.Note}, Task: t.ID})
		}
	}
	held, err := e.service.desk.HeldIn(ctx, e.by, t.ID)
	if err != nil {
		return err
	}
	for _, h := range held {
		m := *h.Message
		if m.Received = m.Sent; !e.hasPart(t, &m) {
			continue
		}
		e.addDraft(v, queue.Draft{
			ID: h.ID, Agent: h.Agent, At: m.Sent, Text: m.Text, HTML: m.HTML, Via: h.Via, Thread: m.Thread, To: m.To, Cc: m.Cc,
			Reason: "it goes out in a moment", Attachments: m.Attachments,
		})
	}
	return nil
}

// addDraft adds an answer that was not sent to a task, and its files to those of the export.
func (e *Export) addDraft(v *desk.Task, k queue.Draft) {
	v.Drafts = append(v.Drafts, desk.Draft{Draft: k, Task: v.Card.ID})
	for _, a := range k.Attachments {
		e.files = append(e.files, exportedFile{desk.FileID(v.Card.ID, a.Blob), a})
	}
}

// keepPart leaves of a task as it is shown what the customer has part in, with what they were told in the one it goes on in.
func (e *Export) keepPart(ctx context.Context, t *queue.Task, v *desk.Task) error {
	parts := map[string]bool{}
	numbers, err := e.numbers(ctx, t)
	if err != nil {
		return err
	}
	for _, id := range t.Threads {
		err := e.service.threads.Each(ctx, id, func(in thread.Entry) error {
			parts[in.Message.ID] = e.hasPart(t, in.Message)
			if _, ok := numbers[in.Task]; ok && !t.Holds(in.Task) {
				v.Messages = append(v.Messages, desk.Message{Message: in.Message, Task: in.Task})
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	v.Messages = slices.DeleteFunc(v.Messages, func(m desk.Message) bool {
		part, known := parts[m.ID]
		return known && !part || !known && !theirs(e.customer, t)
	})
	if !theirs(e.customer, t) { // the rest is whose task it is
		card := *t
		card.From, card.Subject, card.Name, card.HistoryLost = nil, "", "", 0
		*v = desk.Task{
			Card: &card, Zone: v.Zone, Customer: &identity.Result{}, Links: []*queue.Task{}, Messages: v.Messages,
			Notes: []desk.Note{}, Drafts: []desk.Draft{}, History: []desk.TaskStep{},
		}
	}
	return nil
}
