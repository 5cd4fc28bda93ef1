package desk

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"loket/desk/access"
	"loket/internal/message"
	"loket/internal/store"
	"loket/router/queue"
)

// goingLasts is how long whoever gives an answer to the queue has for it; after that somebody else does.
const goingLasts = 5 * time.Second

// Undo takes back an answer that is held back; its text and its files stand in its author's box again, before what was written there
// since: as it is kept, or as the edit box says, whose savings that are on their way come too late then. ErrWentOut when it is too late:
// it never goes out after it was taken back. Only its author may.
func (d *Desk) Undo(ctx context.Context, by access.Actor, ref, id string, box Edit) error {
	if err := box.mistakes(); err != nil {
		return err
	}
	h, kept, err := d.ownHeld(ctx, by, ref, id)
	if err != nil {
		return err
	}
	const tries = 20
	for range tries {
		u, was, sent, err := d.readUnfinished(ctx, h.Task, h.Agent)
		if err != nil {
			return err
		}
		if box.Text != nil {
			u.Text = *box.Text
		}
		gone := u.takeBack(h)
		u.Rev, u.At = u.Rev+1, d.now().UTC()
		var tx store.Tx
		tx.IfField(heldKey, h.ID, kept)
		tx.IfField(unfinishedKey(h.Agent), h.Task, was)
		tx.IfField(unfinishedKey(h.Agent), sentField(h.Task), sent)
		tx.MakeRoom()
		tx.DelField(heldKey, h.ID)
		tx.ZRem(heldOrderKey, h.ID)
		d.putUnfinished(&tx, h.Task, h.Agent, &u)
		if box.Key != "" {
			tx.SetField(unfinishedKey(h.Agent), sentField(h.Task), box.Key)
		}
		done, err := d.store.Commit(ctx, &tx)
		if done {
			d.dropStaged(ctx, h.Task, h.Agent, gone)
		}
		if err != nil || done {
			return err
		}
		if h, kept, err = d.ownHeld(ctx, by, ref, id); err != nil {
			return err
		}
	}
	return fmt.Errorf("undo answer: %w", ErrBusy)
}

// takeBack puts an answer that was not sent back into the box, before what was written there since; it gives the files that there is no room
// for. Doing it again changes nothing.
func (u *Unfinished) takeBack(h *HeldAnswer) (gone []message.Attachment) {
	text := h.Message.Text
	switch since := strings.TrimSpace(u.Text); {
	case since == "" || since == strings.TrimSpace(text):
		u.Text = text
	case strings.TrimSpace(text) != "" && !strings.HasPrefix(u.Text, text+"\n\n"):
		u.Text = text + "\n\n" + u.Text
	}
	u.Via, u.Draft = h.Via, h.Draft
	u.Files, gone = changeFiles(h.Message.Attachments, u.Files, nil)
	return gone
}

// ownHeld gives an answer of the person's own that is held back in a task, and how it is kept. ErrWentOut when it is not any more.
func (d *Desk) ownHeld(ctx context.Context, by access.Actor, ref, id string) (*HeldAnswer, string, error) {
	t, agent, err := d.writes(ctx, by, ref)
	if err != nil {
		return nil, "", err
	}
	h, kept, err := d.readHeld(ctx, id)
	switch {
	case err != nil:
		return nil, "", err
	case h != nil && (h.Task != t.ID || h.Agent != agent):
		return nil, "", fmt.Errorf("held answer: %w", ErrNotFound)
	case h == nil || h.Going:
		return nil, "", ErrWentOut
	}
	return h, kept, nil
}

// SendNow lets an answer that is held back go out. What was sent already stays so. ErrConflict when it did not go out: it was taken back, or
// refused.
func (d *Desk) SendNow(ctx context.Context, by access.Actor, ref, id string) error {
	_, _, err := d.ownHeld(ctx, by, ref, id)
	if err == nil {
		err = d.sendHeld(ctx, id)
	}
	if err != nil && !errors.Is(err, ErrWentOut) {
		return err
	}
	state, err := d.HeldState(ctx, by, ref, id)
	if err == nil && state == TakenBack {
		err = fmt.Errorf("send answer now: %w", ErrConflict)
	}
	return err
}

