package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"loket/desk/access"
	"loket/internal/blob"
	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// FileID is what an attachment of a task is had by: whoever asks for it must be allowed to see that task.
func FileID(task, blob string) string { return task + "/" + blob }

// Attachment opens the bytes of an attachment by its id: task/message/file, as a task tells it, for who may see the
// task; or message/file, for who may see every team. The caller closes it.
func (d *Desk) Attachment(ctx context.Context, by access.Actor, id string) (io.ReadSeekCloser, error) {
	if strings.Count(id, "/") < 2 { // of no task, or nobody knows of which: in quarantine it has none
		if by.Everywhere() != nil {
			return nil, errNoFile
		}
		return d.File(ctx, id)
	}
	ref, name, _ := strings.Cut(id, "/")
	t, err := d.find(ctx, by.Principal, ref)
	if err != nil {
		return nil, err
	}
	has, err := d.hasFile(ctx, t, name)
	if err != nil {
		return nil, fmt.Errorf("find attachment of task %s: %w", t.ID, err)
	}
	if !has {
		return nil, errNoFile
	}
	return d.File(ctx, name)
}

var errNoFile = fmt.Errorf("attachment: %w", ErrNotFound)

// File opens what is stored under a name.
func (d *Desk) File(ctx context.Context, name string) (io.ReadSeekCloser, error) {
	r, _, err := d.blobs.Get(ctx, name)
	if errors.Is(err, blob.ErrNone) || errors.Is(err, blob.ErrName) {
		return nil, errNoFile
	}
	return r, err
}

var errEnough = errors.New("found")

// hasFile tells whether a file came with a message of the task, or goes with an answer that is on its way, a draft or a note.
func (d *Desk) hasFile(ctx context.Context, t *queue.Task, name string) (bool, error) {
	among := func(files []message.Attachment) bool {
		return slices.ContainsFunc(files, func(a message.Attachment) bool { return a.Blob == name })
	}
	for _, id := range t.Threads {
		err := d.threads.Each(ctx, id, func(e thread.Entry) error {
			if t.Holds(e.Task) && among(e.Message.Attachments) {
				return errEnough
			}
			return nil
		})
		if errors.Is(err, errEnough) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
	replies, err := d.queue.ReplyStates(ctx, t.Sending...)
	if err != nil {
		return false, err
	}
	if t.Archived != nil {
		maps.Copy(replies, t.Archived.Replies)
	}
	for _, r := range replies {
		if r.Message != nil && among(r.Message.Attachments) {
			return true, nil
		}
	}
	notes, drafts, err := d.NotesOf(ctx, t)
	if slices.ContainsFunc(MailsOf(notes), func(m *queue.NoteMail) bool { return among(m.Attachments) }) {
		return true, nil
	}
	return slices.ContainsFunc(drafts, func(k queue.Draft) bool { return among(k.Attachments) }), err
}
