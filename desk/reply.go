package desk

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"

	"loket/desk/access"
	"loket/internal/field"
	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// An Answer is what a person says to the customer.
type Answer struct {
	Text        string
	HTML        string
	Attachments []FileToTake
	Kept        []string // files that were kept with what its author was writing, by the names of their blobs
	Whom
	Via     string // same: where the customer wrote; preferred: where they like to be answered; private: where only they read it
	Close   bool
	Outcome string // of the task, when it is closed
	Key     string // makes a repeat of the same answer one answer
}

// Answered says what became of an answer.
type Answered struct {
	Reply *queue.Reply // by which it goes, whose id is the message's
	// To is whom the answer is written to, for the agent to see that it is whom they mean.
	To []message.Identifier
	Cc []message.Identifier // who get a copy
	// ToOthers: the customer has no answer by it, and waits as before.
	ToOthers  bool
	Newcomers []message.Identifier // those of them who did not begin the conversation
	Via       string               // same, preferred or private, as it was asked
	Channel   string
	Connector string
	Thread    string
	Length    string // how the channel cuts the text, in words
	Task      *Task  // nil when it could not be read
}

// Reply answers the customer on the thread that was last written in, or at their preferred address. When the agent has lost the task, it is
// closed, or something came that the agent did not see, nothing changes and the answer is kept as a draft: the error is an
// *Unsent.
func (d *Desk) Reply(ctx context.Context, by access.Actor, ref string, a Answer) (*Answered, error) {
	w, err := d.write(ctx, by, ref, a)
	if err != nil {
		return nil, err
	}
	return d.send(ctx, by, w)
}

// send gives an answer to the queue.
func (d *Desk) send(ctx context.Context, by access.Actor, w *written) (*Answered, error) {
	if err := d.attach(ctx, w.answer.Message, w.files, cannotAnswer); err != nil {
		return nil, err
	}
	done, err := d.give(ctx, by, w.task, w.who, w.thread, w.via, w.answer)
	if isLate(err) {
		return nil, d.keepDraft(ctx, w.task.ID, w.who.Agent, w.via, w.answer, err)
	}
	return done, err
}

const cannotAnswer = "cannot answer on this channel"

// isLate tells whether an answer was refused because of what happened while it was written.
func isLate(err error) bool {
	return errors.Is(err, ErrTaken) || errors.Is(err, ErrClosed) || errors.Is(err, ErrUnseen)
}

// written is an answer that is ready to be given but for its new files, which are not stored yet.
type written struct {
	task   *queue.Task
	who    queue.Actor
	thread *thread.Thread
	via    string
	answer queue.Answer
	files  upload
}