// SendHeld gives to the queue what was held back for long enough, and tells how many answers that were. Any process may at any time: an
// answer goes out once, by its key.
func (d *Desk) SendHeld(ctx context.Context) (int, error) {
	now, _, err := d.store.Load(ctx)
	if err != nil {
		return 0, err
	}
	ids, err := d.store.Redis().ZRangeArgs(ctx, redis.ZRangeArgs{
		Key: heldOrderKey, ByScore: true, Start: "-inf", Stop: strconv.FormatInt(now.UnixMilli(), 10), Count: 100,
	}).Result()
	if err != nil {
		return 0, fmt.Errorf("look for held answers: %w", store.Cause(err))
	}
	var errs []error
	for _, id := range ids {
		errs = append(errs, d.sendHeld(ctx, id))
	}
	return len(ids), errors.Join(errs...)
}

// sendHeld gives one answer to the queue. It is marked first: from then on it cannot be taken back, and whoever finds it so marked later
// goes on with it.
func (d *Desk) sendHeld(ctx context.Context, id string) error {
	h, kept, err := d.readHeld(ctx, id)
	if err != nil {
		return err
	}
	if h == nil {
		return d.unlistHeld(ctx, id)
	}
	now, _, err := d.store.Load(ctx)
	if err != nil {
		return err
	}
	h.Going = true
	going := h.encode()
	var tx store.Tx
	tx.IfField(heldKey, id, kept)
	tx.MakeRoom()
	tx.SetField(heldKey, id, going)
	tx.ZAdd(heldOrderKey, now.Add(goingLasts).UnixMilli(), id)
	if done, err := d.store.Commit(ctx, &tx); err != nil || !done { // else its author or another process was faster
		return err
	}
	d.step("held-going")
	if err := d.giveHeld(ctx, h); err != nil {
		return fmt.Errorf("send held answer of task %s: %w", h.Task, err)
	}
	d.step("held-given")
	_, err = d.endHeld(ctx, id, going)
	return err
}

// giveHeld gives an answer to the queue, or keeps it as a draft when it is too late for it.
func (d *Desk) giveHeld(ctx context.Context, h *HeldAnswer) error {
	who := queue.Actor{Agent: h.Agent, Lease: h.Lease, Seen: h.Seen}
	answer := queue.Answer{Key: h.Key, Message: h.Message, Close: h.Close, Outcome: h.Outcome, Whom: h.Whom}
	if h.Begins != nil {
		if err := d.begin(ctx, h.Task, h.Begins); err != nil {
			return err
		}
	}
	_, _, err := d.queue.Reply(ctx, h.Task, who, answer)
	refused := (*Refusal)(nil)
	switch {
	case err == nil:
		return d.dropSentDraft(ctx, h)
	case errors.Is(err, ErrNone): // the task is no more
		return nil
	case isLate(err), errors.As(err, &refused), errors.Is(err, ErrConflict):
		return d.heldRefused(ctx, h, answer, d.unseen(ctx, err))
	}
	return err
}

// dropSentDraft drops what an answer was kept as when it was refused before it was sent.
func (d *Desk) dropSentDraft(ctx context.Context, h *HeldAnswer) error {
	if h.Draft == "" {
		return nil
	}
	k, err := d.queue.DropDraft(ctx, h.Task, h.Draft)
	if errors.Is(err, ErrNoDraft) {
		return nil
	}
	if err == nil {
		err = d.dropDraftFiles(ctx, h.Task, k)
	}
	return err
}

