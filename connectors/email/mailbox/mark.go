package mailbox

import (
	"context"
	"slices"
	"time"
)

// Keyword is the flag that marks a mail as taken.
const Keyword = "$LoketIngested"

const (
	flagSeen  = `\Seen`
	flagAny   = `\*`
	maxMarks  = 1000 // waiting to be marked; beyond that the oldest stay unmarked
	markChunk = 200
	markPause = 5 * time.Minute
)

// flagFor is the flag to set, given what the server keeps.
func flagFor(done string, permanent []string) string {
	if done == doneKeyword && (slices.Contains(permanent, flagAny) || slices.Contains(permanent, Keyword)) {
		return Keyword
	}
	return flagSeen
}

// toMark notes a mail that was taken. f.mu is held.
func (f *folder) toMark(pos *position, uid uint32) {
	if f.role != plain || f.m.cfg.Done == doneNone {
		return
	}
	pos.Marks = append(pos.Marks, uid)
	if over := len(pos.Marks) - maxMarks; over > 0 {
		pos.Marks = slices.Delete(pos.Marks, 0, over)
		f.state.Unmarked += over
	}
}

// mark marks or moves what was taken. A refusal never stops reading: marks wait, and are kept over restarts. An
// error means that the connection is over.
func (f *folder) mark(ctx context.Context, c *conn) error {
	if f.m.now().Before(f.markFrom) {
		return nil
	}
	for ctx.Err() == nil {
		uids := f.marks()
		if len(uids) == 0 {
			return nil
		}
		err := f.markThese(c, uids)
		if err != nil && !answered(err) {
			return err
		}
		if err == nil {
			f.marked(uids, false)
			if !f.markFrom.IsZero() {
				f.markFrom = time.Time{}
				f.well("mails are marked again")
			}
			continue
		}
		if !f.markSingly(c, uids) {
			f.tell(err, "mails that were taken are not marked")
			f.markFrom = f.m.now().Add(markPause)
			return nil
		}
	}
	return nil
}

// markSingly finds the mails that spoil a batch and lets go of them; not ok when none can be marked.
func (f *folder) markSingly(c *conn, uids []uint32) (ok bool) {
	var spoilt []uint32
	for _, uid := range uids {
		if err := f.markThese(c, []uint32{uid}); err != nil {
			spoilt = append(spoilt, uid)
		} else {
			f.marked([]uint32{uid}, false)
			ok = true
		}
		if len(spoilt) >= 3 && !ok || !c.alive() {
			return ok && c.alive()
		}
	}
	if ok {
		f.marked(spoilt, true)
	}
	return ok
}

func (f *folder) markThese(c *conn, uids []uint32) error {
	if target, moves := f.m.cfg.moveTo(); moves {
		return c.move(uids, target)
	}
	return c.mark(uids, f.keyword)
}

func (f *folder) marks() []uint32 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.pos.Marks[:min(len(f.pos.Marks), markChunk)])
}

func (f *folder) marked(uids []uint32, spoilt bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pos.Marks = slices.DeleteFunc(f.pos.Marks, func(uid uint32) bool { return slices.Contains(uids, uid) })
	f.dirty = true
	if spoilt {
		f.state.Unmarked += len(uids)
	}
}
