package queue

import "time"

// warnBefore is how long before a wait is late its team is told, and never before three quarters of its time are over.
const warnBefore = 15 * time.Minute

// warnAt is when the running wait is due soon; 0 when none runs.
func (t *Task) warnAt() int64 {
	if t.Since == 0 || t.WaitDue == 0 || t.State == Closed {
		return 0
	}
	return t.WaitDue - min(warnBefore.Milliseconds(), max(0, t.WaitDue-t.Since)/4)
}

// timer is when something is to be done with the task that nobody asks for: to wake it, or to tell that it is due soon
// or late. 0 for never.
func (t *Task) timer() int64 {
	var at int64
	if t.State == Waiting {
		at = t.Until
	}
	warn := t.warnAt()
	switch {
	case warn == 0, t.Told == 2:
		return at
	case t.Told == 1:
		warn = t.WaitDue + 1 // an answer of that very instant is in time
	}
	if at == 0 || warn < at {
		return warn
	}
	return at
}

// missed tells that the wait that ends at an instant is late, if it is and that was not told: nothing late is missed
// between two looks of the reaper.
func (c *change) missed(at int64) {
	if at > c.task.WaitDue {
		c.remind(at)
	}
}

// remind tells that the running wait is due soon or late at an instant, unless that was told.
func (c *change) remind(at int64) bool {
	t := &c.task
	warn, told, typ := t.warnAt(), t.Told, EventType("")
	switch {
	case warn == 0:
		return false
	case at > t.WaitDue:
		told, typ = 2, Breached
	case at >= warn:
		told, typ = 1, DueSoon
	}
	if told <= t.Told {
		return false
	}
	t.Told = told
	e := c.event(typ)
	e.Agent, e.Wait, e.WaitSince, e.WaitDue = t.Agent, t.Wait, t.Since, t.WaitDue
	return true
}

// endWait writes into e what there is to say of the wait that it ends, if one runs.
func (c *change) endWait(e *Event) {
	t := &c.task
	if t.Since == 0 {
		return
	}
	e.Wait, e.WaitSince, e.WaitDue, e.WaitEnded = t.Wait, t.Since, t.WaitDue, true
	e.PickedAt, e.PickedFrom, e.HeldSince = t.PickedAt, t.PickedFrom, t.heldSince()
}

// heldSince is since when the customer waits for this team.
func (t *Task) heldSince() int64 { return max(t.Since, t.TeamSince) }