// write makes of what a person asks for the answer that it is.
func (d *Desk) write(ctx context.Context, by access.Actor, ref string, a Answer) (*written, error) {
	files, whom, err := a.read()
	if err != nil {
		return nil, err
	}
	t, who, err := d.acting(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	m, th, err := d.letter(ctx, t, a, whom)
	if err != nil {
		return nil, err
	}
	if m.Attachments, err = d.keptFiles(ctx, t.ID, who.Agent, a.Kept); err != nil {
		return nil, err
	}
	key := who.Agent + "\x00" + cmp.Or(a.Key, rand.Text())
	return &written{
		task: t, who: who, thread: th, via: a.Via, files: upload{t.ID, key, files},
		answer: queue.Answer{Key: key, Message: m, Close: a.Close, Outcome: a.Outcome, Whom: whom.words()},
	}, nil
}

// letter is the message that an answer is, without its files, and the thread that it goes to.
func (d *Desk) letter(ctx context.Context, t *queue.Task, a Answer, whom asked) (*message.Message, *thread.Thread, error) {
	th, err := d.replyThread(ctx, t, a.Via)
	if err != nil {
		return nil, nil, err
	}
	m := compose(t, th, a)
	said, err := d.recentTalk(ctx, t, th)
	if err != nil {
		return nil, nil, err
	}
	if err := d.addressReply(m, addressing{task: t, thread: th, talk: said, via: a.Via, asked: whom}); err != nil {
		return nil, nil, err
	}
	said.refer(m, d.zone(t.Team))
	if said.said == nil && a.Via == ViaPrivate {
		if err := d.answerPublic(ctx, t, m); err != nil {
			return nil, nil, err
		}
	}
	return m, th, d.stillTheirs(ctx, th, m)
}

// answerPublic has m, which begins a private conversation, know what it answers in the public one that it goes on with: some
// channels let a customer be written to for that alone.
func (d *Desk) answerPublic(ctx context.Context, t *queue.Task, m *message.Message) error {
	public, err := d.replyThread(ctx, t, ViaSame)
	if err != nil || !public.Public {
		return err
	}
	talk, err := d.recentTalk(ctx, t, public)
	if err != nil {
		return err
	}
	said := *m
	talk.refer(&said, d.zone(t.Team))
	if said.Earlier != nil {
		m.Answers, m.Earlier = []string{talk.said.Own}, said.Earlier
	}
	return nil
}

// give puts an answer on its way.
func (d *Desk) give(ctx context.Context, by access.Actor, t *queue.Task, who queue.Actor, th *thread.Thread, via string, a queue.Answer) (*Answered, error) {
	if th.Task == "" { // ours begins it: bound to the task before anything is sent, so that what comes back finds it
		if err := d.begin(ctx, t.ID, th); err != nil {
			return nil, err
		}
	}
	t, r, err := d.queue.Reply(ctx, t.ID, who, a)
	if err != nil {
		return nil, d.unseen(ctx, err)
	}
	m := a.Message
	answered := &Answered{
		Reply: r, To: m.To, Cc: m.Cc, ToOthers: m.ToOthers, Via: cmp.Or(via, ViaSame), Channel: m.Channel, Connector: m.Connector, Thread: m.Thread,
		Length: d.measure(m.Connector, m), Newcomers: th.Newcomers(slices.Concat(m.To, m.Cc)),
	}
	if t != nil {
		answered.Task = d.shown(ctx, by, t, who.Agent)
	}
	return answered, nil
}

// begin begins a thread of a task. Beginning it again changes nothing.
func (d *Desk) begin(ctx context.Context, task string, th *thread.Thread) error {
	th.Task, th.Began = task, d.now().UTC()
	return d.threads.Begin(ctx, *th)
}

// read looks whether the answer is one.
func (a *Answer) read() ([]FileToTake, asked, error) {
	files, err := CheckFiles(a.Attachments)
	whom, bad := a.Whom.read()
	errs := []error{err, bad, keyMistake(a.Key), outcomeMistake(a.Outcome), outcomeWithClose(a.Outcome, a.Close), LongMistake("html", a.HTML, MaxText)}
	if strings.TrimSpace(a.Text) != "" || len(files)+len(a.Kept) == 0 {
		errs = append(errs, textMistake("text", a.Text))
	}
	errs = append(errs, viaMistake(a.Via))
	for i, f := range files {
		if !f.Given {
			errs = append(errs, field.Errorf(field.At("attachments", i)+".data", "must be given, in base64"))
		}
	}
	return files, whom, errors.Join(errs...)
}

func keyMistake(key string) error {
	if len(key) <= MaxID {
		return nil
	}
	return field.Errorf("Idempotency-Key", "must be at most %d characters", MaxID)
}

// compose makes the message to the customer.
func compose(t *queue.Task, th *thread.Thread, a Answer) *message.Message {
	return &message.Message{
		Direction: message.Out, Thread: th.ID, Connector: th.Connector, Channel: th.Channel, Public: th.Public,
		From: th.To, To: th.From, Subject: answerTo(th.Subject), Text: message.CleanText(a.Text), HTML: strings.ToValidUTF8(a.HTML, "\uFFFD"),
		Language: t.Language,
	}
}

// answerTo is the subject of an answer.
func answerTo(subject string) string {
	if subject == "" || len(subject) >= 3 && strings.EqualFold(subject[:3], "re:") {
		return subject
	}
	return "Re: " + subject
}
