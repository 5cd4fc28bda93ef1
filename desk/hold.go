package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"loket/desk/access"
	"loket/internal/message"
	"loket/internal/store"
	"loket/router/queue"
	"loket/router/thread"
)

// A HeldAnswer is one that waits some seconds before it is given to the queue, in which its author may take it back. To whom it goes, and
// by which way, is settled. It is an answer for nobody until then: the customer waits, and figures know nothing of it.
type HeldAnswer struct {
	ID      string           `json:"-"` // of the answer it becomes
	Task    string           `json:"task"`
	Agent   string           `json:"agent"`
	Message *message.Message `json:"message"`
	Due     time.Time        `json:"due"` // when it goes out, by the store's clock
	Close   bool             `json:"close,omitempty"`
	Outcome string           `json:"outcome,omitempty"`
	// Going says that it is being given to the queue: it cannot be taken back any more.
	Going bool `json:"going,omitempty"`

	Lease  string         `json:"lease"`
	Seen   int            `json:"seen"`
	Key    string         `json:"key"`
	Via    string         `json:"via,omitempty"`
	Whom   string         `json:"whom,omitempty"`
	Begins *thread.Thread `json:"begins,omitempty"` // that the answer begins; else nil
	Draft  string         `json:"draft,omitempty"`  // what it was kept as when it was refused before
}

// UsualRegret is how long an answer on a channel is held back: where people read at leisure some seconds, in a conversation that goes
// back and forth none.
func UsualRegret(channel string) time.Duration {
	switch channel {
	case "email", "x", "facebook", "mastodon", "youtube", "bluesky":
		return 10 * time.Second
	case "sms", "whatsapp", "telegram", "messenger", "instagram":
		return 5 * time.Second
	}
	return 0
}

// MaxRegret is how long an answer may be held back.
const MaxRegret = 30 * time.Second

// ErrWentOut says that an answer cannot be taken back any more.
var ErrWentOut = errors.New("the answer went out already")

// A Sending says what is to be done with an answer that a person may regret.
type Sending struct {
	Answer
	Draft string // what it was kept as when it was refused before, which goes with it
	// Regret is how long an answer on a channel is held back; nil is UsualRegret.
	Regret func(channel string) time.Duration
}

// Hold takes an answer as Reply does, but holds it back for some seconds, in which its author may take it back. It is looked now, and again when it
// goes out, whether they hold the task and were shown all that was said; what is refused then is kept as a draft. On a channel
// where nothing is held back it goes at once, and nil is given. The same key gives the same answer.
func (d *Desk) Hold(ctx context.Context, by access.Actor, ref string, s Sending) (*HeldAnswer, error) {
	w, err := d.write(ctx, by, ref, s.Answer)
	if err != nil {
		return nil, err
	}
	m := w.answer.Message
	m.Sent = d.now().UTC() // whose its addresses were then
	regret := s.Regret
	if regret == nil {
		regret = UsualRegret
	}
	wait := min(regret(m.Channel), MaxRegret)
	if wait <= 0 {
		if _, err := d.send(ctx, by, w); err != nil {
			return nil, err
		}
		d.sent(ctx, by, w, s)
		return nil, nil
	}
	h := &HeldAnswer{
		ID: queue.ReplyID(w.task.ID, w.answer.Key), Task: w.task.ID, Agent: w.who.Agent, Message: m, Close: s.Close, Outcome: s.Outcome,
		Key: w.answer.Key, Via: s.Via, Whom: w.answer.Whom, Draft: s.Draft,
	}
	if have, err := d.heldBefore(ctx, h); have || err != nil {
		return h, err
	}
	if err := d.attach(ctx, m, w.files, cannotAnswer); err != nil {
		return nil, err
	}
	t, err := d.queue.Prepare(ctx, w.task.ID, w.who)
	if err != nil {
		if err = d.unseen(ctx, err); isLate(err) {
			err = d.keepDraft(ctx, w.task.ID, w.who.Agent, s.Via, w.answer, err)
		}
		return nil, err
	}
	if h.Lease, h.Seen = t.Lease, w.who.Seen; h.Seen == 0 || w.who.Anyway {
		h.Seen = max(1, t.Newest())
	}
	if w.thread.Task == "" {
		h.Begins = w.thread
	}
	return h, d.putHeld(ctx, h, wait, s.Key)
}

// sent takes away what an answer was before it was sent. What cannot be taken away now stands where it was.
func (d *Desk) sent(ctx context.Context, by access.Actor, w *written, s Sending) {
	if s.Draft != "" {
		if _, err := d.DropDraft(ctx, by, w.task.ID, s.Draft); err != nil && !errors.Is(err, ErrNoDraft) {
			d.log.Warn("draft of a sent answer not dropped", zap.String("task", w.task.ID), zap.Error(err))
		}
	}
	var files []message.Attachment
	_, err := d.changeUnfinished(ctx, w.task.ID, w.who.Agent, func(u *Unfinished, sent *string) bool {
		files = u.answered()
		*sent = s.Key
		return true
	})
	if err != nil {
		d.log.Warn("text of a sent answer still stands in the box", zap.String("task", w.task.ID), zap.Error(err))
		return
	}
	d.dropStaged(ctx, w.task.ID, w.who.Agent, files)
}

