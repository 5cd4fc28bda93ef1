package mailbox

import (
	"context"
	"math"
	"slices"
)

// What one step of reading holds.
const (
	metaChunk  = 200     // mails whose sizes are asked for at once
	batchBytes = 1 << 20 // of mail fetched by one command, unless one mail is larger
	maxOpen    = 256     // mails not taken; with more, nothing new is read
	slack      = 4 << 10 // how much larger than its size a mail may come: servers count line ends in their own way
)

// readNew reads what lies beyond the position, oldest first.
func (f *folder) readNew(ctx context.Context, c *conn) error {
	for ctx.Err() == nil && !f.full() {
		q := f.query()
		uids, err := c.search(q)
		if err != nil {
			return err
		}
		if len(uids) == 0 || q.from == math.MaxUint32 {
			if q.to == 0 {
				return nil
			}
			f.pass(q.to)
			continue
		}
		for chunk := range slices.Chunk(uids, metaChunk) {
			if f.full() {
				return nil
			}
			if err := f.read(ctx, c, chunk); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// readAgain reads what is due of that which was not taken or not to be had.
func (f *folder) readAgain(ctx context.Context, c *conn) error {
	f.mu.Lock()
	together, alone := f.pos.due(f.m.now())
	f.mu.Unlock()
	for chunk := range slices.Chunk(together, metaChunk) {
		if err := f.read(ctx, c, chunk); err != nil {
			return err
		}
	}
	return f.readSuspects(ctx, c, alone)
}

// read fetches mails in batches and hands them over; what does not come becomes a suspect.
func (f *folder) read(ctx context.Context, c *conn, uids []uint32) error {
	metas, err := c.metas(uids)
	if err != nil && !answered(err) {
		if !c.cut(err) {
			f.suspect(uids, true) // an answer about one of these cannot be understood
		}
		return err
	}
	for len(uids) > 0 {
		n := f.batch(uids, metas)
		if err := f.readBatch(ctx, c, uids[:n], metas); err != nil {
			return err
		}
		if err := f.mark(ctx, c); err != nil {
			return err
		}
		f.keep(ctx)
		uids = uids[n:]
	}
	return nil
}

// batch is how many of uids go into one command. A mail over the limit goes alone.
func (f *folder) batch(uids []uint32, metas map[uint32]meta) int {
	total := int64(0)
	for i, uid := range uids[:min(len(uids), f.m.cfg.Batch)] {
		size := metas[uid].size
		total += size
		if i > 0 && (total > batchBytes || size > f.m.cfg.MaxSize) {
			return i
		}
		if size > f.m.cfg.MaxSize {
			return 1
		}
	}
	return min(len(uids), f.m.cfg.Batch)
}

func (f *folder) readBatch(ctx context.Context, c *conn, uids []uint32, metas map[uint32]meta) error {
	uids = f.leaveOut(uids, metas)
	if len(uids) == 0 {
		return nil
	}
	limits, total := f.limits(uids, metas)
	room := min(total, f.m.room)
	if err := f.m.bytes.Acquire(ctx, room); err != nil {
		return err
	}
	p := part{}
	if len(uids) == 1 && metas[uids[0]].size > f.m.cfg.MaxSize {
		p.first = f.m.cfg.MaxSize
	}
	var letters []Fetched
	err := c.bodies(uids, p, limits, func(uid uint32, b body) {
		if len(uids) > 1 && b.size > int64(len(b.raw)) {
			return // larger than the server had said: alone there is room for it
		}
		letters = append(letters, f.letter(uid, metas[uid], p, b))
	})
	came := make(map[uint32]bool, len(letters))
	for _, l := range letters {
		came[l.UID] = true
	}
	f.booked(uids, came, metas, err == nil || answered(err), len(letters) == 0 || !c.cut(err))
	for _, l := range letters {
		cost := min(limits(l.UID), room)
		room -= cost
		f.hand(ctx, l, cost)
	}
	f.m.bytes.Release(room)
	if err != nil && !answered(err) {
		return err
	}
	return nil
}

// limits gives how many bytes of each mail are read, and of all together.
func (f *folder) limits(uids []uint32, metas map[uint32]meta) (func(uint32) int64, int64) {
	of := make(map[uint32]int64, len(uids))
	most, total := int64(0), int64(0)
	for _, uid := range uids {
		limit := f.m.cfg.MaxSize
		if is, known := metas[uid]; known && is.size > 0 {
			limit = min(limit, is.size+is.size/8+slack)
		} else if len(uids) > 1 {
			limit = min(limit, 64<<10) // more of it alone
		}
		of[uid] = limit
		most = max(most, limit)
		total += limit
	}
	return func(uid uint32) int64 {
		if limit, ok := of[uid]; ok {
			return limit
		}
		return most // the server has not said yet which mail this is
	}, total
}

func (f *folder) letter(uid uint32, is meta, p part, b body) Fetched {
	return Fetched{
		Folder: f.name, UID: uid, UIDValidity: f.pos.Validity, Received: is.received,
		Raw: b.raw, Size: max(is.size, b.size),
		Cut:  b.size > int64(len(b.raw)) || p.first > 0 && b.size >= p.first && is.size != b.size,
		Junk: f.role == junk, Sent: f.role == sent,
	}
}

// leaveOut takes away what arrived before the instant from which this folder is read.
func (f *folder) leaveOut(uids []uint32, metas map[uint32]meta) []uint32 {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept := make([]uint32, 0, len(uids))
	for _, uid := range uids {
		if f.pos.tooOld(uid, metas[uid].received) {
			delete(f.pos.Open, uid)
			continue
		}
		kept = append(kept, uid)
	}
	if len(kept) == 0 {
		f.advance(uids[len(uids)-1])
	}
	return kept
}

// booked writes down what became of a batch, before any of it is handed over: what came is on its way, the rest is
// tried again, alone when it may be the reason that not all came.
func (f *folder) booked(uids []uint32, came map[uint32]bool, metas map[uint32]meta, alive, culprit bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.m.now()
	for _, uid := range uids {
		o := f.pos.Open[uid]
		if o == nil {
			o = &open{}
			f.pos.Open[uid] = o
		}
		if received := metas[uid].received; !received.IsZero() {
			o.Received = received
			if received.After(f.pos.Newest) && !received.After(now) {
				f.pos.Newest = received
			}
		}
		o.flying = came[uid]
		o.Alone = o.Strikes > 0 || !came[uid] && (alive || culprit)
		if came[uid] {
			f.moved, f.good = true, now
		}
	}
	f.advance(uids[len(uids)-1])
}

// suspect makes each of uids be fetched by itself.
func (f *folder) suspect(uids []uint32, alone bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, uid := range uids {
		if f.pos.Open[uid] == nil {
			f.pos.Open[uid] = &open{}
		}
		f.pos.Open[uid].Alone = alone
	}
	f.advance(uids[len(uids)-1])
}

// advance notes that everything up to uid was dealt with or is open. f.mu is held.
func (f *folder) advance(uid uint32) {
	f.pos.High = max(f.pos.High, uid)
	f.dirty = true
}

func (f *folder) pass(uid uint32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.advance(uid)
}

func (f *folder) query() query {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := f.pos.Until
	keyword := ""
	if f.keyword == Keyword {
		keyword = Keyword // others set \Seen too
	}
	q := f.pos.query(keyword)
	f.dirty = f.dirty || f.pos.Until != before
	return q
}

// full tells that so much is not taken that reading on makes no sense: the daemon is not taking anything.
func (f *folder) full() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, o := range f.pos.Open {
		if !o.flying {
			n++
		}
	}
	return n >= maxOpen
}
