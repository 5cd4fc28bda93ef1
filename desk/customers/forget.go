package customers

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"

	"loket/desk"
	"loket/identity"
	"loket/internal/message"
	"loket/router/intake"
	"loket/router/queue"
	"loket/router/thread"
)

// pass goes once through every room: what is on its way in, threads, tasks, and who the customer is. Each room may be
// gone through again. went tells that something went, so that something may be left; waiting that something is on its
// way, which must arrive first.
func (s *Service) pass(ctx context.Context, o *order) (went, waiting bool, err error) {
	if err := s.gather(ctx, o); err != nil {
		return false, false, err
	}
	went, inside, err := s.intake.Forget(ctx, intake.Forgetting{Theirs: o.theirs, Drop: s.desk.DropFiles})
	if err != nil {
		return went, false, err
	}
	waiting = inside > 0
	s.step("erase-intake")
	if err := s.gather(ctx, o); err != nil { // what arrived by now
		return went, waiting, err
	}
	gone, err := s.forgetThreads(ctx, o)
	if went = went || gone; err != nil {
		return went, waiting, err
	}
	s.step("erase-threads")
	gone, busy, err := s.forgetTasks(ctx, o)
	if went, waiting = went || gone, waiting || busy; err != nil {
		return went, waiting, err
	}
	s.step("erase-queue")
	if went, err = s.forgetWho(ctx, o, went); err != nil {
		return went, waiting, err
	}
	s.step("erase-identity")
	return went, waiting, nil
}

// forgetThreads is the pass through what was said.
func (s *Service) forgetThreads(ctx context.Context, o *order) (went bool, err error) {
	for _, id := range slices.Sorted(maps.Keys(o.Threads)) {
		gone, err := s.threads.Forget(ctx, id, thread.Forgetting{
			Theirs: o.theirs, Began: func(*thread.Thread) bool { return o.Threads[id] }, Drop: s.desk.DropFiles, Identifiers: o.held(),
		})
		if err == nil {
			err = s.unnotice(ctx, id)
		}
		if err != nil {
			return went, err
		}
		went = went || gone
	}
	gone, err := s.threads.ForgetBefore(ctx, thread.Forgetting{Theirs: o.theirs, Drop: s.desk.DropFiles, Identifiers: o.held()})
	return went || gone, err
}

// forgetTasks is the pass through the queue; busy that an answer is being sent this moment.
func (s *Service) forgetTasks(ctx context.Context, o *order) (went, busy bool, err error) {
	went, busy, err = s.desk.ForgetHeld(ctx, o.theirs)
	if err != nil {
		return went, busy, err
	}
	for _, id := range slices.Sorted(maps.Keys(o.Tasks)) {
		gone, held, err := s.forgetTask(ctx, o, id)
		if err != nil {
			return went, busy, err
		}
		written, err := s.desk.ForgetUnfinished(ctx, id)
		if err != nil {
			return went, busy, err
		}
		went, busy = went || gone || written, busy || held
	}
	return went, busy, nil
}

// forgetWho is the pass through the registry, and gives whether anything went in the rooms so far: then somebody may have
// become a customer meanwhile.
func (s *Service) forgetWho(ctx context.Context, o *order, went bool) (bool, error) {
	err := s.registry.Erase(ctx, o.Customer, identity.Actor{Name: o.Actor, At: o.At})
	switch {
	case err == nil:
		went = true
	case !errors.Is(err, identity.ErrGone) && !errors.Is(err, identity.ErrNone):
		return went, err
	}
	if went {
		return true, s.eraseNewcomers(ctx, o)
	}
	return false, nil
}

