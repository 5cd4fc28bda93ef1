package desk

import (
	"context"
	"errors"
	"time"

	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// Archived counts what a walk through the closed tasks did.
type Archived struct {
	Tasks  int
	Failed int   // left for the next walk
	Err    error // of the last that failed
}

// Archive moves what is over since before into the archive: tasks that are closed, with what was said in them. before
// must be further back than queue.Retention, so that nothing is still on its way into them. A task's threads go first, as
// only the task leads to them; one in which another task is not over stays until that one goes. What fails stays as it is
// and the rest goes on. Any process may run it at any time; between two tasks it rests as long as it worked, so that
// nobody waits for it. The error says that it could not go on.
func (d *Desk) Archive(ctx context.Context, before time.Time) (Archived, error) {
	var done Archived
	teams, err := d.queue.TeamsInUse(ctx)
	if err != nil {
		return done, err
	}
	for _, team := range teams {
		for cursor, more := "", true; more; more = cursor != "" {
			page, err := d.queue.Settling(ctx, team, before, UsualPage, cursor)
			if err != nil {
				return done, err
			}
			cursor = page.Cursor
			for _, t := range page.Tasks {
				begun := time.Now()
				went, err := d.archiveTask(ctx, t, before)
				switch {
				case IsAway(err) || ctx.Err() != nil:
					return done, errors.Join(err, ctx.Err())
				case err != nil:
					done.Failed++
					done.Err = err
				case went:
					done.Tasks++
				}
				rest(ctx, time.Since(begun))
			}
		}
	}
	return done, nil
}

func (d *Desk) archiveTask(ctx context.Context, t *queue.Task, before time.Time) (bool, error) {
	if over, err := d.queue.Settled(ctx, before, t.ID); !over || err != nil {
		return false, err
	}
	for _, id := range t.Threads {
		kept, err := d.threads.Archive(ctx, id, before, func(ctx context.Context, tasks []string) (bool, error) {
			return d.queue.Settled(ctx, before, tasks...)
		})
		if kept == thread.KeptYoung || err != nil {
			return false, err
		}
	}
	var rest queue.Remains
	for _, id := range t.Threads {
		err := d.threads.Each(ctx, id, func(e thread.Entry) error {
			switch {
			case !t.Holds(e.Task), e.Message.Direction == message.Out && e.Task != t.ID:
			case e.Message.Direction == message.Out:
				rest.Replies = append(rest.Replies, e.Message.ID)
			default:
				rest.Senders = append(rest.Senders, e.Message.From...)
			}
			return nil
		})
		if err != nil {
			return false, err
		}
	}
	notes, err := d.queue.Notes(ctx, t.ID)
	if err != nil {
		return false, err
	}
	for _, m := range MailsOf(notes) {
		rest.Replies = append(rest.Replies, m.ID)
	}
	return d.queue.Archive(ctx, t.ID, before, rest)
}

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
