package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"loket/desk/access"
	"loket/internal/field"
	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// An Unsent is why an answer was not taken, and what became of its text.
type Unsent struct {
	Draft string // the id of the draft that it is kept as; "" when it could not be kept
	Text  string // what could not be kept, for its author to keep
	Told  string // what became of it, in words for people
	err   error
}

func (u *Unsent) Error() string { return u.err.Error() + "; " + u.Told }

// Unwrap is why the answer was not taken.
func (u *Unsent) Unwrap() error { return u.err }

// keepDraft keeps what could not be sent, so that nobody writes it twice. why is given back, saying what became of it.
func (d *Desk) keepDraft(ctx context.Context, task, agent, via string, a queue.Answer, why error) error {
	kept, err := d.putDraft(ctx, task, agent, via, a, why)
	if err == nil {
		return &Unsent{Draft: kept.ID, Told: fmt.Sprintf("the text is kept as draft %s with the task", kept.ID), err: why}
	}
	because := "try again"
	if full := (*Refusal)(nil); errors.As(err, &full) {
		because = full.Text
	} else {
		d.log.Warn("draft not kept", zap.String("task", task), zap.Error(err))
	}
	return &Unsent{Text: a.Message.Text, Told: fmt.Sprintf("the text could not be kept (%s): it is given back here", because), err: why}
}

// putDraft keeps an answer as a draft, with the reason why it is one.
func (d *Desk) putDraft(ctx context.Context, task, agent, via string, a queue.Answer, why error) (*queue.Draft, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second) // the writer may be gone by now
	defer cancel()
	m := a.Message
	return d.queue.KeepDraft(ctx, task, queue.Draft{
		Agent: agent, Reason: InWords(why), Text: m.Text, HTML: m.HTML, Attachments: m.Attachments, Via: via, Thread: m.Thread, To: m.To, Key: a.Key,
		Cc: m.Cc, ToOthers: m.ToOthers, Whom: a.Whom,
	})
}

// InWords is what people are told of err: of a refusal the words for them, not what stands before those for logs.
func InWords(err error) string {
	refusal, unsent := (*Refusal)(nil), (*Unsent)(nil)
	switch {
	case !errors.As(err, &refusal):
		return err.Error()
	case errors.As(err, &unsent):
		return refusal.Text + "; " + unsent.Told
	}
	return refusal.Text
}

// Drafts gives the drafts of a task, oldest first.
func (d *Desk) Drafts(ctx context.Context, by access.Actor, ref string) ([]Draft, error) {
	t, err := d.find(ctx, by.Principal, ref)
	if err != nil {
		return nil, err
	}
	_, kept, err := d.NotesOf(ctx, t)
	list := []Draft{}
	for _, k := range kept {
		list = append(list, Draft{k, t.ID})
	}
	return list, err
}

// A DraftToSend says which draft is sent, and what becomes of the task.
type DraftToSend struct {
	Draft   string // its id, or the beginning of one
	Close   bool
	Outcome string // of the task, when it is closed
}

