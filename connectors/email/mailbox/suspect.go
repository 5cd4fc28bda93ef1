package mailbox

import (
	"cmp"
	"context"
	"slices"
	"time"

	"go.uber.org/zap"
)

// A mail that did not come with others is a suspect: it is fetched by itself, after everything else, so that it can
// end the connection for nobody but itself. Every failure is a strike, and strikes decide how little is still asked
// for. A network that was cut says little about the mail, an answer that cannot be understood says much. But only
// when other mails came meanwhile, or hours have passed, is it the mail and not the server that is broken.
const (
	parkAfter  = 10 * time.Minute // a suspect is given up when others came since
	parkAnyway = 6 * time.Hour    // or when none did

	strikeCut   = 1
	strikeWrong = 3

	noMetaFrom   = 6  // strikes from which size and time are no longer asked for
	headerFrom   = 9  // only the header
	nothingFrom  = 12 // nothing: it is handed over as it is, with the problem
	maxSuspects  = 50 // looked at before new mail is looked for
	headerLimit  = 1 << 20
	problemGiven = "mail cannot be fetched from the mailbox"
)

// readSuspects tries mails one by one, those with fewer strikes first.
func (f *folder) readSuspects(ctx context.Context, c *conn, uids []uint32) error {
	slices.SortStableFunc(uids, func(a, b uint32) int { return cmp.Compare(f.strikes(a), f.strikes(b)) })
	for _, uid := range uids[:min(len(uids), maxSuspects)] {
		err := f.readAlone(ctx, c, uid)
		f.keep(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// readAlone asks for as much of a mail as its strikes allow. An error means that the connection is over.
func (f *folder) readAlone(ctx context.Context, c *conn, uid uint32) error {
	strikes, is := f.known(uid)
	if strikes < noMetaFrom {
		metas, err := c.metas([]uint32{uid})
		if err != nil && !answered(err) {
			f.strike(uid, c.cut(err))
			return err
		}
		if m, ok := metas[uid]; ok {
			is = m
		}
	}
	if len(f.leaveOut([]uint32{uid}, map[uint32]meta{uid: is})) == 0 {
		return nil
	}
	room := min(f.m.cfg.MaxSize, f.m.room)
	if err := f.m.bytes.Acquire(ctx, room); err != nil {
		return err
	}
	letter, err := f.fetchAlone(c, uid, strikes, is)
	cost := int64(0)
	if letter != nil {
		cost = min(room, int64(len(letter.Raw)))
	}
	f.m.bytes.Release(room - cost)
	if letter == nil {
		return err
	}
	f.booked([]uint32{uid}, map[uint32]bool{uid: true}, map[uint32]meta{uid: is}, true, false)
	f.hand(ctx, *letter, cost)
	return nil
}

// fetchAlone gives the letter, the problem in place of it when nothing more is to be hoped for, or none: then the
// mail is tried again or gone. An error means that the connection is over.
func (f *folder) fetchAlone(c *conn, uid uint32, strikes int, is meta) (*Fetched, error) {
	p, limit := part{}, f.m.cfg.MaxSize
	switch {
	case strikes >= headerFrom:
		p.header, limit = true, min(limit, headerLimit)
	case strikes >= noMetaFrom || is.size > limit:
		p.first = limit
	}
	var letter *Fetched
	if strikes < nothingFrom {
		err := c.bodies([]uint32{uid}, p, func(uint32) int64 { return limit }, func(uid uint32, b body) {
			l := f.letter(uid, is, p, b)
			letter = &l
		})
		if letter == nil && err != nil && !answered(err) {
			f.strike(uid, c.cut(err))
			return nil, err
		}
	}
	if letter == nil {
		there, err := c.search(query{from: uid, to: uid})
		switch {
		case err != nil:
			return nil, err // not even this: it is the server
		case len(there) == 0:
			f.forget(uid) // deleted meanwhile
			return nil, nil
		case strikes < headerFrom:
			f.strike(uid, false)
			return nil, nil
		}
		l := f.letter(uid, is, p, body{})
		letter = &l
	}
	if strikes >= headerFrom {
		letter.Problem, letter.Cut, letter.Size = problemGiven, true, is.size
		f.log.Warn("mail cannot be fetched, what was readable is handed on", zap.Uint32("uid", uid))
	}
	return letter, nil
}

func (f *folder) strikes(uid uint32) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if o := f.pos.Open[uid]; o != nil {
		return o.Strikes
	}
	return 0
}

// known is what earlier tries learnt of a mail.
func (f *folder) known(uid uint32) (strikes int, is meta) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if o := f.pos.Open[uid]; o != nil {
		return o.Strikes, meta{received: o.Received}
	}
	return 0, meta{}
}

// strike notes a failure that is laid at the mail's door.
func (f *folder) strike(uid uint32, cut bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	o := f.pos.Open[uid]
	if o == nil {
		return
	}
	if cut {
		o.Strikes += strikeCut
	} else {
		o.Strikes += strikeWrong
	}
	now := f.m.now()
	if o.Since.IsZero() {
		o.Since = now
	}
	age := now.Sub(o.Since)
	if !(age >= f.m.parkAfter && f.good.After(o.Since)) && age < f.m.parkAnyway {
		o.Strikes = min(o.Strikes, headerFrom-1)
	}
	o.Alone = true
	o.Next = now.Add(f.m.backoff(o.Tries))
	o.Tries++
	f.dirty = true
}

func (f *folder) forget(uid uint32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.pos.Open, uid)
	f.dirty = true
}
