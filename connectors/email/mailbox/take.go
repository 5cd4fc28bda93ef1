package mailbox

import (
	"context"
	"time"
)

// hand gives a letter to Take beside the reading. cost is what it holds of the room for bytes.
func (f *folder) hand(ctx context.Context, l Fetched, cost int64) {
	pos := f.pos
	if err := f.m.slots.Acquire(ctx, 1); err != nil {
		f.m.bytes.Release(cost)
		f.took(pos, l, err)
		return
	}
	f.takes.Go(func() {
		defer f.m.bytes.Release(cost)
		defer f.m.slots.Release(1)
		takeCtx, cancel := context.WithTimeout(ctx, takeTime)
		defer cancel()
		f.took(pos, l, f.m.take(takeCtx, l))
	})
}

// took books how a take ended.
func (f *folder) took(pos *position, l Fetched, err error) {
	defer f.nudge()
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		f.counted(l)
	}
	o := pos.Open[l.UID]
	if o == nil {
		return
	}
	o.flying = false
	f.dirty = true
	if err != nil {
		o.Tries++
		o.Next = f.m.now().Add(f.m.backoff(o.Tries - 1))
		f.refusals++
		return
	}
	delete(pos.Open, l.UID)
	if f.refusals >= houseWasAway {
		for _, o := range pos.Open {
			if !o.Alone {
				o.Next = time.Time{}
			}
		}
	}
	f.refusals = 0
	if l.Problem == "" {
		f.toMark(pos, l.UID)
	}
}

// houseWasAway is how many refusals in a row, ended by a mail that is taken, mean that all are worth another try.
const houseWasAway = 8