// heldBefore tells whether the same answer is held back, or was given to the queue, already.
func (d *Desk) heldBefore(ctx context.Context, h *HeldAnswer) (bool, error) {
	have, _, err := d.readHeld(ctx, h.ID)
	if err != nil {
		return false, err
	}
	if have == nil {
		_, err := d.queue.ReplyByID(ctx, h.ID)
		if errors.Is(err, ErrNone) {
			return false, nil
		}
		h.Going = true
		return err == nil, err
	}
	if have.Message.Text != h.Message.Text {
		return false, fmt.Errorf("hold answer: %w", ErrConflict)
	}
	*h = *have
	return true, nil
}

// putHeld holds an answer back. What its author was writing goes in the same step: it stands in one place at any time.
func (d *Desk) putHeld(ctx context.Context, h *HeldAnswer, wait time.Duration, key string) error {
	const tries = 20
	for range tries {
		u, kept, sent, err := d.readUnfinished(ctx, h.Task, h.Agent)
		if err != nil {
			return err
		}
		now, _, err := d.store.Load(ctx)
		if err != nil {
			return err
		}
		h.Due = now.Add(wait)
		files := u.answered()
		u.Rev, u.At = u.Rev+1, d.now().UTC()
		var tx store.Tx
		tx.IfField(heldKey, h.ID, "")
		tx.IfField(unfinishedKey(h.Agent), h.Task, kept)
		tx.IfField(unfinishedKey(h.Agent), sentField(h.Task), sent)
		tx.SetField(heldKey, h.ID, h.encode())
		tx.ZAdd(heldOrderKey, h.Due.UnixMilli(), h.ID)
		d.putUnfinished(&tx, h.Task, h.Agent, &u)
		tx.SetField(unfinishedKey(h.Agent), sentField(h.Task), key)
		done, err := d.store.Commit(ctx, &tx)
		if err != nil {
			return fmt.Errorf("hold answer: %w", err)
		}
		if done {
			d.step("held")
			d.dropStaged(ctx, h.Task, h.Agent, files)
			return nil
		}
		if have, err := d.heldBefore(ctx, h); have || err != nil {
			return err
		}
	}
	return fmt.Errorf("hold answer: %w", ErrBusy)
}

func (h *HeldAnswer) encode() string {
	b, err := json.Marshal(h)
	if err != nil {
		panic(err) // strings, numbers and times always encode
	}
	return string(b)
}

// readHeld gives an answer that is held back, and how it is kept; nil when there is none.
func (d *Desk) readHeld(ctx context.Context, id string) (*HeldAnswer, string, error) {
	_, kept, err := d.store.Load(ctx, store.Field{Key: heldKey, Name: id})
	if err != nil || kept[0] == "" {
		return nil, "", err
	}
	h, err := decodeHeld(id, kept[0])
	return h, kept[0], err
}

func decodeHeld(id, kept string) (*HeldAnswer, error) {
	h := &HeldAnswer{ID: id}
	if err := json.Unmarshal([]byte(kept), h); err != nil {
		return nil, fmt.Errorf("read held answer: %w", err)
	}
	return h, nil
}

// What became of an answer that was held back.
const (
	StillHeld = "held"
	WentOut   = "sent"
	TakenBack = "back" // or refused when it was to go out
)

// HeldState tells what became of an answer that was held back in a task.
func (d *Desk) HeldState(ctx context.Context, by access.Actor, ref, id string) (string, error) {
	t, err := d.find(ctx, by.Principal, ref)
	if err != nil {
		return "", err
	}
	h, _, err := d.readHeld(ctx, id)
	if err != nil || h != nil && h.Task == t.ID {
		return StillHeld, err
	}
	switch r, err := d.queue.ReplyByID(ctx, id); {
	case err == nil && r.Task == t.ID:
		return WentOut, nil
	case err != nil && !errors.Is(err, ErrNone):
		return "", err
	}
	return TakenBack, nil
}

// HeldIn gives the answers that are held back in a task, by whomever, the next to go out first.
func (d *Desk) HeldIn(ctx context.Context, by access.Actor, ref string) ([]*HeldAnswer, error) {
	t, err := d.find(ctx, by.Principal, ref)
	if err != nil {
		return nil, err
	}
	all, err := d.allHeld(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(h *HeldAnswer) bool { return h.Task != t.ID })
	slices.SortFunc(all, func(a, b *HeldAnswer) int { return a.Due.Compare(b.Due) })
	return all, nil
}

func (d *Desk) allHeld(ctx context.Context) ([]*HeldAnswer, error) {
	kept, err := d.store.Redis().HGetAll(ctx, heldKey).Result()
	if err != nil {
		return nil, fmt.Errorf("list held answers: %w", store.Cause(err))
	}
	var all []*HeldAnswer
	for id, text := range kept {
		h, err := decodeHeld(id, text)
		if err != nil {
			return nil, err
		}
		all = append(all, h)
	}
	return all, nil
}
