package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Two tasks about one matter become one: one of them stays, the other is closed and goes on in it. What says so is on the
// two cards and changes in one step. Threads go on belonging to the task that they did, and whatever befalls that task
// befalls the one it went on in.

// OutcomeMerged is that of a task that goes on in another.
const OutcomeMerged = "merged"

// A Part names one of two merged tasks in the other.
type Part struct {
	ID      string `json:"id"`
	Number  int64  `json:"number"`
	Replies int    `json:"replies,omitempty"` // how many answers the task that stays had before those of the other
}

// Holds tells whether what was said in a task belongs to this one: it is this one, or goes on in it.
func (t *Task) Holds(task string) bool {
	return task == t.ID || slices.ContainsFunc(t.Merged, func(p Part) bool { return p.ID == task })
}

// Current gives the task with this id, or the one it goes on in.
func (q *Queue) Current(ctx context.Context, id string) (*Task, error) {
	for range changeTries {
		t, err := q.Task(ctx, id)
		if err != nil || t.Into.ID == "" {
			return t, err
		}
		id = t.Into.ID
	}
	return nil, fmt.Errorf("task %s: %w", id, ErrBusy)
}

// A Merging says which task goes on in which.
type Merging struct {
	Stays, Goes string
	First       string // the id of the message that began the one that goes; "" when it is not known
}

// Merge lets a task go on in another, which it gives: the wait that began first goes on, to be answered by the earlier due
// time, and what comes to either comes to the one that stays. The other is closed. Who holds the one that goes must be the
// agent; the one that stays may be held by anybody, who then has to look at what came. Doing it again changes nothing.
func (q *Queue) Merge(ctx context.Context, m Merging, by Actor) (*Task, error) {
	seen := false
	stays, _, err := q.changeBoth(ctx, m.Stays, m.Goes, func(c, o *change) error {
		if err := mayMerge(&c.task, &o.task, by); err != nil {
			return err
		}
		var err error
		if seen, err = q.sawBoth(ctx, &c.task, &o.task, by.Agent); err != nil {
			return err
		}
		c.agent, o.agent = by.Agent, by.Agent
		if o.task.State != Closed && o.task.Team != c.task.Team {
			o.pass(c.task.Team)
			o.tell()
		}
		return q.merge(ctx, c, o, m.First)
	})
	if errors.Is(err, errUnchanged) {
		return stays, nil
	}
	if err == nil && seen {
		_ = q.Looked(ctx, stays.ID, by.Agent, stays.Newest()) // at worst it is shown once more
	}
	return stays, wrap(err, "merge task %s into %s", m.Goes, m.Stays)
}

// mayMerge refuses what cannot be merged, and is errUnchanged for what is.
func mayMerge(t, o *Task, by Actor) error {
	switch {
	case o.ID == t.ID, o.Into.ID == t.ID:
		return errUnchanged
	case t.State == Closed:
		return t.closed()
	case o.Into.ID != "":
		return o.closed()
	case o.State == Closed && o.Team != t.Team:
		return o.refuse(ErrClosed, "is closed, in team %s: reopen it first", o.Team)
	case by.Lease != "" && by.Lease != t.Lease && by.Lease != o.Lease:
		return t.Taken()
	case o.State == Claimed && o.Agent != by.Agent:
		return o.Taken()
	}
	return nil
}

// sawBoth tells whether an agent was shown all that was said in both tasks.
func (q *Queue) sawBoth(ctx context.Context, t, o *Task, agent string) (bool, error) {
	for _, one := range []*Task{t, o} {
		n, err := q.looked(ctx, one.ID, agent)
		if err != nil || n < one.Newest() {
			return false, err
		}
	}
	return true, nil
}

