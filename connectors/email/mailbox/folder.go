package mailbox

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"go.uber.org/zap"

	"loket/internal/field"
)

// A role is what a folder is to us.
type role int

const (
	plain role = iota
	junk
	sent
)

// A folder is read by one goroutine, which owns its connection. Takes run beside it and outlive connections.
type folder struct {
	m    *Mailbox
	name string
	role role
	log  *zap.Logger

	takes   sync.WaitGroup
	changed chan struct{} // a take has ended

	// Of the goroutine that reads.
	keyword  string // the flag that marks what was taken, as the server lets us; "" for none
	lastTold string
	markFrom time.Time // no marking before
	unsaved  bool      // the last save failed

	mu       sync.Mutex
	pos      *position
	dirty    bool      // pos differs from what the cursor has
	moved    bool      // a mail was read since it was last asked
	refusals int       // takes that failed in a row
	good     time.Time // when a body came last
	state    FolderState
}

func newFolder(m *Mailbox, name string, r role) *folder {
	return &folder{
		m: m, name: name, role: r, log: m.log.With(zap.String("folder", name)),
		changed: make(chan struct{}, 1), state: FolderState{Name: name},
	}
}

// errConfig marks what only another configuration can mend.
var errConfig = errors.New("configuration")

func (f *folder) run(ctx context.Context) error {
	defer f.finish(ctx)
	for tries := 0; ctx.Err() == nil; {
		err := f.session(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errConfig):
			f.fell(err, true)
			return err
		}
		wait := f.m.backoff(tries)
		tries++
		if f.advanced() {
			// A connection that brought something was a good one: its end is everyday.
			wait, tries = f.m.backoff(0), 1
		}
		if errors.Is(err, errSignIn) {
			wait = f.m.slow()
		}
		f.fell(err, tries > 1)
		sleep(ctx, wait)
	}
	return nil
}

// finish waits for the takes and keeps what they brought, so that less is read twice.
func (f *folder) finish(ctx context.Context) {
	f.takes.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	f.keep(last)
}

// session is one connection, from signing in to its end, which always is an error.
func (f *folder) session(ctx context.Context) error {
	if err := f.load(ctx); err != nil {
		return err
	}
	c, err := f.m.dial(ctx)
	if err != nil {
		return err
	}
	defer c.close()
	if f.m.refused.Swap(false) {
		f.log.Info("mailbox lets us in again")
	}
	b, err := f.open(c)
	if err != nil {
		return err
	}
	f.locate(b)
	f.stands()
	return f.serve(ctx, c)
}

// load reads the position that the last process left.
func (f *folder) load(ctx context.Context) error {
	if f.pos != nil {
		return nil
	}
	text, err := f.m.cursor.Load(ctx, f.m.cursorKey(f.name))
	if err != nil || text == "" {
		return err
	}
	p, err := decodePosition(text)
	if err != nil {
		f.log.Error("position is unreadable, folder is read as on a first run", zap.Error(err))
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pos = p
	return nil
}

// open selects the folder and finds out how mails can be marked.
func (f *folder) open(c *conn) (box, error) {
	marks := f.role == plain && f.m.cfg.Done != doneNone
	b, err := c.open(f.name, !marks)
	if err != nil {
		return box{}, err
	}
	if b.next == 0 || f.pos != nil && b.validity == f.pos.Validity && b.next <= f.pos.High {
		if err := f.ascertain(c, &b); err != nil {
			return box{}, err
		}
	}
	f.keyword = ""
	if !marks {
		return b, nil
	}
	if _, moves := f.m.cfg.moveTo(); moves {
		if !c.canMove() {
			return box{}, fmt.Errorf("%w: %w", errConfig, field.Errorf("done", "must be keyword, seen or none: this server can neither MOVE nor expunge single mails (UIDPLUS)"))
		}
		return b, nil
	}
	f.keyword = flagFor(f.m.cfg.Done, b.flags)
	return b, nil
}

// ascertain looks for the last mail, where the server does not say what the next one's UID is, or what cannot be.
func (f *folder) ascertain(c *conn, b *box) error {
	from := uint32(1)
	if f.pos != nil && b.validity == f.pos.Validity {
		from = max(1, f.pos.High)
	}
	b.guessed = b.next == 0
	b.next = max(b.next, 1)
	for {
		uids, err := c.search(query{from: from})
		if err != nil || len(uids) == 0 {
			return err
		}
		from = uids[len(uids)-1]
		b.next = max(b.next, from+min(1, math.MaxUint32-from))
		if len(uids) < maxFound {
			return nil
		}
	}
}

// locate relates the position to the folder as it is now.
func (f *folder) locate(b box) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.pos == nil:
		f.pos, f.dirty = begin(b, f.m.now(), f.m.cfg.First), true
		f.log.Info("folder is read for the first time", zap.Time("since", f.pos.Floor))
	case f.pos.Validity != b.validity, !b.guessed && b.next <= f.pos.High:
		// Numbers that were given out before are given out again: a mailbox that was restored, with all it had.
		f.pos, f.dirty = f.pos.renumber(b, f.m.now()), true
		f.log.Warn("server renumbered the folder, it is read again by date", zap.Time("since", f.pos.Since))
	}
}

