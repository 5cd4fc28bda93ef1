package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"

	"loket/identity"
	"loket/internal/blob"
	"loket/internal/message"
	"loket/router/intake"
	"loket/router/queue"
	"loket/router/thread"
)

// pass goes once through every room: what is on its way in, threads, tasks, and who the customer is. Each room may be
// gone through again. went tells that something went, so that something may be left; waiting that something is on its
// way, which must arrive first.
func (d *Desk) pass(ctx context.Context, o *order) (went, waiting bool, err error) {
	if err := d.gather(ctx, o); err != nil {
		return false, false, err
	}
	went, inside, err := d.intake.Forget(ctx, intake.Forgetting{Theirs: o.theirs, Drop: d.dropFiles})
	if err != nil {
		return went, false, err
	}
	waiting = inside > 0
	d.step("erase-intake")
	if err := d.gather(ctx, o); err != nil { // what arrived by now
		return went, waiting, err
	}
	for _, id := range slices.Sorted(maps.Keys(o.Threads)) {
		gone, err := d.threads.Forget(ctx, id, thread.Forgetting{
			Theirs: o.theirs, Began: func(*thread.Thread) bool { return o.Threads[id] }, Drop: d.dropFiles, Identifiers: o.held(),
		})
		if err != nil {
			return went, waiting, err
		}
		went = went || gone
	}
	gone, err := d.threads.ForgetBefore(ctx, thread.Forgetting{Theirs: o.theirs, Drop: d.dropFiles, Identifiers: o.held()})
	if err != nil {
		return went, waiting, err
	}
	went = went || gone
	d.step("erase-threads")
	for _, id := range slices.Sorted(maps.Keys(o.Tasks)) {
		gone, busy, err := d.forgetTask(ctx, o, id)
		if err != nil {
			return went, waiting, err
		}
		went, waiting = went || gone, waiting || busy
	}
	d.step("erase-queue")
	err = d.registry.Erase(ctx, o.Customer, identity.By{Actor: o.Actor, At: o.At})
	switch {
	case err == nil:
		went = true
	case !errors.Is(err, ErrGone) && !errors.Is(err, ErrStranger):
		return went, waiting, err
	}
	if went {
		if err := d.eraseNewcomers(ctx, o); err != nil {
			return went, waiting, err
		}
	}
	d.step("erase-identity")
	return went, waiting, nil
}

// eraseNewcomers forgets whom the registry took for somebody new because he wrote while he was being forgotten. What he wrote
// is looked for once more, and whoever is left with something when all is done is a stranger.
func (d *Desk) eraseNewcomers(ctx context.Context, o *order) error {
	for text, when := range o.Held {
		x, ok := message.FromNode(text, message.Vouched)
		if !ok || !when.holds(d.now()) {
			continue
		}
		c, _, err := d.registry.Owner(ctx, x)
		if errors.Is(err, ErrStranger) || errors.Is(err, ErrGone) {
			continue
		}
		if err != nil {
			return err
		}
		if c == nil || c.ID == o.Customer || !madeAfter(o.At, append(c.Former, c.ID)...) {
			continue
		}
		err = d.registry.Erase(ctx, c.ID, identity.By{Actor: o.Actor, At: o.At})
		if err != nil && !errors.Is(err, ErrGone) && !errors.Is(err, ErrStranger) {
			return err
		}
	}
	return nil
}

// madeAfter tells whether all of the customers' ids were made after an instant.
func madeAfter(at time.Time, ids ...string) bool {
	return !slices.ContainsFunc(ids, func(id string) bool {
		u, err := ulid.ParseStrict(id)
		return err != nil || !ulid.Time(u.Time()).After(at)
	})
}

// gather finds what is the customer's, and writes it down before any of it goes.
func (d *Desk) gather(ctx context.Context, o *order) error {
	c, err := d.registry.Customer(ctx, o.Customer)
	switch {
	case err == nil: // somebody may have registered one more meanwhile
		o.hold(c)
	case !errors.Is(err, ErrGone) && !errors.Is(err, ErrStranger):
		return err
	}
	for _, m := range []*map[string]bool{&o.Tasks, &o.Threads, &o.Replies, &o.Copies, &o.Identifiers} {
		if *m == nil {
			*m = map[string]bool{}
		}
	}
	before := o.size()
	err = d.everyTask(ctx, o.held(), func(t *queue.Task) error { return d.survey(ctx, o, t) })
	if err != nil {
		return err
	}
	if o.size() == before {
		return nil
	}
	return d.keepOrder(ctx, o)
}

func (o *order) size() int {
	return len(o.Tasks) + len(o.Threads) + len(o.Replies) + len(o.Copies) + len(o.Identifiers) + len(o.Held)
}

// held are the customer's identifiers as they were written down, without level.
func (o *order) held() []message.Identifier { return identifiersOf(o.Held) }

func identifiersOf[T any](written map[string]T) []message.Identifier {
	var all []message.Identifier
	for _, text := range slices.Sorted(maps.Keys(written)) {
		if x, ok := message.FromNode(text, message.Vouched); ok {
			all = append(all, x)
		}
	}
	return all
}

// everyTask calls f with every task in which one of the identifiers stands, the newest first.
func (d *Desk) everyTask(ctx context.Context, who []message.Identifier, f func(*queue.Task) error) error {
	for cursor := ""; ; {
		page, err := d.queue.WrittenBy(ctx, who, mostPage, cursor)
		if err != nil {
			return err
		}
		for _, t := range page.Tasks {
			if err := f(t); err != nil {
				return err
			}
		}
		if cursor = page.Cursor; cursor == "" {
			return nil
		}
	}
}