// merge lets o go on in c.
func (q *Queue) merge(ctx context.Context, c, o *change, first string) error {
	t, other := &c.task, &o.task
	part := Part{ID: other.ID, Number: other.Number, Replies: t.Replies}
	if err := q.moveReplies(ctx, c, o, part); err != nil {
		return err
	}
	if err := q.moveDrafts(ctx, c, o); err != nil {
		return err
	}
	e := c.event(Merged)
	e.Reason = FormatNumber(other.Number)
	gone := o.event(Merged)
	gone.ClaimedAt, gone.Reason = other.ClaimedAt, "into "+FormatNumber(t.Number)
	c.takeOver(other)
	if other.Since > 0 {
		t.hear(other, first)
		c.goOn(other)
	}
	if t.Since > 0 {
		e.began(t)
	}
	t.adopt(part, other.Merged)
	for _, f := range other.From {
		c.tx.ZAdd(senderKey(f.String()), t.Created, t.ID)
	}
	other.Into = Part{ID: t.ID, Number: t.Number}
	other.ResolveBy, other.ResolveTold = 0, 0
	if other.State == Closed {
		other.attended()
		return nil
	}
	other.end(millis(c.now), OutcomeMerged)
	return nil
}

// adopt notes which task goes on in this one, and which went on in that.
func (t *Task) adopt(part Part, more []Part) {
	t.Merged = append(slices.Clone(t.Merged), part)
	for _, p := range more {
		p.Replies += part.Replies
		t.Merged = append(t.Merged, p)
	}
}

// unmerge takes a task out of the one it goes on in, and reopens it. What waits stays there, as do answers on their way and
// drafts: the task that is taken out has the wait that it was closed with, if one.
func (q *Queue) unmerge(ctx context.Context, stays, goes, agent string) (*Task, error) {
	_, out, err := q.changeBoth(ctx, stays, goes, func(c, o *change) error {
		t, other := &c.task, &o.task
		switch {
		case other.Into.ID != t.ID:
			return ErrBusy
		case t.Into.ID != "":
			return other.refuse(ErrClosed, "was merged into %s, and that into another task: reopen that one first", FormatNumber(t.Number))
		}
		c.agent, o.agent = agent, agent
		c.event(Unmerged).Reason = FormatNumber(other.Number)
		t.Merged = slices.DeleteFunc(slices.Clone(t.Merged), func(p Part) bool { return other.Holds(p.ID) })
		t.leave(other.Threads)
		other.Into = Part{}
		o.reopenAsItWas("taken out of " + FormatNumber(t.Number))
		return nil
	})
	return out, err
}

// leave puts threads before those that answers go to. They stay the task's: what was said there in it is shown.
func (t *Task) leave(threads []string) {
	others := slices.DeleteFunc(slices.Clone(t.Threads), func(id string) bool { return slices.Contains(threads, id) })
	t.Threads = joined(t.Threads, others)
}

// changeBoth computes and stores one step of two tasks, and gives them as they are then.
func (q *Queue) changeBoth(ctx context.Context, one, other string, f func(c, o *change) error) (*Task, *Task, error) {
	op := newToken()
	for try := range changeTries {
		first, err := q.load(ctx, about{task: one})
		if err != nil {
			return nil, nil, err
		}
		second, err := q.load(ctx, about{task: other})
		if err != nil {
			return nil, nil, err
		}
		if try > 0 && first.task.Op == op {
			return first.task, second.task, nil
		}
		c, o := q.begun(first.task, second.now), q.begun(second.task, second.now)
		o.tx = c.tx
		if err := f(c, o); err != nil {
			return first.task, second.task, err
		}
		c.task.Op, o.task.Op = op, op
		q.settle(&c.task, c.now)
		q.settle(&o.task, o.now)
		o.build(second.task, second.card)
		done, err := q.store.Commit(ctx, c.build(first.task, first.card))
		if err != nil {
			return nil, nil, err
		}
		if done {
			return &c.task, &o.task, nil
		}
		pause(ctx, try)
	}
	return nil, nil, fmt.Errorf("change tasks %s and %s: %w", one, other, ErrBusy)
}
