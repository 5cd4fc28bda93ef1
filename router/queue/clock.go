package queue

import (
	"cmp"
	"time"
)

// warnBefore is how long before a wait is late its team is told, and never before three quarters of its time are over.
const warnBefore = 15 * time.Minute

// warnAt is when the running wait is due soon; 0 when none runs.
func (t *Task) warnAt() int64 {
	if t.Since == 0 || t.State == Closed {
		return 0
	}
	return warnOf(t.Since, t.WaitDue)
}

// warnOf is when what was promised at one instant for another is due soon; 0 when nothing was.
func warnOf(since, due int64) int64 {
	if due == 0 {
		return 0
	}
	return due - min(warnBefore.Milliseconds(), max(0, due-since)/4)
}

// resolveWarnAt is when the matter should soon be closed; 0 when it is, when nobody promised that, or no person waits for it.
func (t *Task) resolveWarnAt() int64 {
	if t.State == Closed || t.Wait == 0 {
		return 0
	}
	return warnOf(cmp.Or(t.Asked, t.Created), t.ResolveBy)
}

// timer is when something is to be done with the task that nobody asks for: to wake it, to tell that it is due soon or
// late, to let it rise, or to give it to the team. 0 for never. Claiming changes nothing of it.
func (t *Task) timer() int64 {
	at := earlier(next(t.warnAt(), t.WaitDue, t.Told), next(t.resolveWarnAt(), t.ResolveBy, t.ResolveTold))
	switch t.State {
	case Waiting:
		at = earlier(at, t.Until)
	case Queued, Claimed:
		at = earlier(earlier(at, t.LiftAt), t.LaneUntil)
	}
	return at
}

// next is when there is more to tell of something that is due, after so much was told.
func next(warn, due int64, told int) int64 {
	switch {
	case warn == 0, told == 2:
		return 0
	case told == 1:
		return due + 1 // an answer of that very instant is in time
	}
	return warn
}

func earlier(a, b int64) int64 {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
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
	told, typ := tellOf(t.warnAt(), t.WaitDue, at)
	if told <= t.Told {
		return false
	}
	t.Told = told
	e := c.event(typ)
	e.Agent, e.Wait, e.WaitSince, e.WaitDue = t.Agent, t.Wait, t.Since, t.WaitDue
	return true
}

// ofResolution is the reason of a warning that is about the resolution and not about a wait.
const ofResolution = "resolution"

// remindResolution tells that the matter should soon be closed, or should be by now, unless that was told.
func (c *change) remindResolution(at int64) bool {
	t := &c.task
	told, typ := tellOf(t.resolveWarnAt(), t.ResolveBy, at)
	if told <= t.ResolveTold {
		return false
	}
	t.ResolveTold = told
	e := c.event(typ)
	e.Agent, e.Reason, e.ResolveBy = t.Agent, ofResolution, t.ResolveBy
	return true
}

// tellOf is what there is to tell at an instant of something that is due: nothing, that it is due soon, or late.
func tellOf(warn, due, at int64) (told int, typ EventType) {
	switch {
	case warn == 0 || at < warn:
		return 0, ""
	case at > due:
		return 2, Breached
	}
	return 1, DueSoon
}

// endWait writes into e what there is to say of the wait that it ends, if one runs.
func (c *change) endWait(e *Event) {
	t := &c.task
	if t.Since == 0 {
		return
	}
	e.Wait, e.WaitSince, e.WaitDue, e.WaitEnded = t.Wait, t.Since, t.WaitDue, true
	e.PickedAt, e.HeldSince = t.PickedAt, t.heldSince()
}

// heldSince is since when the customer waits for this team.
func (t *Task) heldSince() int64 { return max(t.Since, t.TeamSince) }