// heldRefused keeps an answer that could not go out: as a draft with the task, and in its author's box, unless they write something else
// there by now. Without a draft it goes before what they write: it always stands somewhere. An error means that it is to be tried again.
func (d *Desk) heldRefused(ctx context.Context, h *HeldAnswer, answer queue.Answer, why error) error {
	draft := h.Draft
	kept, notKept := d.putDraft(ctx, h.Task, h.Agent, h.Via, answer, why)
	switch {
	case notKept == nil:
		draft = kept.ID
	case errors.Is(notKept, ErrNone): // the task is no more
		return nil
	case IsAway(notKept), errors.Is(notKept, ErrBusy):
		return notKept
	default:
		d.log.Warn("answer that could not go out is kept in its author's box only", zap.String("task", h.Task), zap.Error(notKept))
	}
	var gone []message.Attachment
	_, err := d.changeUnfinished(ctx, h.Task, h.Agent, func(u *Unfinished, _ *string) bool {
		gone = nil
		u.Why = InWords(why)
		if notKept != nil || strings.TrimSpace(u.Text) == "" {
			gone = u.takeBack(h)
			u.Draft = draft
		}
		return true
	})
	if err == nil {
		d.dropStaged(ctx, h.Task, h.Agent, gone)
	}
	return err
}

// endHeld takes an answer out that was seen to, and tells whether it was still as it was kept.
func (d *Desk) endHeld(ctx context.Context, id, kept string) (bool, error) {
	var tx store.Tx
	tx.IfField(heldKey, id, kept)
	tx.DelField(heldKey, id)
	tx.ZRem(heldOrderKey, id)
	done, err := d.store.Commit(ctx, &tx)
	if err != nil {
		return false, fmt.Errorf("end held answer: %w", err)
	}
	return done, nil
}

// unlistHeld takes out what has a place and is not there.
func (d *Desk) unlistHeld(ctx context.Context, id string) error {
	var tx store.Tx
	tx.IfField(heldKey, id, "")
	tx.ZRem(heldOrderKey, id)
	_, err := d.store.Commit(ctx, &tx)
	return err
}

// ForgetHeld drops answers that are held back, with their files, and tells whether there were any; busy that one is being sent or taken
// back this moment. Doing it again is harmless.
func (d *Desk) ForgetHeld(ctx context.Context, theirs func(*message.Message) bool) (went, busy bool, err error) {
	all, err := d.allHeld(ctx)
	if err != nil {
		return false, false, err
	}
	for _, h := range all {
		if !theirs(h.Message) {
			continue
		}
		if h.Going {
			busy = true
			continue
		}
		was, kept, err := d.readHeld(ctx, h.ID)
		if err != nil {
			return went, busy, err
		}
		if was == nil || was.Going {
			busy = true
			continue
		}
		done, err := d.endHeld(ctx, h.ID, kept)
		if err != nil {
			return went, busy, err
		}
		if !done { // its author took it back, or it goes out: its files are needed
			busy = true
			continue
		}
		if err := d.DropFiles(ctx, h.Message); err != nil {
			return went, busy, err
		}
		went = true
	}
	return went, busy, nil
}

// checkHeld looks whether each answer that is held back has its place in the order, and nothing else has one.
func (d *Desk) checkHeld(ctx context.Context) ([]string, error) {
	answers, err := d.store.Redis().HKeys(ctx, heldKey).Result()
	if err != nil {
		return nil, fmt.Errorf("check held answers: %w", store.Cause(err))
	}
	var broken []string
	for _, id := range answers {
		err := d.store.Redis().ZScore(ctx, heldOrderKey, id).Err()
		if errors.Is(err, redis.Nil) {
			if h, _, err := d.readHeld(ctx, id); err != nil || h != nil { // it may have gone out between the two
				broken = append(broken, fmt.Sprintf("the answer %s is held back and nobody sees to it", id))
			}
		} else if err != nil {
			return nil, fmt.Errorf("check held answers: %w", store.Cause(err))
		}
	}
	return broken, nil
}
