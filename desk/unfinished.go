package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"loket/desk/access"
	"loket/internal/message"
	"loket/internal/store"
	"loket/router/queue"
)

// An Unfinished is what a person has written in a task and not sent: an answer, a note, or both. It is theirs alone, unlike a
// Draft, which is an answer that was refused and stays with the task for everybody.
type Unfinished struct {
	Text string `json:"text,omitempty"`
	Note string `json:"note,omitempty"`
	Via  string `json:"via,omitempty"` // the way that was chosen for the answer
	// Files go with the answer.
	Files []message.Attachment `json:"files,omitempty"`
	// Why says why the answer was not sent when it should have been, and Draft what it is kept as for colleagues; "" of what
	// nobody tried to send.
	Why   string `json:"why,omitempty"`
	Draft string `json:"draft,omitempty"`
	// Rev counts the changes, so that whoever writes in two windows is told.
	Rev int64     `json:"rev"`
	At  time.Time `json:"at"`
}

func (u *Unfinished) empty() bool {
	return strings.TrimSpace(u.Text) == "" && strings.TrimSpace(u.Note) == "" && len(u.Files) == 0
}

// An Edit is a change of what somebody is writing. What is nil stays as it is.
type Edit struct {
	Text, Note, Via, Draft *string
	Files                  []FileToTake // are added to those that are kept already
	Drop                   []string     // of those, by the names of their blobs
	Rev                    int64        // of what was changed; 0 when there was nothing
	Key                    string       // by which the answer will be sent: once it was, nothing is saved that was still on its way then
}

// What is kept of unfinished texts: for how long, and of how many tasks for one person; and for how long it is known by which key
// an answer was sent, whose text may still be on its way to be saved.
const (
	UnfinishedLasts = 30 * 24 * time.Hour
	maxUnfinished   = 500
	sentLasts       = time.Hour
)

// A Saved says what is kept after an edit.
type Saved struct {
	Unfinished
	Elsewhere bool   // it was changed in another window or browser since: the newest is kept
	Zone      string // in which people read the task's times
}

// SaveUnfinished keeps what somebody is writing; the newest wins. Who may see the task can; who holds it does not matter.
// ErrGone when the customer of the task was erased: nothing more is kept there.
func (d *Desk) SaveUnfinished(ctx context.Context, by access.Actor, ref string, e Edit) (*Saved, error) {
	t, agent, err := d.writes(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	if err := e.mistakes(); err != nil {
		return nil, err
	}
	if emptied(t) {
		return nil, d.notKept(ctx, t.ID, agent)
	}
	d.step("unfinished-looked")
	added, err := d.keepUnfinishedFiles(ctx, t.ID, agent, e.Files)
	if err != nil {
		return nil, err
	}
	saved := &Saved{Zone: d.zone(t.Team).String()}
	var gone []message.Attachment
	var full error
	saved.Unfinished, err = d.changeUnfinished(ctx, t.ID, agent, func(u *Unfinished, sent *string) bool {
		gone, full = added, nil
		if e.Key != "" && *sent == e.Key {
			return false
		}
		fresh := u.Rev == 0
		saved.Elsewhere = u.Rev != e.Rev && u.Rev != 0
		went := e.change(u, added)
		if fresh && !u.empty() {
			full = d.roomForUnfinished(ctx, agent)
		}
		if full == nil {
			gone = went
		}
		return full == nil
	})
	if err = cmp.Or(err, full); err != nil {
		d.dropStaged(ctx, t.ID, agent, added)
		return nil, err
	}
	d.dropStaged(ctx, t.ID, agent, gone)
	if now, err := d.queue.Task(ctx, t.ID); err != nil || emptied(now) { // the customer was erased since we looked
		return nil, cmp.Or(err, d.notKept(ctx, t.ID, agent))
	}
	if !saved.empty() {
		err = d.isThere(ctx, t, agent, "write")
	}
	return saved, err
}

// notKept drops what a person is writing in a task whose customer was erased, and says so.
func (d *Desk) notKept(ctx context.Context, task, agent string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second) // whoever wrote may be gone by now
	defer cancel()
	if err := d.dropUnfinished(ctx, []string{unfinishedMember(task, agent)}, d.now()); err != nil {
		return err
	}
	return fmt.Errorf("save unfinished answer: %w", ErrGone)
}

// change does an edit whose new files are stored, and gives the files that are not kept by it.
func (e *Edit) change(u *Unfinished, added []message.Attachment) (gone []message.Attachment) {
	for _, f := range []struct{ to, from *string }{{&u.Text, e.Text}, {&u.Note, e.Note}, {&u.Via, e.Via}, {&u.Draft, e.Draft}} {
		if f.from != nil {
			*f.to = strings.ToValidUTF8(*f.from, "\uFFFD")
		}
	}
	if e.Text != nil {
		u.Why = ""
	}
	u.Files, gone = changeFiles(u.Files, added, e.Drop)
	return gone
}

// emptied tells whether a task is one whose customer was erased. One that was closed then keeps its outcome, and has no sender any more.
func emptied(t *queue.Task) bool {
	return t.State == queue.Closed && (t.Outcome == queue.OutcomeErased || len(t.From) == 0)
}

func (e *Edit) mistakes() error {
	_, err := CheckFiles(e.Files)
	errs := []error{err}
	for _, f := range []struct {
		path string
		text *string
	}{{"text", e.Text}, {"note", e.Note}, {"via", e.Via}, {"draft", e.Draft}} {
		if f.text != nil {
			errs = append(errs, LongMistake(f.path, *f.text, MaxText))
		}
	}
	return errors.Join(errs...)
}

// Unfinished gives what the person is writing in a task, nil for nothing.
func (d *Desk) Unfinished(ctx context.Context, by access.Actor, ref string) (*Unfinished, error) {
	t, agent, err := d.writes(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	u, _, _, err := d.readUnfinished(ctx, t.ID, agent)
	if err != nil || u.empty() {
		return nil, err
	}
	return &u, nil
}

// UnfinishedIn gives the ids of the tasks in which the person has something unfinished.
func (d *Desk) UnfinishedIn(ctx context.Context, by access.Actor) (map[string]bool, error) {
	names, err := d.store.Redis().HKeys(ctx, unfinishedKey(by.Agent)).Result()
	if err != nil {
		return nil, fmt.Errorf("list unfinished answers: %w", store.Cause(err))
	}
	tasks := map[string]bool{}
	for _, name := range names {
		if !strings.HasPrefix(name, sentField("")) {
			tasks[name] = true
		}
	}
	return tasks, nil
}

// answered takes away all that is of the answer, and gives its files: those that went with it are the answer's now.
func (u *Unfinished) answered() (files []message.Attachment) {
	files = u.Files
	u.Text, u.Via, u.Why, u.Draft, u.Files = "", "", "", "", nil
	return files
}

// NoteSaved takes away the note that the person was writing, because it stands in the task now.
func (d *Desk) NoteSaved(ctx context.Context, by access.Actor, ref string) error {
	t, agent, err := d.writes(ctx, by, ref)
	if err != nil {
		return err
	}
	_, err = d.changeUnfinished(ctx, t.ID, agent, func(u *Unfinished, _ *string) bool {
		u.Note = ""
		return true
	})
	return err
}

// writes gives a task that is seen, and the person who writes in it.
func (d *Desk) writes(ctx context.Context, by access.Actor, ref string) (t *queue.Task, agent string, err error) {
	if agent, err = d.access().Agent(by.Principal, by.Agent); err != nil {
		return nil, "", err
	}
	t, err = d.find(ctx, by.Principal, ref)
	return t, agent, err
}