// SendDraft answers the customer with a draft, whoever wrote it, on the thread that it was written for. It is an answer of the
// agent like any other; the draft goes in the same step, and stays where it is when the answer is refused. Sending it again
// gives the same answer.
func (d *Desk) SendDraft(ctx context.Context, by access.Actor, ref string, s DraftToSend) (*Answered, error) {
	if err := errors.Join(outcomeMistake(s.Outcome), outcomeWithClose(s.Outcome, s.Close)); err != nil {
		return nil, err
	}
	t, who, err := d.acting(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	k, err := d.draftOf(ctx, t, s.Draft)
	if errors.Is(err, ErrNoDraft) {
		return d.sentBefore(ctx, by, t, who, s.Draft, err)
	}
	if err != nil {
		return nil, err
	}
	th, err := d.threadOf(ctx, t, k)
	if err != nil {
		return nil, err
	}
	m := compose(t, th, Answer{Text: k.Text, HTML: k.HTML})
	m.Attachments = k.Attachments
	said, err := d.recentTalk(ctx, t, th)
	if err != nil {
		return nil, err
	}
	if err := d.addressReply(m, addressing{task: t, thread: th, talk: said, via: k.Via, draft: k}); err != nil {
		return nil, err
	}
	said.refer(m, d.zone(t.Team))
	if err := d.canReply(m.Connector, m); err != nil {
		return nil, field.Errorf("", "cannot answer on this channel: %v", err)
	}
	return d.give(ctx, by, t, who, th, k.Via, queue.Answer{
		Key: cmp.Or(k.Key, "draft\x00"+k.ID), Draft: k.ID, Message: m, Close: s.Close, Outcome: s.Outcome, Whom: k.Whom,
	})
}

func outcomeWithClose(outcome string, closes bool) error {
	if outcome != "" && !closes {
		return field.Errorf("outcome", "must come with close: only a closed task has one")
	}
	return nil
}

// draftOf finds a draft by its id, or by the beginning of one when no other begins so.
func (d *Desk) draftOf(ctx context.Context, t *queue.Task, ref string) (*queue.Draft, error) {
	_, kept, err := d.NotesOf(ctx, t)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(kept, func(k queue.Draft) bool { return k.ID == ref }); i >= 0 {
		return &kept[i], nil
	}
	begin := slices.DeleteFunc(kept, func(k queue.Draft) bool { return ref == "" || !strings.HasPrefix(k.ID, ref) })
	switch len(begin) {
	case 0:
		return nil, fmt.Errorf("%w: %s has none called %q", ErrNoDraft, queue.FormatNumber(t.Number), ref)
	case 1:
		return &begin[0], nil
	}
	return nil, field.Errorf("draft", "must be longer: %d drafts begin with %q", len(begin), ref)
}

// threadOf is the thread that a draft was written for: what was meant for one is not said in another.
func (d *Desk) threadOf(ctx context.Context, t *queue.Task, k *queue.Draft) (*thread.Thread, error) {
	if k.Thread == "" {
		return d.replyThread(ctx, t, k.Via)
	}
	th, err := d.threads.Find(ctx, k.Thread)
	if !errors.Is(err, thread.ErrNone) {
		return th, err
	}
	// It may be one that the answer was to begin.
	if th, err = d.replyThread(ctx, t, k.Via); err == nil && th.ID == k.Thread {
		return th, nil
	}
	return nil, field.Errorf("", "the thread that the draft was written for is not kept any more")
}

// sentBefore gives the answer that a draft became; without one none, the error stands.
func (d *Desk) sentBefore(ctx context.Context, by access.Actor, t *queue.Task, who queue.Actor, ref string, none error) (*Answered, error) {
	r, err := d.queue.ReplyByID(ctx, ref)
	if errors.Is(err, ErrNone) || err == nil && r.Task != t.ID {
		return nil, none
	}
	if err != nil {
		return nil, err
	}
	v := d.shown(ctx, by, t, who.Agent)
	a := &Answered{Reply: r, Via: ViaSame, Connector: r.Connector, Task: v}
	for _, m := range v.Messages {
		if m.ID == r.ID {
			a.To, a.Cc, a.Channel, a.Thread = m.To, m.Cc, m.Channel, m.Thread
		}
	}
	return a, nil
}

// DropDraft drops a draft, whoever wrote it, with its files, and gives it as it was. Anybody may who can see the task.
func (d *Desk) DropDraft(ctx context.Context, by access.Actor, ref, id string) (*Draft, error) {
	if _, err := d.access().Agent(by.Principal, by.Agent); err != nil {
		return nil, err
	}
	t, err := d.find(ctx, by.Principal, ref)
	if err != nil {
		return nil, err
	}
	k, err := d.draftOf(ctx, t, id)
	if err != nil {
		return nil, err
	}
	if k, err = d.queue.DropDraft(ctx, t.ID, k.ID); err != nil {
		return nil, err
	}
	if err := d.dropDraftFiles(ctx, t.ID, k); err != nil {
		d.log.Warn("files of a dropped draft not deleted", zap.String("task", t.ID), zap.Error(err))
	}
	return &Draft{*k, t.ID}, nil
}

// dropDraftFiles removes the files of a draft that is gone. Other words under the same key came with the same files, which are
// kept once: what another draft or an answer has stays.
func (d *Desk) dropDraftFiles(ctx context.Context, task string, k *queue.Draft) error {
	t, err := d.queue.Task(ctx, task)
	if err != nil {
		return err
	}
	gone := &message.Message{ID: k.ID}
	for _, a := range k.Attachments {
		has, err := d.hasFile(ctx, t, a.Blob)
		if err != nil {
			return err
		}
		if !has {
			gone.Attachments = append(gone.Attachments, a)
		}
	}
	return d.DropFiles(ctx, gone)
}
