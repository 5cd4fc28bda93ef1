package queue

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"loket/internal/store"
)

// takeOver gives the task what the other has beside its wait. What was promised of either holds.
func (c *change) takeOver(o *Task) {
	t := &c.task
	if o.Last > t.Last {
		t.Threads = joined(t.Threads, o.Threads)
	} else {
		t.Threads = joined(o.Threads, t.Threads)
	}
	t.Failure, t.Language = cmp.Or(t.Failure, o.Failure), cmp.Or(t.Language, o.Language)
	for _, tag := range o.Tags {
		if !slices.Contains(t.Tags, tag) {
			t.Tags = append(slices.Clone(t.Tags), tag)
		}
	}
	t.Last, t.Replies, t.Answerer = max(t.Last, o.Last), t.Replies+o.Replies, cmp.Or(t.Answerer, o.Answerer)
	if o.State != Closed {
		c.takeOverOpen(o)
	}
}

// takeOverOpen adds what only an open task has: how pressing it is, whom it waits for, and until when.
func (c *change) takeOverOpen(o *Task) {
	t := &c.task
	if o.Band < t.Band {
		c.prioritise(o.Priority, o.Band)
	}
	switch {
	case o.Wait == 0:
	case t.Wait == 0: // only machines wrote in this one: what the other was asked is what it is asked
		t.Wait, t.OpenedAt = o.Wait, o.opened()
		if o.Since > 0 {
			t.Wait-- // which goes on
		}
	default:
		t.OpenedAt = min(t.opened(), o.opened())
	}
	if t.State == Waiting && o.State == Waiting {
		t.Until = earlier(t.Until, o.Until)
	}
	if o.ResolveBy > 0 && (t.ResolveBy == 0 || o.ResolveBy < t.ResolveBy) {
		t.ResolveBy, t.ResolveTold = o.ResolveBy, o.ResolveTold
	}
}

// opened is when the first person wrote, or the task was last reopened.
func (t *Task) opened() int64 { return cmp.Or(t.OpenedAt, t.Asked, t.Created) }

// joined are those of the first that the second does not have, then the second.
func joined(first, second []string) []string {
	all := slices.DeleteFunc(slices.Clone(first), func(s string) bool { return slices.Contains(second, s) })
	return append(all, second...)
}

// hear notes what the customer said in the wait of the other task: nobody who looked at this one has seen it.
func (t *Task) hear(o *Task, first string) {
	if o.Created >= o.Since {
		t.said(LaterMessage{ID: first, At: o.Created})
	}
	for _, s := range o.Later {
		if s.At >= o.Since {
			t.said(s)
		}
	}
}

// goOn lets the wait of the other task go on in this one, as one wait with that of this one if both run.
func (c *change) goOn(o *Task) {
	t := &c.task
	held := o.heldSince()
	if t.Since == 0 {
		t.Wait++
		t.Since, t.WaitDue, t.Due, t.WaitTarget, t.WaitTeam = o.Since, o.WaitDue, o.Due, o.WaitTarget, o.WaitTeam
		t.PickedAt, t.Told = o.PickedAt, o.Told
	} else {
		held = min(held, t.heldSince())
		if o.WaitDue < t.WaitDue {
			t.WaitTarget, t.WaitTeam = o.WaitTarget, o.WaitTeam
		}
		t.Since, t.WaitDue, t.Due = min(t.Since, o.Since), min(t.WaitDue, o.WaitDue), min(t.Due, o.Due)
		t.PickedAt = earlier(t.PickedAt, o.PickedAt)
		t.Told = max(t.Told, o.Told)
	}
	if t.heldSince() != held {
		t.TeamSince = held
	}
	if t.State == Waiting {
		c.enqueue()
	}
	if t.State == Queued && o.State == Queued {
		t.QueuedAt = min(t.QueuedAt, o.QueuedAt)
	}
}

// follow makes it an answer of the task that its own goes on in.
func (r *Reply) follow(t *Task) {
	if i := slices.IndexFunc(t.Merged, func(p Part) bool { return p.ID == r.Task }); i >= 0 {
		r.move(t, t.Merged[i])
	}
}

func (r *Reply) move(t *Task, part Part) {
	r.Task = t.ID
	if r.Given == nil {
		return
	}
	given := *r.Given
	given.N += part.Replies
	if given.Of == 0 {
		given.Of = part.Number
	}
	r.Given = &given
}

// moveReplies makes answers that are on their way answers of the task that stays.
func (q *Queue) moveReplies(ctx context.Context, c, o *change, part Part) error {
	ids := o.task.Sending
	if len(ids) == 0 {
		return nil
	}
	cards, err := q.store.Redis().HMGet(ctx, repliesKey, ids...).Result()
	if err != nil {
		return store.Cause(err)
	}
	for i, id := range ids {
		card, _ := cards[i].(string)
		r, err := decodeReply(card)
		if err != nil {
			return fmt.Errorf("answer %s: %w", id, err)
		}
		r.move(&c.task, part)
		c.tx.IfField(repliesKey, id, card)
		c.tx.SetField(repliesKey, id, r.encode())
	}
	c.task.Sending, o.task.Sending = append(c.task.Sending, ids...), nil
	return nil
}

// moveDrafts makes answers that were not taken drafts of the task that stays, more than it may have too: none gets lost.
func (q *Queue) moveDrafts(ctx context.Context, c, o *change) error {
	if o.task.Drafts == 0 {
		return nil
	}
	drafts, _, err := q.drafts(ctx, o.task.ID)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		c.tx.DelField(draftsKey(o.task.ID), d.ID)
		d.Key = "draft\x00" + d.ID // no draft or answer of the other task has it
		c.tx.SetField(draftsKey(c.task.ID), ReplyID(c.task.ID, d.Key), d.encode())
	}
	c.task.Drafts += len(drafts)
	o.task.Drafts = 0
	return nil
}
