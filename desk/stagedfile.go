package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.uber.org/zap"

	"loket/internal/field"
	"loket/internal/message"
	"loket/router/queue"
)

// keptFiles are those files that were kept with what a person is writing in a task that names names.
func (d *Desk) keptFiles(ctx context.Context, task, agent string, names []string) ([]message.Attachment, error) {
	if len(names) == 0 {
		return nil, nil
	}
	u, _, _, err := d.readUnfinished(ctx, task, agent)
	if err != nil {
		return nil, err
	}
	var files []message.Attachment
	for i, name := range names {
		at := slices.IndexFunc(u.Files, func(a message.Attachment) bool { return a.Blob == name })
		if at < 0 {
			return nil, field.Errorf(field.At("kept", i), "must be a file that is kept with this answer; it was taken away elsewhere")
		}
		files = append(files, u.Files[at])
	}
	return files, nil
}

// keepUnfinishedFiles stores files for an answer that is being written.
func (d *Desk) keepUnfinishedFiles(ctx context.Context, task, agent string, files []FileToTake) ([]message.Attachment, error) {
	if len(files) == 0 {
		return nil, nil
	}
	return d.keep(ctx, message.NewID([]byte("unfinished"), []byte(task), []byte(agent)), files)
}

// changeFiles adds files to those that are kept, each once, and takes others out.
func changeFiles(kept, added []message.Attachment, drop []string) (now, gone []message.Attachment) {
	for _, a := range slices.Concat(kept, added) {
		switch {
		case slices.Contains(drop, a.Blob):
			gone = append(gone, a)
		case !slices.ContainsFunc(now, func(have message.Attachment) bool { return have.Blob == a.Blob }):
			now = append(now, a)
		}
	}
	return now[:min(len(now), maxFiles)], append(gone, now[min(len(now), maxFiles):]...)
}

// dropStaged removes files that nobody is writing with any more, unless they went with an answer meanwhile or stand in their author's box
// again. What cannot be removed stays behind: nobody sees it.
func (d *Desk) dropStaged(ctx context.Context, task, agent string, files []message.Attachment) {
	if len(files) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second) // whoever wrote may be gone by now
	defer cancel()
	needed, err := d.stagedNow(ctx, task, agent)
	if err == nil {
		err = d.dropUnneeded(ctx, task, needed, files)
	}
	if err != nil {
		d.log.Warn("files of an unfinished answer not deleted", zap.String("task", task), zap.Error(err))
	}
}

// stagedNow are the files of what a person is writing in a task, and of the answers that are held back there. An answer that goes out after
// that is seen to have them by its task, which is read later.
func (d *Desk) stagedNow(ctx context.Context, task, agent string) ([]message.Attachment, error) {
	held, err := d.allHeld(ctx)
	if err != nil {
		return nil, err
	}
	u, _, _, err := d.readUnfinished(ctx, task, agent)
	files := u.Files
	for _, h := range held {
		if h.Task == task {
			files = append(files, h.Message.Attachments...)
		}
	}
	return files, err
}

// dropUnneeded removes files that are neither needed nor had by anything in a task.
func (d *Desk) dropUnneeded(ctx context.Context, task string, needed, files []message.Attachment) error {
	t, err := d.queue.Task(ctx, task)
	if err != nil && !errors.Is(err, ErrNone) {
		return err
	}
	var errs []error
	for _, a := range files {
		if !slices.ContainsFunc(needed, func(n message.Attachment) bool { return n.Blob == a.Blob }) {
			errs = append(errs, d.dropUnused(ctx, t, a.Blob))
		}
	}
	return errors.Join(errs...)
}

// dropUnused removes a file that nothing in a task has; without a task, whatever had it is gone.
func (d *Desk) dropUnused(ctx context.Context, t *queue.Task, blob string) error {
	if t != nil {
		if has, err := d.hasFile(ctx, t, blob); err != nil || has {
			return err
		}
	}
	return d.blobs.Delete(ctx, blob)
}