// serve reads what there is, then waits for more, until the connection ends.
func (f *folder) serve(ctx context.Context, c *conn) error {
	for {
		if err := c.noop(); err != nil {
			return err
		}
		if err := f.readNew(ctx, c); err != nil {
			return err
		}
		if err := f.readAgain(ctx, c); err != nil {
			return err
		}
		f.settle(ctx)
		if err := f.mark(ctx, c); err != nil {
			return err
		}
		f.keep(ctx)
		if err := f.wait(ctx, c); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// settle gives the takes a moment to end, so that the connection does not go to sleep for an instant.
func (f *folder) settle(ctx context.Context) {
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	for f.flying() > 0 {
		select {
		case <-f.changed:
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// wait returns when there may be something to do.
func (f *folder) wait(ctx context.Context, c *conn) error {
	select {
	case <-f.changed: // of takes that are counted already, if nothing below says otherwise
	default:
	}
	most, ok := f.rest()
	if !ok {
		return nil
	}
	if f.m.cfg.Idle && c.canIdle() {
		f.rests(true)
		return c.idle(ctx, f.changed, most)
	}
	f.rests(false)
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-f.changed:
	case <-c.wake:
	case <-c.imap.Closed():
	case <-ctx.Done():
	}
	return nil
}

// rest is how long there is nothing to do, not ok when there is something now.
func (f *folder) rest() (most time.Duration, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dirty && !f.unsaved && f.pos.flying() == 0 {
		return 0, false
	}
	most = min(f.m.cfg.Poll, f.m.idleFor)
	if at := f.pos.next(); !at.IsZero() {
		most = min(most, max(at.Sub(f.m.now()), time.Millisecond))
	}
	return most, true
}

func (f *folder) rests(idle bool) {
	if f.m.waiting != nil {
		f.m.waiting(f.name, idle)
	}
}

// keep saves the position. When that fails it is tried again with the next change: mails that were taken meanwhile
// may be read twice after a crash, never not at all.
func (f *folder) keep(ctx context.Context) {
	f.mu.Lock()
	if f.pos == nil || !f.dirty {
		f.mu.Unlock()
		return
	}
	text, err := f.pos.encode()
	f.dirty = false
	f.mu.Unlock()
	if err == nil {
		saveCtx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		err = f.m.cursor.Save(saveCtx, f.m.cursorKey(f.name), text)
	}
	if err == nil {
		if f.unsaved {
			f.unsaved = false
			f.well("position is saved again")
		}
		return
	}
	f.unsaved = true
	f.mu.Lock()
	f.dirty = true
	f.mu.Unlock()
	if ctx.Err() == nil {
		f.tell(err, "position is not saved")
	}
}

func (f *folder) flying() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pos.flying()
}

// advanced tells whether a mail was read since it was last asked.
func (f *folder) advanced() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	was := f.moved
	f.moved = false
	return was
}

func (f *folder) nudge() {
	select {
	case f.changed <- struct{}{}:
	default:
	}
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