// eraseNewcomers forgets whom the registry took for somebody new because they wrote while they were being forgotten. What they wrote
// is looked for once more, and whoever is left with something when all is done is a stranger.
func (s *Service) eraseNewcomers(ctx context.Context, o *order) error {
	for text, when := range o.Held {
		x, ok := message.FromNode(text, message.Vouched)
		if !ok || !when.holds(s.now()) {
			continue
		}
		c, _, err := s.registry.Owner(ctx, x)
		if errors.Is(err, identity.ErrNone) || errors.Is(err, identity.ErrGone) {
			continue
		}
		if err != nil {
			return err
		}
		if c == nil || c.ID == o.Customer || !madeAfter(o.At, append(c.Former, c.ID)...) {
			continue
		}
		err = s.registry.Erase(ctx, c.ID, identity.Actor{Name: o.Actor, At: o.At})
		if err != nil && !errors.Is(err, identity.ErrGone) && !errors.Is(err, identity.ErrNone) {
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
func (s *Service) gather(ctx context.Context, o *order) error {
	c, err := s.registry.Customer(ctx, o.Customer)
	switch {
	case err == nil: // somebody may have registered one more meanwhile
		o.hold(c)
	case !errors.Is(err, identity.ErrGone) && !errors.Is(err, identity.ErrNone):
		return err
	}
	for _, m := range []*map[string]bool{&o.Tasks, &o.Threads, &o.Replies, &o.Copies, &o.Identifiers} {
		if *m == nil {
			*m = map[string]bool{}
		}
	}
	before := o.size()
	err = s.everyTask(ctx, o.held(), func(t *queue.Task) error { return s.survey(ctx, o, t) })
	if err != nil {
		return err
	}
	if o.size() == before {
		return nil
	}
	return s.keepOrder(ctx, o)
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
func (s *Service) everyTask(ctx context.Context, who []message.Identifier, f func(*queue.Task) error) error {
	for cursor := ""; ; {
		page, err := s.queue.WrittenBy(ctx, who, desk.MaxPage, cursor)
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
func (s *Service) survey(ctx context.Context, o *order, t *queue.Task) error {
	if t.Archived != nil { // what is of it in the queue is found there
		back, err := s.desk.BringBack(ctx, t.ID)
		if errors.Is(err, desk.ErrNone) {
			return nil
		}
		if err != nil {
			return err
		}
		t = back
	}
	for _, id := range t.Threads {
		if err := s.surveyThread(ctx, o, t, id); err != nil {
			return err
		}
	}
	wrote := o.wrote(t.From, created(t))
	if wrote {
		o.Tasks[t.ID] = true
	}
	for _, id := range t.Sending {
		r, err := s.queue.ReplyByID(ctx, id)
		if err == nil && r.Message != nil && (wrote && r.Message.Forward != "" || o.theirs(r.Message)) {
			o.Replies[id] = true
		}
	}
	return nil
}

// surveyThread looks through a thread of a task.
func (s *Service) surveyThread(ctx context.Context, o *order, t *queue.Task, id string) error {
	if _, err := s.threads.Restore(ctx, id); err != nil {
		return err
	}
	th, err := s.threads.Find(ctx, id)
	if errors.Is(err, thread.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	began, found := o.wrote(th.From, th.Began), false
	if began {
		o.Threads[id] = true
	}
	err = s.threads.Each(ctx, id, func(e thread.Entry) error {
		found = o.note(t, e) || found
		return nil
	})
	if err == nil && found && !began {
		o.Threads[id] = false
	}
	return err
}

// note writes down what a message of a task is to the customer, and tells whether it is theirs.
func (o *order) note(t *queue.Task, e thread.Entry) bool {
	m := e.Message
	switch out := m.Direction == message.Out; {
	case !o.theirs(m):
		if out && o.holds(m.Cc, cmp.Or(m.Received, m.Sent)) {
			o.Copies[m.ID] = true
		}
		return false
	case out:
		o.Replies[m.ID] = true
		return true
	}
	o.Tasks[e.Task] = true
	if t.Holds(e.Task) {
		o.Tasks[t.ID] = true
	}
	for _, x := range m.From {
		o.Identifiers[x.String()] = true
	}
	return true
}

// forgetTask empties a task after its threads were. What is left there is others'.
func (s *Service) forgetTask(ctx context.Context, o *order, id string) (went, busy bool, err error) {
	t, err := s.queue.Task(ctx, id)
	if errors.Is(err, desk.ErrNone) {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	others, still, err := s.others(ctx, o, t)
	if err != nil {
		return false, false, err
	}
	f := queue.Forgetting{
		// A card without a sender was emptied before.
		Whole: !others, Began: len(t.From) == 0 || o.wrote(t.From, created(t)), Replies: slices.Sorted(maps.Keys(o.Replies)),
		Copies: slices.Sorted(maps.Keys(o.Copies)), Copied: o.held(),
	}
	for _, x := range slices.Concat(o.held(), identifiersOf(o.Identifiers), t.From) {
		if !still[x.String()] {
			f.Identifiers = append(f.Identifiers, x)
		}
	}
	if f.Whole {
		mails, err := s.forgetMails(ctx, t)
		if err != nil {
			return false, false, err
		}
		f.Replies = append(f.Replies, mails...)
	}
	if f.Drafts, err = s.forgetDrafts(ctx, o, t, f.Whole); err != nil {
		return false, false, err
	}
	return s.queue.Forget(ctx, id, f)
}

// others tells whether others than the customer wrote in a task, and by which identifiers it is found still.
func (s *Service) others(ctx context.Context, o *order, t *queue.Task) (wrote bool, still map[string]bool, err error) {
	still = map[string]bool{}
	for _, th := range t.Threads {
		err := s.threads.Each(ctx, th, func(e thread.Entry) error {
			if !t.Holds(e.Task) || o.theirs(e.Message) {
				return nil
			}
			wrote = wrote || e.Message.Direction == message.In
			for _, x := range e.Message.From {
				still[x.String()] = true
			}
			return nil
		})
		if err != nil {
			return false, nil, err
		}
	}
	return wrote, still, nil
}

// forgetMails drops the files of the notes of a task that are mails, and gives their ids.
func (s *Service) forgetMails(ctx context.Context, t *queue.Task) ([]string, error) {
	notes, _, err := s.desk.NotesOf(ctx, t)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, m := range desk.MailsOf(notes) {
		if err := s.desk.DropFiles(ctx, &message.Message{ID: m.ID, Attachments: m.Attachments, RawBlob: m.RawBlob}); err != nil {
			return nil, err
		}
		ids = append(ids, m.ID)
	}
	return ids, nil
}

// forgetDrafts drops the files of drafts that were written to the customer, and gives their ids; with whole of all that a
// task has.
func (s *Service) forgetDrafts(ctx context.Context, o *order, t *queue.Task, whole bool) ([]string, error) {
	_, drafts, err := s.desk.NotesOf(ctx, t)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, kept := range drafts {
		m := &message.Message{ID: kept.ID, Direction: message.Out, Thread: kept.Thread, To: kept.To, Attachments: kept.Attachments}
		if !whole && !o.theirs(m) {
			continue
		}
		if err := s.desk.DropFiles(ctx, m); err != nil {
			return nil, err
		}
		ids = append(ids, kept.ID)
	}
	return ids, nil
}