// survey looks through a task for what is the customer's.
func (d *Desk) survey(ctx context.Context, o *order, t *queue.Task) error {
	if t.Archived != nil { // what is of it in the queue is found there
		back, err := d.bringBack(ctx, t.ID)
		if errors.Is(err, ErrNone) {
			return nil
		}
		if err != nil {
			return err
		}
		t = back
	}
	for _, id := range t.Threads {
		if _, err := d.threads.Restore(ctx, id); err != nil {
			return err
		}
		th, err := d.threads.Find(ctx, id)
		if errors.Is(err, thread.ErrNone) {
			continue
		}
		if err != nil {
			return err
		}
		began, any := o.wrote(th.From, th.Began), false
		if began {
			o.Threads[id] = true
		}
		err = d.threads.Each(ctx, id, func(e thread.Entry) error {
			m := e.Message
			if !o.theirs(m) {
				if m.Direction == message.Out && o.holds(m.Cc, cmp.Or(m.Received, m.Sent)) {
					o.Copies[m.ID] = true
				}
				return nil
			}
			any = true
			if m.Direction == message.Out {
				o.Replies[m.ID] = true
			} else {
				o.Tasks[e.Task] = true
				if t.Holds(e.Task) {
					o.Tasks[t.ID] = true
				}
				for _, x := range m.From {
					o.Identifiers[x.String()] = true
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if any && !began {
			o.Threads[id] = false
		}
	}
	if o.wrote(t.From, instant(t.Created).Time) {
		o.Tasks[t.ID] = true
	}
	for _, id := range t.Sending {
		r, err := d.queue.ReplyByID(ctx, id)
		forwarded := err == nil && r.Message != nil && r.Message.Forward != "" && o.wrote(t.From, instant(t.Created).Time)
		if forwarded || err == nil && r.Message != nil && o.theirs(r.Message) {
			o.Replies[id] = true
		}
	}
	return nil
}

// forgetTask empties a task after its threads were. What is left there is others'.
func (d *Desk) forgetTask(ctx context.Context, o *order, id string) (went, busy bool, err error) {
	t, err := d.queue.Task(ctx, id)
	if errors.Is(err, ErrNone) {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	others, still := false, map[string]bool{}
	for _, th := range t.Threads {
		err := d.threads.Each(ctx, th, func(e thread.Entry) error {
			if !t.Holds(e.Task) || o.theirs(e.Message) {
				return nil
			}
			others = others || e.Message.Direction == message.In
			for _, x := range e.Message.From {
				still[x.String()] = true
			}
			return nil
		})
		if err != nil {
			return false, false, err
		}
	}
	f := queue.Forgetting{
		// A card without a sender was emptied before.
		Whole: !others, Began: len(t.From) == 0 || o.wrote(t.From, instant(t.Created).Time), Replies: slices.Sorted(maps.Keys(o.Replies)),
		Copies: slices.Sorted(maps.Keys(o.Copies)), Copied: o.held(),
	}
	for _, all := range [][]message.Identifier{o.held(), identifiersOf(o.Identifiers), t.From} {
		for _, x := range all {
			if !still[x.String()] {
				f.Identifiers = append(f.Identifiers, x)
			}
		}
	}
	if f.Whole {
		mails, err := d.forgetMails(ctx, t)
		if err != nil {
			return false, false, err
		}
		f.Replies = append(f.Replies, mails...)
	}
	if f.Drafts, err = d.forgetDrafts(ctx, o, t, f.Whole); err != nil {
		return false, false, err
	}
	return d.queue.Forget(ctx, id, f)
}

// forgetMails drops the files of the notes of a task that are mails, and gives their ids.
func (d *Desk) forgetMails(ctx context.Context, t *queue.Task) ([]string, error) {
	notes, _, err := d.notesOf(ctx, t)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, m := range mailsOf(notes) {
		if err := d.dropFiles(ctx, &message.Message{ID: m.ID, Attachments: m.Attachments, RawBlob: m.RawBlob}); err != nil {
			return nil, err
		}
		ids = append(ids, m.ID)
	}
	return ids, nil
}

// forgetDrafts drops the files of drafts that were written to the customer, and gives their ids; with whole of all that a
// task has.
func (d *Desk) forgetDrafts(ctx context.Context, o *order, t *queue.Task, whole bool) ([]string, error) {
	_, drafts, err := d.notesOf(ctx, t)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, kept := range drafts {
		m := &message.Message{ID: kept.ID, Direction: message.Out, Thread: kept.Thread, To: kept.To, Attachments: kept.Attachments}
		if !whole && !o.theirs(m) {
			continue
		}
		if err := d.dropFiles(ctx, m); err != nil {
			return nil, err
		}
		ids = append(ids, kept.ID)
	}
	return ids, nil
}

// dropFiles removes the files of a message.
func (d *Desk) dropFiles(ctx context.Context, m *message.Message) error {
	names := []string{m.RawBlob}
	for _, a := range m.Attachments {
		names = append(names, a.Blob)
	}
	for _, name := range names {
		if name == "" {
			continue
		}
		if err := d.blobs.Delete(ctx, name); err != nil && !errors.Is(err, blob.ErrName) {
			return fmt.Errorf("drop files of message %s: %w", m.ID, err)
		}
	}
	if err := d.blobs.Forget(ctx, m.ID); err != nil && !errors.Is(err, blob.ErrName) {
		return fmt.Errorf("drop files of message %s: %w", m.ID, err)
	}
	return nil
}
