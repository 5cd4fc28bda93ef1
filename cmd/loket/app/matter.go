package app

import (
	"context"
	"errors"
	"time"

	"loket/desk"
	"loket/desk/portal"
	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// matterOf tells customers how what a thread is about stands: the task that it belongs to, or that this one goes on in. Of what cannot be
// read now nothing is told.
func (r *rules) matterOf(q *queue.Queue) func(context.Context, *thread.Thread) portal.Matter {
	return func(ctx context.Context, th *thread.Thread) portal.Matter {
		t, err := q.Task(ctx, th.Task)
		if err == nil && t.Into.ID != "" {
			t, err = q.Task(ctx, t.Into.ID)
		}
		if err != nil {
			return portal.Matter{Zone: r.zone("")}
		}
		m := portal.Matter{State: customerState(t), Rating: portal.Rating(t.Rating), Ratable: t.Ratable(time.Now()), Zone: r.zone(t.Team)}
		if m.State == portal.Received || m.State == portal.Looking {
			m.AnswerBy = instantOf(t.WaitDue)
		}
		if th.Channel == "chat" && inLine(t) { // who waits in a chat waits for their turn
			if n, err := q.Ahead(ctx, t); err == nil {
				m.InLine, m.Before = true, n
			}
		}
		if th.Channel == "chat" {
			if n, err := q.ShownUpTo(ctx, t); err == nil {
				m.ReadTo, m.Read = n, func(one *message.Message) bool { return t.Shown(one.ID, one.Received.UnixMilli(), n) }
			}
		}
		return m
	}
}

// inLine tells whether a task waits for whoever comes first. When it is the turn of one that waits for a moment, or for one person, who has the team's
// tasks too, nobody can say.
func inLine(t *queue.Task) bool { return t.State == queue.Queued && t.Lane == "" }

func customerState(t *queue.Task) portal.State {
	switch {
	case t.Since == 0 && t.State == queue.Closed:
		return portal.Closed
	case t.Since == 0 && t.Replies > 0:
		return portal.Answered
	case t.State == queue.Claimed:
		return portal.Looking
	}
	return portal.Received
}

func instantOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// customerTypes tells the desk that the customer of a thread writes.
func customerTypes(q *queue.Queue, d *desk.Desk) func(context.Context, *thread.Thread) error {
	return func(ctx context.Context, th *thread.Thread) error {
		t, err := q.Task(ctx, th.Task)
		if err == nil && t.Into.ID != "" {
			t, err = q.Task(ctx, t.Into.ID)
		}
		if err != nil {
			return err
		}
		return d.CustomerWrites(ctx, t)
	}
}

// watchTask gives hints of what happens to a task.
func watchTask(feed *queue.Feed) func(string) (<-chan struct{}, func()) {
	return func(task string) (<-chan struct{}, func()) {
		w := feed.Watch(task)
		return w.C, w.Close
	}
}

// rate takes what customers say of how the task of a thread went.
func rate(q *queue.Queue) func(context.Context, *thread.Thread, portal.Rating) error {
	return func(ctx context.Context, th *thread.Thread, rating portal.Rating) error {
		_, err := q.Rate(ctx, th.Task, queue.Rating(rating))
		if errors.Is(err, queue.ErrNotRatable) || errors.Is(err, queue.ErrNone) {
			return portal.ErrNotRatable
		}
		return err
	}
}
